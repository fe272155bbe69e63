import { forEachRun, type RleMask, RleWriter } from './rle.ts';

/**
 * Makes masks of one frame pixel-wise exclusive: every pixel stays with the mask of the highest score (ties: the first). Returns new masks
 * in the order given; a mask that loses nothing is returned as it is. All masks have one size. Source: SAM 3
 * `_apply_object_wise_non_overlapping_constraints`; `scores` are the trackers' probabilities, the detection score for a new object.
 */
export function resolveOverlaps(masks: readonly RleMask[], scores: ArrayLike<number>): readonly RleMask[] {
  if (masks.length < 2) return masks;
  const order = masks.map((_, index) => index).sort((a, b) => scores[b] - scores[a]);
  const result = [...masks];
  let taken: readonly number[] = [];
  for (const index of order) {
    const own = spansOf(masks[index]);
    const left = subtract(own, taken);
    if (left.length !== own.length || left.some((edge, at) => edge !== own[at])) {
      result[index] = maskOf(left, masks[index].width, masks[index].height);
    }
    taken = unite(taken, own);
  }
  return result;
}

/** Foreground as start, end, start, end ... */
function spansOf(mask: RleMask): readonly number[] {
  const spans: number[] = [];
  forEachRun(mask, (start, end) => {
    spans.push(start, end);
  });
  return spans;
}

function subtract(spans: readonly number[], taken: readonly number[]): readonly number[] {
  const left: number[] = [];
  let cursor = 0;
  for (let at = 0; at < spans.length; at += 2) {
    let start = spans[at];
    const end = spans[at + 1];
    while (cursor < taken.length && taken[cursor + 1] <= start) cursor += 2;
    for (let other = cursor; other < taken.length && taken[other] < end; other += 2) {
      if (taken[other] > start) left.push(start, taken[other]);
      start = Math.max(start, taken[other + 1]);
    }
    if (start < end) left.push(start, end);
  }
  return left;
}

function unite(a: readonly number[], b: readonly number[]): readonly number[] {
  const united: number[] = [];
  let left = 0;
  let right = 0;
  while (left < a.length || right < b.length) {
    const fromLeft = right >= b.length || (left < a.length && a[left] <= b[right]);
    const [start, end] = fromLeft ? [a[left], a[left + 1]] : [b[right], b[right + 1]];
    if (fromLeft) left += 2;
    else right += 2;
    const last = united.length - 1;
    if (last >= 0 && start <= united[last]) united[last] = Math.max(united[last], end);
    else united.push(start, end);
  }
  return united;
}

function maskOf(spans: readonly number[], width: number, height: number): RleMask {
  const writer = new RleWriter(width, height);
  let position = 0;
  for (let at = 0; at < spans.length; at += 2) {
    writer.push(0, spans[at] - position);
    writer.push(1, spans[at + 1] - spans[at]);
    position = spans[at + 1];
  }
  writer.push(0, width * height - position);
  return writer.finish();
}
