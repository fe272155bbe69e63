import { createHash } from 'node:crypto';
import type { ConceptId, ObjectId, RunId } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange, Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { MemoryPolicyName, TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { PromptRecord, RunRecord, SessionWriter, SettingValue, Snapshot } from '../../store/index.ts';
import { resolveRange } from './resolve-range.ts';
import { runLength } from './run-length.ts';
import { noteTracked, type Owner, ownerOf, promptsByOwner, type Said, saidOf } from './tracked-prompts.ts';

/** Everything that decides the result of a run, besides the prompts. */
export interface RunWish {
  readonly packId: string;
  readonly packHash: string;
  readonly provider: string;
  readonly appVersion: string;
  readonly range: { readonly first: number | null; readonly last: number | null };
  readonly direction: Direction;
  readonly policy: TrackingPolicyName;
  readonly memoryPolicy: MemoryPolicyName | null;
  readonly resume: boolean;
}

export type RunPlan =
  | { readonly kind: 'up-to-date' }
  | {
      readonly kind: 'run';
      readonly runId: RunId;
      readonly range: FrameRange;
      readonly direction: Direction;
      /** In order of creation. */
      readonly prompts: readonly Prompt[];
      /** The same prompts by round: those of one are answered together, a later one corrects the answer. */
      readonly rounds: readonly (readonly Prompt[])[];
      readonly concepts: readonly { readonly conceptId: ConceptId; readonly phrase: string }[];
      readonly objectIds: readonly ObjectId[];
      readonly nextObjectId: number;
      readonly resume: Snapshot | null;
      readonly resumedFrames: number;
      /** Prompts left out because none of their object's frames lies in the range. */
      readonly notes: readonly string[];
    };

type Signatures = Readonly<Record<string, string>>;

const FRESH_KEY = 'fresh';

/**
 * Decides what has to run and opens the run: only objects and concepts whose prompts, pack, policies or range changed since
 * they were last tracked. Throws `no-prompts`, `range-invalid`, `session-mismatch`.
 */
export function planRun(session: SessionWriter, wish: RunWish): RunPlan {
  const latest = session.runs.latest();
  if (wish.resume && latest !== null && latest.state !== 'done') return resumeRun(session, wish, latest);
  const range = resolveRange(wish.range, session.media.get().info.frameCount);
  const { owners, notes } = ownersInRange(session, range);
  const signatures = Object.fromEntries(
    [...owners].map(([owner, prompts]) => [owner, signatureOf(prompts, wish, range)]),
  );
  const fresh = readSignatures(session);
  const stale = [...owners.keys()].filter((owner) => fresh[owner] !== signatures[owner]);
  if (stale.length === 0) return { kind: 'up-to-date' };
  forgetFoundObjects(session, stale);
  const run = session.runs.begin({
    packId: wish.packId,
    packHash: wish.packHash,
    provider: wish.provider,
    appVersion: wish.appVersion,
    range,
    direction: wish.direction,
    settings: runSettings(
      session,
      wish,
      Object.fromEntries(stale.map((owner) => [owner, signatures[owner]])),
      Object.fromEntries(stale.map((owner) => [owner, saidOf(owners.get(owner) ?? [])])),
    ),
  });
  return { ...workOf(session, run, stale), resume: null, resumedFrames: 0, notes };
}

/** Ends a run; a done run makes its objects up to date. */
export function finishRun(
  session: SessionWriter,
  runId: RunId,
  state: 'done' | 'cancelled' | 'failed',
  code: StudioError['code'] | null,
): void {
  session.runs.finish(runId, state, code);
  if (state !== 'done') return;
  const run = session.runs.get(runId);
  if (run === null) return;
  session.settings.set(FRESH_KEY, { ...readSignatures(session), ...signaturesOf(run) });
  noteTracked(session, settingsOf(run).said ?? {});
}

function resumeRun(session: SessionWriter, wish: RunWish, run: RunRecord): RunPlan {
  const signatures = signaturesOf(run);
  const { owners } = ownersInRange(session, run.range);
  const changed = Object.entries(signatures).some(([owner, signature]) => {
    const prompts = owners.get(owner as Owner);
    return (
      prompts === undefined || signatureOf(prompts, { ...wish, direction: run.direction }, run.range) !== signature
    );
  });
  if (changed) {
    throw new StudioError(
      'session-mismatch',
      'user',
      'The interrupted run cannot be resumed because prompts, pack or policy are not the same any more; track again without --resume, finished frames stay until they are replaced.',
    );
  }
  const snapshot = session.snapshots.latest(run.id);
  const again = session.runs.resume(run.id);
  const work = workOf(session, again, Object.keys(signatures) as Owner[]);
  const resumedFrames = snapshot === null ? 0 : framesBefore(work, wish.policy, snapshot);
  return { ...work, resume: snapshot, resumedFrames, notes: [] };
}

/** Frames a run need not track again when it goes on after a snapshot. */
function framesBefore(work: ReturnType<typeof workOf>, policy: TrackingPolicyName, snapshot: Snapshot): number {
  const { forward, start, turn } = runLength({ ...work, policy });
  return snapshot.direction === 'forward' ? snapshot.frameIndex - start + 1 : forward + turn - snapshot.frameIndex + 1;
}

function workOf(session: SessionWriter, run: RunRecord, owners: readonly Owner[]) {
  const wanted = new Set<string>(owners);
  const records = session.prompts.all().filter((record) => wanted.has(ownerOf(record)));
  const rounds = Map.groupBy(records, ({ round }) => round);
  const concepts = session.concepts.all().filter(({ id }) => wanted.has(`concept:${id}`));
  return {
    kind: 'run' as const,
    runId: run.id,
    range: run.range,
    direction: run.direction,
    prompts: records.map(({ prompt }) => prompt),
    rounds: [...rounds].sort(([a], [b]) => a - b).map(([, round]) => round.map(({ prompt }) => prompt)),
    concepts: concepts.map(({ id, phrase }) => ({ conceptId: id, phrase })),
    objectIds: session.objects.all().flatMap(({ id }) => (wanted.has(`object:${id}`) ? [id] : [])),
    nextObjectId: settingsOf(run).nextObjectId ?? session.objects.nextId(),
  };
}

/** A new search replaces what the same phrase found before; objects the user prompted himself stay. */
function forgetFoundObjects(session: SessionWriter, stale: readonly Owner[]): void {
  const concepts = new Set(stale);
  const prompted = new Set(session.prompts.all().map(ownerOf));
  for (const { id, conceptId } of session.objects.all()) {
    if (conceptId !== null && concepts.has(`concept:${conceptId}`) && !prompted.has(`object:${id}`))
      session.objects.remove(id);
  }
}

function ownersInRange(
  session: SessionWriter,
  range: FrameRange,
): { owners: Map<Owner, PromptRecord[]>; notes: string[] } {
  const all = promptsByOwner(session);
  if (all.size === 0) {
    throw new StudioError(
      'no-prompts',
      'user',
      'There is nothing to track yet; add a point, a box, a mask or a phrase first.',
    );
  }
  const inside = ({ prompt }: PromptRecord) => prompt.frameIndex >= range.first && prompt.frameIndex <= range.last;
  const owners = new Map([...all].filter(([, prompts]) => prompts.some(inside)));
  const left = [...all.keys()].filter((owner) => !owners.has(owner)).map(ownerText);
  if (owners.size === 0) {
    throw new StudioError(
      'range-invalid',
      'user',
      `No prompt lies in the frames ${range.first} to ${range.last}; widen the range or prompt a frame inside it.`,
    );
  }
  return {
    owners,
    notes: left.length === 0 ? [] : [`Left out, because their prompts lie outside the range: ${left.join(', ')}.`],
  };
}

function ownerText(owner: Owner): string {
  return owner.replace(':', ' ');
}

function signatureOf(prompts: readonly PromptRecord[], wish: RunWish, range: FrameRange): string {
  const { packHash, policy, memoryPolicy, direction } = wish;
  const facts = [packHash, policy, memoryPolicy, direction, range.first, range.last, ...saidOf(prompts)];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

interface RunSettings {
  readonly policy: TrackingPolicyName;
  readonly memoryPolicy: MemoryPolicyName | null;
  /** Kept so that a resumed run gives found objects the same numbers again. */
  readonly nextObjectId: number;
  readonly signatures: Signatures;
  readonly said: Readonly<Record<string, Said>>;
}

function runSettings(
  session: SessionWriter,
  wish: RunWish,
  signatures: Signatures,
  said: RunSettings['said'],
): SettingValue {
  const { policy, memoryPolicy } = wish;
  return { policy, memoryPolicy, nextObjectId: session.objects.nextId(), signatures, said };
}

/** A run of an older version may lack some of them. */
function settingsOf({ settings }: RunRecord): Partial<RunSettings> {
  return typeof settings === 'object' && settings !== null ? (settings as Partial<RunSettings>) : {};
}

function signaturesOf(run: RunRecord): Signatures {
  return settingsOf(run).signatures ?? {};
}

function readSignatures(session: SessionWriter): Signatures {
  return (session.settings.get(FRESH_KEY) ?? {}) as Signatures;
}
