/** Scales to length 1; a vector of zeros stays. Returns a new array. */
export function unitVector(vector: Float32Array): Float32Array<ArrayBuffer> {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(vector, (value) => (length === 0 ? 0 : value / length));
}

/** Cosine of the angle between two vectors of one length, -1..1; 0 with a vector of zeros. */
export function similarity(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers`);
  let [dot, squareA, squareB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    dot += a[at] * b[at];
    squareA += a[at] * a[at];
    squareB += b[at] * b[at];
  }
  return squareA === 0 || squareB === 0 ? 0 : dot / Math.sqrt(squareA * squareB);
}

/** The direction in which most of the vectors point: the mean of their unit vectors, at length 1. At least one vector. */
export function meanDirection(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const sum = new Float32Array(vectors[0].length);
  for (const vector of vectors) for (const [at, value] of unitVector(vector).entries()) sum[at] += value;
  return unitVector(sum);
}
