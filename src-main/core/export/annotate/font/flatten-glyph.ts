import type { GlyphShape } from './glyphs.ts';

const CURVE_STEPS = 12;
const ARC_STEP_DEGREES = 12;

/** The middle line of a glyph as straight pieces: x0, y0, x1, y1 in font units, y up. */
export function flattenGlyph(shape: GlyphShape): Float64Array {
  const pieces: number[] = [];
  let pen: readonly [number, number] | null = null;
  const lineTo = (x: number, y: number) => {
    if (pen !== null) pieces.push(pen[0], pen[1], x, y);
    pen = [x, y];
  };
  for (const [, command, text] of shape.path.matchAll(/([MLCAU])([^MLCAU]*)/g)) {
    const at = text
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    if (command === 'U') pen = null;
    else if (command === 'M') pen = [at[0], at[1]];
    else if (command === 'L') lineTo(at[0], at[1]);
    else if (command === 'C') for (const [x, y] of cubic(pen ?? [0, 0], at)) lineTo(x, y);
    else for (const [x, y] of arc(at)) lineTo(x, y);
  }
  return Float64Array.from(pieces);
}

function* cubic(from: readonly [number, number], at: readonly number[]): Generator<[number, number]> {
  for (let step = 1; step <= CURVE_STEPS; step++) {
    const t = step / CURVE_STEPS;
    const s = 1 - t;
    const weights = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    yield [
      weights[0] * from[0] + weights[1] * at[0] + weights[2] * at[2] + weights[3] * at[4],
      weights[0] * from[1] + weights[1] * at[1] + weights[2] * at[3] + weights[3] * at[5],
    ];
  }
}

function* arc([cx, cy, rx, ry, from, to]: readonly number[]): Generator<[number, number]> {
  const steps = Math.max(1, Math.ceil(Math.abs(to - from) / ARC_STEP_DEGREES));
  for (let step = 0; step <= steps; step++) {
    const angle = ((from + ((to - from) * step) / steps) * Math.PI) / 180;
    yield [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  }
}
