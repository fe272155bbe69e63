import type { FrameMask } from '../../../../src-shared/contract/results.ts';
import type { PreviewPoint } from '../../../../src-shared/contract/schemas.ts';
import { type FrameIndex, type ObjectId, promptId } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { MaskRecord, PromptRecord, RunRecord, SessionReader } from '../../store/index.ts';
import type { ObjectPrompt } from '../../tracking/index.ts';
import type { ObjectInquiry } from '../threads/inference-contract.ts';
import { checkPlace } from './apply-prompts.ts';
import { correctedMask } from './corrected-mask.ts';
import { groundOf } from './ground.ts';
import { type OwnerRecord, objectOwner, promptsByOwner } from './owner-records.ts';

/** What the model must be asked, and what is answered by the masks that the last run stored. */
export interface SegmentPlan {
  readonly inquiries: readonly ObjectInquiry[];
  readonly answered: readonly FrameMask[];
  /** The packs of the runs that inquiries name as `runKey`: with another one their memory means nothing. */
  readonly packHashes: Readonly<Record<string, string>>;
}

/**
 * What has to be asked about one frame: every object prompted there, or those of `objectIds` that are. Prompts that the last run knew are
 * settled: their answer is the mask that it stored; later ones correct that mask, round by round, with what the object remembers of that run.
 * Throws `frame-out-of-range`, `no-prompts` when nothing is said there.
 */
export function planSegment(
  session: SessionReader,
  frameIndex: FrameIndex,
  objectIds: readonly ObjectId[] | null,
): SegmentPlan {
  requireFrame(session, frameIndex);
  const inquiries: ObjectInquiry[] = [];
  const packHashes: Record<string, string> = {};
  const answered: FrameMask[] = [];
  for (const prompts of promptsByOwner(session).values()) {
    const [first] = prompts;
    if (!('objectId' in first.prompt) || objectIds?.includes(first.prompt.objectId) === false) continue;
    if (!prompts.some(({ prompt }) => prompt.frameIndex === frameIndex)) continue;
    const { objectId } = first.prompt;
    const { record, stands, row } = groundOf(session, { ...first.prompt, frameIndex }, prompts);
    const known = stands ?? 0;
    const fresh = prompts.slice(known).some(({ prompt }) => prompt.frameIndex === frameIndex);
    if (!fresh && row !== null && row.runId !== null) answered.push(row);
    else {
      const run = fresh && stands !== null ? runOf(session, record) : null;
      Object.assign(packHashes, packHashOf(run));
      inquiries.push(inquiryOf(objectId, frameIndex, prompts, fresh ? known : 0, row, run));
    }
  }
  if (inquiries.length + answered.length > 0) return { inquiries, answered, packHashes };
  const what = objectIds === null ? '' : ` for object ${objectIds.join(', ')}`;
  throw new StudioError(
    'no-prompts',
    'user',
    `There is no point, box or mask on frame ${frameIndex}${what} yet; add one first.`,
  );
}

/** What has to be asked to know the answer to one more click, as if it had been given. Throws `frame-out-of-range`, `prompt-outside-frame`. */
export function planPreview(
  session: SessionReader,
  { objectId, frameIndex, point, include }: PreviewPoint,
): SegmentPlan {
  requireFrame(session, frameIndex);
  const click = { kind: 'point', objectId, frameIndex, point, include } as const;
  checkPlace(click, session.media.get().info);
  const said = promptsByOwner(session).get(objectOwner(objectId)) ?? [];
  const next = { id: promptId(Number.MAX_SAFE_INTEGER), round: session.prompts.nextRound(), prompt: click };
  const { record, stands, row } = groundOf(session, click, [...said, next]);
  const known = stands ?? 0;
  const run = stands === null ? null : runOf(session, record);
  const inquiries = [inquiryOf(objectId, frameIndex, [...said, next], known, row, run)];
  return { inquiries, answered: [], packHashes: packHashOf(run) };
}

/** The run in whose memory an object can go on; null: there is none. */
function runOf(session: SessionReader, record: OwnerRecord | undefined): RunRecord | null {
  return record === undefined || record.runId === null ? null : session.runs.get(record.runId);
}

function packHashOf(run: RunRecord | null): SegmentPlan['packHashes'] {
  return run === null ? {} : { [run.id]: run.packHash };
}

function requireFrame(session: SessionReader, frameIndex: FrameIndex): void {
  const { frameCount } = session.media.get().info;
  if (frameIndex >= frameCount) throw outOfRange(frameIndex, frameCount);
}

function inquiryOf(
  objectId: ObjectId,
  frameIndex: FrameIndex,
  prompts: readonly PromptRecord[],
  known: number,
  row: MaskRecord | null,
  run: RunRecord | null,
): ObjectInquiry {
  const here = (list: readonly PromptRecord[]) => list.filter(({ prompt }) => prompt.frameIndex === frameIndex);
  const rounds = Map.groupBy(here(prompts.slice(known)), ({ round }) => round);
  return {
    objectId,
    settled: here(prompts.slice(0, known)).map(({ prompt }) => prompt as ObjectPrompt),
    rounds: [...rounds.values()].map((round) => round.map(({ prompt }) => prompt as ObjectPrompt)),
    storedMask: correctedMask(row, known),
    runKey: run === null ? null : String(run.id),
  };
}

function outOfRange(frameIndex: number, frameCount: number): StudioError {
  return new StudioError(
    'frame-out-of-range',
    'user',
    `There is no frame ${frameIndex}: the video has frames 0 to ${frameCount - 1}.`,
    { details: { frameIndex, frameCount } },
  );
}
