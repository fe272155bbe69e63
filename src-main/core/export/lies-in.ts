import type { FrameRange } from '../../../src-shared/domain/prompt.ts';

/** Whether a frame is in one of the spans, which ascend and do not overlap. */
export function liesIn(spans: readonly FrameRange[], index: number): boolean {
  let [from, to] = [0, spans.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (spans[middle].last < index) from = middle + 1;
    else to = middle;
  }
  return from < spans.length && spans[from].first <= index;
}
