/** Seeded noise: the sample clip must come out alike on every machine, so nothing here draws from Math.random. */

/** A pseudo-random number in [0, 1) for a lattice point. */
export function hash2(x: number, y: number, seed: number): number {
  let bits = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

/** Smooth value noise in [0, 1), one feature per unit. */
export function valueNoise(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const u = smooth(x - column);
  const v = smooth(y - row);
  const above = mix(hash2(column, row, seed), hash2(column + 1, row, seed), u);
  const below = mix(hash2(column, row + 1, seed), hash2(column + 1, row + 1, seed), u);
  return mix(above, below, v);
}

/** Layered value noise in [0, 1), each of `octaves` layers half as large and half as strong. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  let scale = 1;
  let total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * valueNoise(x * scale, y * scale, seed + octave);
    total += weight;
    weight /= 2;
    scale *= 2;
  }
  return sum / total;
}

/** A stream of numbers in [-1, 1). */
export function whiteNoise(seed: number): () => number {
  let at = 0;
  return () => hash2(at++, 17, seed) * 2 - 1;
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** 0 below `from`, 1 above `to`, smooth between; `from` may be the larger one. */
export function smoothstep(from: number, to: number, value: number): number {
  return smooth(Math.min(1, Math.max(0, (value - from) / (to - from))));
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}
