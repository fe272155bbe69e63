import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import { frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { TrackingPolicyName } from '../../../../src-shared/domain/track.ts';
import type { PromptRecord, SessionReader, SessionWriter } from '../../store/index.ts';
import { type Owner, ownerOf, saidOf, trackedCount } from './owner-records.ts';
import { runLength } from './run-length.ts';
import { settingsOf } from './run-settings.ts';

type Owners = ReadonlyMap<Owner, readonly PromptRecord[]>;

/** The frames that a run goes over, and how. */
interface Way {
  readonly range: FrameRange;
  readonly direction: Direction;
  readonly policy: TrackingPolicyName;
}

/**
 * A search replaces what the same phrase found before. Asked for other frames, or the other way, it goes over those frames as well, so that
 * nothing found there is lost, also where it was only added to since (typed once more for other frames, shown an example); what was found with
 * other words, another pack or policy is not what was asked for any more. A note names the phrases.
 */
export function withEarlierFinds(
  session: SessionReader,
  asked: Way,
  searched: Owners,
  facts: string,
): Way & { readonly notes: readonly EngineNote[] } {
  // The reference does no more than its predictor would.
  if (asked.policy === 'reference') return { ...asked, notes: [] };
  const kept = session.concepts.all().flatMap(({ id, phrase }) => {
    const prompts = searched.get(`concept:${id}`) ?? [];
    const spans = earlierFinds(session, `concept:${id}`, prompts, facts);
    return spans.every((span) => visits(asked, prompts, span)) ? [] : [{ phrase, prompts, spans }];
  });
  if (kept.length === 0) return { ...asked, notes: [] };
  const frames = kept.flatMap(({ spans }) => spans.flatMap(({ first, last }) => [first, last]));
  const first = frameIndex(Math.min(asked.range.first, ...frames));
  const last = frameIndex(Math.max(asked.range.last, ...frames));
  const wide = { ...asked, range: { first, last } };
  const isEnough = kept.every(({ prompts, spans }) => spans.every((span) => visits(wide, prompts, span)));
  const names = kept.map(({ phrase }) => `"${phrase}"`).join(', ');
  return { ...wide, direction: isEnough ? asked.direction : 'both', notes: [engineNote('searched-anew', { names })] };
}

/** Says of which phrases a search takes away what was found on frames that it does not go over itself. */
export function lostFinds(session: SessionReader, way: Way, searched: Owners): readonly EngineNote[] {
  const lost = session.concepts.all().filter(({ id }) => {
    const owner = `concept:${id}` as const;
    const prompts = searched.get(owner);
    if (prompts === undefined) return false;
    const replaced = replacedObjects(session, new Map([[owner, prompts]]));
    const spans = replaced.flatMap((object) => session.masks.coverage(object.id));
    return spans.some((span) => span.state === 'present' && !visits(way, prompts, span));
  });
  if (lost.length === 0) return [];
  return [engineNote('found-replaced', { names: lost.map(({ phrase }) => `"${phrase}"`).join(', ') })];
}

/** Stretches with masks of objects that a phrase found with what still holds, and that a new search replaces. */
function earlierFinds(
  session: SessionReader,
  owner: Owner,
  prompts: readonly PromptRecord[],
  facts: string,
): readonly FrameRange[] {
  const isSame = (object: { readonly id: Parameters<typeof session.masks.runsOf>[0] }) =>
    session.masks.runsOf(object.id).some((runId) => {
      const run = session.runs.get(runId);
      const settings = run === null ? {} : settingsOf(run);
      const said = settings.said?.[owner];
      return settings.facts === facts && said !== undefined && trackedCount(said, saidOf(prompts)) !== null;
    });
  const replaced = replacedObjects(session, new Map([[owner, prompts]])).filter(isSame);
  return replaced.flatMap(({ id }) => session.masks.coverage(id));
}

/** Whether a phrase is looked for on all of a stretch. */
function visits(
  { range, direction, policy }: Way,
  prompts: readonly PromptRecord[],
  { first, last }: FrameRange,
): boolean {
  const own = prompts.map(({ prompt }) => prompt);
  const { forward, backward, start, turn } = runLength({
    range,
    direction,
    policy,
    start: null,
    prompts: own,
    goesOn: [],
  });
  return first >= (backward > 0 ? range.first : start) && last <= (forward > 0 ? range.last : turn);
}

/** A new search replaces what the same phrase found before; objects that a person prompted or locked stay. Not undoable. */
export function forgetFoundObjects(session: SessionWriter, searched: Owners): void {
  session.objects.forget(replacedObjects(session, searched).map(({ id }) => id));
}

function replacedObjects(session: SessionReader, searched: Owners) {
  const prompted = new Set(session.prompts.all().map(ownerOf));
  return session.objects
    .all()
    .filter(
      ({ id, conceptId, locked }) =>
        conceptId !== null && !locked && searched.has(`concept:${conceptId}`) && !prompted.has(`object:${id}`),
    );
}
