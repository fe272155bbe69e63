import { type FrameIndex, frameIndex } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';

/** At most `count` different frames of a range, ascending, both ends included where count >= 2. */
export function evenlySpaced(range: FrameRange, count: number): readonly FrameIndex[] {
  const total = range.last - range.first + 1;
  const wanted = Math.max(0, Math.min(count, total));
  if (wanted === 1) return [frameIndex(range.first + Math.floor((total - 1) / 2))];
  return Array.from({ length: wanted }, (_, at) =>
    frameIndex(range.first + Math.round((at * (total - 1)) / (wanted - 1))),
  );
}
