import type { Trajectory } from './trajectory-fixtures.ts';

/** Closer to zero than this share of the mask's largest logit, rounding decides. A little less than in models/recipes/recipe/cuts.py, which
 * resizes in single precision. */
const close = 4e-6;
export const mostCloseInAnswer = 0.004;

export interface Cuts {
  /** Largest share of pixels too close to zero in a prompted mask, at the size at which it enters memory in black and white. */
  readonly remembered: number;
  /** The same in any mask at video size. */
  readonly answered: number;
}

/** How much of a trajectory's masks rounding could change. `side`: of the model's picture. */
export function cutsOf({ logits, results, width, height }: Trajectory, side: number): Cuts {
  const rows = Math.max(...results.map(({ tensorRow }) => tensorRow)) + 1;
  const lowres = Math.sqrt(logits.length / rows);
  const row = (at: number) => logits.subarray(at * lowres ** 2, (at + 1) * lowres ** 2);
  const prompted = results.filter(({ source }) => source === 'prompt');
  return {
    remembered: Math.max(...prompted.map(({ tensorRow }) => shareClose(row(tensorRow), lowres, side, side))),
    answered: Math.max(...results.map(({ tensorRow }) => shareClose(row(tensorRow), lowres, width, height))),
  };
}

/** Pixels too close to zero over those of the mask, after a bilinear resize (pixel centres, no antialias). */
function shareClose(logits: Float32Array, lowres: number, width: number, height: number): number {
  const limit = close * logits.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const [columns, rows] = [taps(lowres, width), taps(lowres, height)];
  let [near, inside] = [0, 0];
  for (const [top, bottom, down] of rows) {
    for (const [left, right, along] of columns) {
      const at = (y: number) => logits[y * lowres + left] * (1 - along) + logits[y * lowres + right] * along;
      const value = at(top) * (1 - down) + at(bottom) * down;
      if (Math.abs(value) < limit) near++;
      if (value > 0) inside++;
    }
  }
  return near / Math.max(1, inside);
}

/** The two cells that each pixel lies between, and how far it is from the first, 0..1. */
function taps(from: number, to: number): readonly (readonly [number, number, number])[] {
  return Array.from({ length: to }, (_, index) => {
    const position = Math.max(0, ((index + 0.5) * from) / to - 0.5);
    const first = Math.floor(position);
    return [first, Math.min(first + 1, from - 1), position - first] as const;
  });
}
