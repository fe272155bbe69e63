import type { MaskSpan } from '../../../../../src-shared/contract/results.ts';
import { frameIndex } from '../../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../../src-shared/domain/prompt.ts';

/** Spans of one object are ascending and do not overlap. */
export type Spans = readonly MaskSpan[];

export const rangeOf = (first: number, last: number): FrameRange => ({
  first: frameIndex(first),
  last: frameIndex(last),
});

/** The parts of spans that lie in a range, and those that do not. */
export function cutSpans(
  spans: Spans,
  { first, last }: FrameRange,
): { readonly inside: Spans; readonly outside: Spans } {
  const inside: MaskSpan[] = [];
  const outside: MaskSpan[] = [];
  for (const span of spans) {
    const from = Math.max(span.first, first);
    const to = Math.min(span.last, last);
    if (from > to) {
      outside.push(span);
      continue;
    }
    if (span.first < from) outside.push({ ...span, ...rangeOf(span.first, from - 1) });
    inside.push({ ...span, ...rangeOf(from, to) });
    if (span.last > to) outside.push({ ...span, ...rangeOf(to + 1, span.last) });
  }
  return { inside, outside };
}

/** Spans that do not overlap as one list; neighbours of one state become one. */
export function mergeSpans(...lists: readonly Spans[]): Spans {
  const merged: MaskSpan[] = [];
  for (const span of lists.flat().sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous !== undefined && previous.state === span.state && previous.last + 1 === span.first) {
      merged[merged.length - 1] = { ...previous, last: span.last };
    } else merged.push(span);
  }
  return merged;
}

export const presentIn = (spans: Spans, range: FrameRange): Spans =>
  cutSpans(spans, range).inside.filter(({ state }) => state === 'present');

/** `spans` without the frames of others. */
export function subtractSpans(spans: Spans, others: Spans): Spans {
  return others.reduce<Spans>((left, other) => cutSpans(left, other).outside, spans);
}

export const frameTotal = (spans: readonly FrameRange[]): number =>
  spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
