/** What remains of each object when every pixel belongs to the object with the highest logit. Indices follow the input. */
export interface Shrinkage {
  /** Foreground pixels. */
  readonly area: readonly number[];
  /** Foreground pixels on which this object has the highest logit (ties: the first object). */
  readonly exclusiveArea: readonly number[];
  /** true: too little is left; the mask must not enter memory. */
  readonly suppressed: readonly boolean[];
}

/** Logit that stands for "no object" where a mask was suppressed. */
export const suppressedLogit = -10;

/**
 * Finds objects that others cover: exclusive area / own area < `ratio` (float32). All maps [size] lie on one grid and are only
 * read. With one object nothing is suppressed. Source: SAM 3 `_suppress_object_pw_area_shrinkage`.
 */
export function measureShrinkage(logits: readonly Float32Array[], ratio: number): Shrinkage {
  const count = logits.length;
  const size = count === 0 ? 0 : logits[0].length;
  const area = new Array<number>(count).fill(0);
  const exclusiveArea = new Array<number>(count).fill(0);
  const best = new Float32Array(size).fill(Number.NEGATIVE_INFINITY);
  const owner = new Int32Array(size).fill(-1);
  for (let object = 0; object < count; object++) {
    const map = logits[object];
    for (let at = 0; at < size; at++) {
      const logit = map[at];
      if (logit > 0) area[object]++;
      if (logit > best[at]) {
        best[at] = logit;
        owner[at] = object;
      }
    }
  }
  for (let at = 0; at < size; at++) if (best[at] > 0) exclusiveArea[owner[at]]++;
  const threshold = Math.fround(ratio);
  const suppressed = area.map(
    (own, object) => count > 1 && Math.fround(exclusiveArea[object] / Math.max(1, own)) < threshold,
  );
  return { area, exclusiveArea, suppressed };
}

/** Clamps every logit to at most -10, in place: nothing of the object is left in the foreground. */
export function suppressLogits(logits: Float32Array): void {
  for (let at = 0; at < logits.length; at++) if (logits[at] > suppressedLogit) logits[at] = suppressedLogit;
}

/** The object-score logit that goes with a mask into memory: +10 with any foreground pixel, else -10. */
export function memoryScoreLogit(logits: Float32Array): number {
  return logits.some((logit) => logit > 0) ? 10 : -10;
}
