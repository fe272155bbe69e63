import { type ConceptId, frameIndex, type ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { RunRecord, SessionReader } from '../../store/index.ts';
import { settingsOf } from './plan-run.ts';

/**
 * Frames on which an object that a phrase found would have been seen: those that the runs which found it have finished, ascending. Runs that
 * did not get that far, and searches that found something else, say nothing about it. None for other objects.
 */
export function searchedFrames(session: SessionReader, object: ObjectId): readonly FrameRange[] {
  const concept = session.objects.get(object)?.conceptId ?? null;
  if (concept === null) return [];
  const runs = session.masks.runsOf(object).flatMap((id) => session.runs.get(id) ?? []);
  return merged(runs.flatMap((run) => searchedBy(session, run, concept)));
}

function searchedBy(session: SessionReader, run: RunRecord, concept: ConceptId): readonly FrameRange[] {
  if (!(`concept:${concept}` in (settingsOf(run).said ?? {}))) return [];
  const { range, direction, forwardCommitted, backwardCommitted } = run;
  const prompts = session.prompts.all().map(({ prompt }) => prompt);
  const own = prompts.filter((prompt) => 'conceptId' in prompt && prompt.conceptId === concept);
  // Before the frame on which it was asked for, a phrase is looked for on the way back only.
  const first = own.length === 0 ? range.first : Math.min(...own.map((prompt) => prompt.frameIndex));
  const asked = Math.min(range.last, Math.max(range.first, first));
  const spans: FrameRange[] = [];
  if (forwardCommitted !== null && forwardCommitted >= asked) spans.push(spanOf(asked, forwardCommitted));
  const turn = direction === 'backward' ? asked : asked - 1;
  if (backwardCommitted !== null && backwardCommitted <= turn) spans.push(spanOf(backwardCommitted, turn));
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
