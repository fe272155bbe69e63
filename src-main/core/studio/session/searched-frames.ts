import { type ConceptId, frameIndex, type ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { RunRecord, SessionReader } from '../../store/index.ts';
import { settingsOf } from './run-settings.ts';

/**
 * Frames on which an object that a phrase found would have been seen: those that the runs which found it have finished, ascending. Runs that
 * did not get that far, runs of older versions (they did not note where they looked), and searches that found something else say nothing about
 * it. None for other objects.
 */
export function searchedFrames(session: SessionReader, object: ObjectId): readonly FrameRange[] {
  const concept = session.objects.get(object)?.conceptId ?? null;
  if (concept === null) return [];
  const runs = session.masks.runsOf(object).flatMap((id) => session.runs.get(id) ?? []);
  return merged(runs.flatMap((run) => searchedBy(run, concept)));
}

/**
 * Where phrases that no object is of were looked for, one list of frames a phrase: elsewhere nobody knows whether there is something that they
 * mean.
 */
export function unfoundPhrases(session: SessionReader): readonly (readonly FrameRange[])[] {
  const found = new Set(session.objects.all().map(({ conceptId }) => conceptId));
  const runs = session.runs.all();
  const unfound = session.concepts.all().filter(({ id }) => !found.has(id));
  return unfound.map(({ id }) => merged(runs.flatMap((run) => searchedBy(run, id))));
}

function searchedBy(run: RunRecord, concept: ConceptId): readonly FrameRange[] {
  const search = settingsOf(run).searches?.[`concept:${concept}`];
  if (search === undefined) return [];
  const { forwardCommitted, backwardCommitted } = run;
  const spans: FrameRange[] = [];
  if (forwardCommitted !== null && forwardCommitted >= search.forward)
    spans.push(spanOf(search.forward, forwardCommitted));
  if (backwardCommitted !== null && backwardCommitted <= search.backward)
    spans.push(spanOf(backwardCommitted, search.backward));
  return spans;
}

function merged(spans: readonly FrameRange[]): readonly FrameRange[] {
  const result: FrameRange[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const previous = result.at(-1);
    if (previous === undefined || previous.last + 1 < span.first) result.push(span);
    else if (previous.last < span.last) result[result.length - 1] = spanOf(previous.first, span.last);
  }
  return result;
}

function spanOf(first: number, last: number): FrameRange {
  return { first: frameIndex(first), last: frameIndex(last) };
}
