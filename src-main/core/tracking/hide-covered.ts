import { measureShrinkage, memoryScoreLogit, resizeLogits, suppressLogits } from './planner/index.ts';
import type { ModelSpec } from './ports.ts';

/**
 * Masks of one concept's objects [L * L] before they enter memory, changed in place: -10 everywhere for an object of which others leave
 * less than `ratio`, and for one that is empty; measured at the size of memory [Sm * Sm]. One object alone is left as it is.
 * Source: SAM 3 `_tracker_update_memories`.
 */
export function hideCovered(
  masks: readonly Float32Array<ArrayBuffer>[],
  { lowres, maskPromptSize }: Pick<ModelSpec, 'lowres' | 'maskPromptSize'>,
  ratio: number,
): void {
  if (masks.length < 2) return;
  for (const logits of masks) if (memoryScoreLogit(logits) < 0) suppressLogits(logits);
  if (!anyOverlap(masks)) return;
  const grid = { width: lowres, height: lowres };
  const large = masks.map((logits) => resizeLogits({ ...grid, logits }, maskPromptSize, maskPromptSize));
  const { suppressed } = measureShrinkage(large, ratio);
  masks.forEach((logits, index) => {
    if (suppressed[index]) suppressLogits(logits);
  });
}

/** Only objects that share a pixel can shrink each other. */
function anyOverlap(masks: readonly Float32Array[]): boolean {
  const taken = new Uint8Array(masks[0].length);
  for (const logits of masks) {
    for (let at = 0; at < logits.length; at++) {
      if (logits[at] <= 0) continue;
      if (taken[at] === 1) return true;
      taken[at] = 1;
    }
  }
  return false;
}
