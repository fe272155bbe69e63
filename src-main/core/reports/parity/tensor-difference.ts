/** How far two tensors of the same numbers are apart. Relative numbers are fractions; null where they are undefined. */
export interface TensorDifference {
  readonly count: number;
  /** Cosine of the angle between the two as vectors; null when one of them is zero and the other is not. */
  readonly cosine: number | null;
  readonly maxAbsoluteError: number;
  readonly meanAbsoluteError: number;
  /** Root of the mean square. */
  readonly rmsError: number;
  /** |a - b| / |a|, Euclidean norms; null when the reference is zero and the other is not. */
  readonly normRelativeError: number | null;
  /** Mean over the elements of |a - b| / |a| without the largest 5 %; elements whose reference is 0 do not count. */
  readonly trimmedRelativeError: number | null;
  /** Median of the same. */
  readonly medianRelativeError: number | null;
  /** Share of elements that differ by less than 0.01. */
  readonly agreement: number;
  /** NaN or infinity where the other has a number, or another one. */
  readonly brokenCount: number;
  /** Of the reference; tells what an absolute error is worth. */
  readonly referenceRange: readonly [number, number];
}

const TRIMMED_SHARE = 0.05;
const AGREEMENT_WITHIN = 0.01;

/**
 * Compares `other` with `reference`, element by element. Throws RangeError for different lengths. Equal infinities are equal; any other
 * pair with a value that is not finite is broken, and leaves the means to the rest.
 */
export function tensorDifference(reference: ArrayLike<number>, other: ArrayLike<number>): TensorDifference {
  const count = reference.length;
  if (count !== other.length) throw new RangeError(`${other.length} numbers instead of ${count}`);
  const relative = new Float64Array(count);
  let [dot, squareA, squareB, squareD, sum, most, agreeing, broken, relatives, finite] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const a = reference[at];
    const b = other[at];
    low = Math.min(low, a);
    high = Math.max(high, a);
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      if (a === b) agreeing++;
      else broken++;
      continue;
    }
    finite++;
    const difference = Math.abs(a - b);
    dot += a * b;
    squareA += a * a;
    squareB += b * b;
    squareD += difference * difference;
    sum += difference;
    if (difference > most) most = difference;
    if (difference < AGREEMENT_WITHIN) agreeing++;
    if (a !== 0) relative[relatives++] = difference / Math.abs(a);
  }
  const sorted = relative.subarray(0, relatives).sort();
  const kept = sorted.subarray(0, Math.ceil(relatives * (1 - TRIMMED_SHARE)));
  // Without a reference to be relative to, only no error at all is a small one.
  const unrelated = most === 0 ? 0 : null;
  return {
    count,
    cosine: cosine(dot, squareA, squareB),
    maxAbsoluteError: most,
    meanAbsoluteError: finite === 0 ? 0 : sum / finite,
    rmsError: finite === 0 ? 0 : Math.sqrt(squareD / finite),
    normRelativeError: squareA > 0 ? Math.sqrt(squareD / squareA) : squareB > 0 ? null : 0,
    trimmedRelativeError: kept.length === 0 ? unrelated : kept.reduce((total, value) => total + value, 0) / kept.length,
    medianRelativeError: relatives === 0 ? unrelated : medianOf(sorted),
    agreement: count === 0 ? 1 : agreeing / count,
    brokenCount: broken,
    referenceRange: count === 0 ? [0, 0] : [low, high],
  };
}

function cosine(dot: number, squareA: number, squareB: number): number | null {
  if (squareA === 0 && squareB === 0) return 1;
  if (squareA === 0 || squareB === 0) return null;
  return dot / Math.sqrt(squareA * squareB);
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
