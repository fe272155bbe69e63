/**
 * The studio's own label face: one round stroke, drawn on a grid where capitals are 14 units high (0 is the baseline).
 * Coordinates are the middle of a stroke 2 units wide, so capitals run from 1 to 13 and small letters from 1 to 9.4.
 * Paths: `M x y` move, `L x y` line, `C` cubic curve, `A cx cy rx ry from to` arc in degrees, counter-clockwise from the right,
 * joined by a line; `U` lifts the pen. `width` is the width of the middle line; bearings stand on both sides.
 */
export interface GlyphShape {
  readonly width: number;
  readonly path: string;
  /** Distance of the middle line from the advance box, each side. */
  readonly bearing: number;
  /** Units by which the path is moved up; 0 when absent. */
  readonly lift?: number;
}

const glyph = (width: number, path: string, bearing = 1.95): GlyphShape => ({ width, path, bearing });
/** All digits share one advance, so a changing score does not move the text. */
const digit = (path: string): GlyphShape => glyph(7.2, path, 1.8);
const narrow = 1.35;

export const glyphs: Readonly<Record<string, GlyphShape>> = {
  ' ': glyph(0.6, ''),
  A: glyph(9.6, 'M0 1 L4.8 13 L9.6 1 M1.6 5 L8 5', narrow),
  B: glyph(
    7.7,
    'M4.4 7.3 L0 7.3 L0 13 L4.2 13 A4.2 10.15 2.85 2.85 90 -90 L4.5 7.3 A4.5 4.15 3.2 3.15 90 -90 L0 1 L0 7.3',
  ),
  C: glyph(8.3, 'A4.3 8.7 4.3 4.3 25 180 L0 5.3 A4.3 5.3 4.3 4.3 180 335'),
  D: glyph(8.4, 'M0 1 L0 13 L3.6 13 A3.6 8.2 4.8 4.8 90 0 L8.4 5.8 A3.6 5.8 4.8 4.8 0 -90 L0 1'),
  E: glyph(6.6, 'M6.6 13 L0 13 L0 1 L6.6 1 M0 7.1 L5.8 7.1'),
  F: glyph(6.4, 'M6.4 13 L0 13 L0 1 M0 6.9 L5.6 6.9', 1.8),
  G: glyph(8.7, 'A4.35 8.7 4.35 4.3 25 180 L0 5.3 A4.35 5.3 4.35 4.3 180 360 L8.7 6.7 L5 6.7'),
  H: glyph(8.2, 'M0 1 L0 13 M8.2 1 L8.2 13 M0 7.1 L8.2 7.1'),
  I: glyph(0, 'M0 1 L0 13'),
  J: glyph(5.8, 'M5.8 13 L5.8 3.9 A2.9 3.9 2.9 2.9 0 -165', 1.6),
  K: glyph(7.8, 'M0 1 L0 13 M7.4 13 L0 5.2 M2.8 8.1 L7.8 1', 1.7),
  L: glyph(6.2, 'M0 13 L0 1 L6.2 1', 1.7),
  M: glyph(10.2, 'M0 1 L0 13 L5.1 4.6 L10.2 13 L10.2 1'),
  N: glyph(8.4, 'M0 1 L0 13 L8.4 1 L8.4 13'),
  O: glyph(9.2, 'A4.6 8.4 4.6 4.6 0 180 L0 5.6 A4.6 5.6 4.6 4.6 180 360 L9.2 8.4'),
  P: glyph(7.4, 'M0 1 L0 13 L4 13 A4 9.6 3.4 3.4 90 -90 L0 6.2', 1.8),
  Q: glyph(9.2, 'A4.6 8.4 4.6 4.6 0 180 L0 5.6 A4.6 5.6 4.6 4.6 180 360 L9.2 8.4 M5.6 4.2 L9.2 0.4'),
  R: glyph(7.8, 'M0 1 L0 13 L4 13 A4 9.6 3.4 3.4 90 -90 L0 6.2 M4 6.2 L7.8 1', 1.8),
  S: glyph(7.6, 'A3.8 10.1 3.6 2.9 28 270 A3.8 4.1 3.8 3.1 90 -152', 1.7),
  T: glyph(8.6, 'M0 13 L8.6 13 M4.3 13 L4.3 1', narrow),
  U: glyph(8.2, 'M0 13 L0 5.1 A4.1 5.1 4.1 4.1 180 360 L8.2 13'),
  V: glyph(9.2, 'M0 13 L4.6 1 L9.2 13', narrow),
  W: glyph(13.2, 'M0 13 L3.3 1 L6.6 11.6 L9.9 1 L13.2 13', narrow),
  X: glyph(8.4, 'M0 13 L8.4 1 M8.4 13 L0 1', narrow),
  Y: glyph(8.8, 'M0 13 L4.4 6.6 L8.8 13 M4.4 6.6 L4.4 1', narrow),
  Z: glyph(7.8, 'M0 13 L7.8 13 L0 1 L7.8 1', 1.6),
  a: glyph(6.2, 'A3.1 6.6 3.1 2.8 152 0 L6.2 1 M6.2 5.7 L2.5 5.7 A2.5 3.35 2.5 2.35 90 270 C4.4 1 6.2 2 6.2 3.8', 1.8),
  b: glyph(6.8, 'M0 13 L0 1 M0 5.2 A3.4 5.2 3.4 4.2 180 -180'),
  c: glyph(6.1, 'A3.35 5.2 3.35 4.2 42 318', 1.65),
  d: glyph(6.8, 'M6.8 13 L6.8 1 M6.8 5.2 A3.4 5.2 3.4 4.2 0 360'),
  e: glyph(6.8, 'M0 5.3 L6.8 5.3 A3.4 5.2 3.4 4.2 0 316', 1.7),
  f: glyph(4.4, 'M4.7 13 L4 13 A4 10.8 2.3 2.2 90 180 L1.7 1 M0 9.3 L4.4 9.3', narrow),
  g: glyph(6.8, 'U A3.4 5.2 3.4 4.2 0 360 M6.8 9.4 L6.8 0.4 A3.4 0.4 3.4 3.4 0 -150'),
  h: glyph(6.6, 'M0 13 L0 1 M0 5.8 A3.3 6.1 3.3 3.3 180 0 L6.6 1'),
  i: glyph(0, 'M0 9.4 L0 1 M0 12.9 L0 13.1'),
  j: glyph(1.6, 'M1.6 9.4 L1.6 -0.8 A-0.6 -0.8 2.2 2.2 0 -85 M1.6 12.9 L1.6 13.1', 1.6),
  k: glyph(6, 'M0 13 L0 1 M5.7 9.4 L0 4.2 M2.3 6.3 L6 1', 1.65),
  l: glyph(1.9, 'M0 13 L0 3 A2 3 2 2 180 265', 1.75),
  m: glyph(11, 'M0 9.4 L0 1 M0 6.2 A2.75 6.65 2.75 2.75 180 0 L5.5 1 M5.5 6.2 A8.25 6.65 2.75 2.75 180 0 L11 1'),
  n: glyph(6.6, 'M0 9.4 L0 1 M0 5.8 A3.3 6.1 3.3 3.3 180 0 L6.6 1'),
  o: glyph(7, 'A3.5 5.2 3.5 4.2 0 360', 1.75),
  p: glyph(6.8, 'M0 9.4 L0 -3 M0 5.2 A3.4 5.2 3.4 4.2 180 -180'),
  q: glyph(6.8, 'M6.8 9.4 L6.8 -3 M6.8 5.2 A3.4 5.2 3.4 4.2 0 360'),
  r: glyph(3.9, 'M0 9.4 L0 1 M0 5.8 A3.3 6.1 3.3 3.3 180 76', 1.6),
  s: glyph(5.6, 'A2.8 7.35 2.6 2.05 32 270 A2.8 3.15 2.8 2.15 90 -150', 1.6),
  t: glyph(4.3, 'M1.7 12.4 L1.7 3.3 A4 3.3 2.3 2.3 180 275 M0 9.3 L4.3 9.3', narrow),
  u: glyph(6.6, 'M0 9.4 L0 4.3 A3.3 4.3 3.3 3.3 180 360 M6.6 9.4 L6.6 1'),
  v: glyph(6.8, 'M0 9.4 L3.4 1 L6.8 9.4', narrow),
  w: glyph(10.2, 'M0 9.4 L2.6 1 L5.1 8.4 L7.6 1 L10.2 9.4', narrow),
  x: glyph(6.4, 'M0 9.4 L6.4 1 M6.4 9.4 L0 1', narrow),
  y: glyph(6.8, 'M0 9.4 L3.4 1 M6.8 9.4 L3 -0.9 C2.4 -2.6 1.6 -3 0.2 -3', narrow),
  z: glyph(5.8, 'M0 9.4 L5.8 9.4 L0 1 L5.8 1', 1.6),
  0: digit('A3.6 9.2 3.6 3.8 0 180 L0 4.8 A3.6 4.8 3.6 3.8 180 360 L7.2 9.2'),
  1: digit('M1.3 10.4 L4.4 13 L4.4 1'),
  2: digit('A3.5 9.5 3.4 3.5 168 -32 L0.2 1 L7.1 1'),
  3: digit('A3.4 10.1 3.2 2.9 150 -90 L2.6 7.2 M3.4 7.2 A3.5 4.1 3.6 3.1 90 -155'),
  4: digit('M5.4 1 L5.4 13 L0 4.4 L7.4 4.4'),
  5: digit('M6.6 13 L1.2 13 L0.7 7.5 C1.5 8.3 2.4 8.7 3.5 8.7 A3.4 4.85 3.7 3.85 90 -152'),
  6: digit('M5.5 13 C2.6 11.2 0 8.4 0 4.7 A3.6 4.7 3.6 3.7 180 -180'),
  7: digit('M0.1 13 L7 13 L2.4 1'),
  8: digit('A3.6 10.1 3.1 2.9 -90 270 U A3.6 4.1 3.6 3.1 90 450'),
  9: digit('M1.7 1 C4.6 2.8 7.2 5.6 7.2 9.3 A3.6 9.3 3.6 3.7 0 360'),
  '!': glyph(0, 'M0 13 L0 5.2 M0 1.1 L0 1.2'),
  '"': glyph(2.8, 'M0 13 L0 10 M2.8 13 L2.8 10'),
  '#': glyph(8, 'M3 12.6 L1.6 1.4 M6.6 12.6 L5.2 1.4 M0.5 9.1 L8 9.1 M0 4.9 L7.5 4.9', 1.5),
  $: glyph(7.6, 'A3.8 9.9 3.6 2.7 28 270 A3.8 4.3 3.8 2.9 90 -152 M3.8 14.6 L3.8 -0.6', 1.7),
  '%': glyph(11.4, 'A2.5 10.2 2.5 2.8 0 360 U A8.9 3.8 2.5 2.8 0 360 M9.4 13 L2 1', 1.6),
  '&': glyph(
    8.6,
    'M8.6 1 L2.3 8.7 C0.7 10.7 1.7 13 3.9 13 C6.3 13 7 10.3 5 8.9 L2.1 6.9 C-0.7 5 0.1 1 3.6 1 C6.4 1 8.1 3.4 8.4 6',
    1.7,
  ),
  "'": glyph(0, 'M0 13 L0 10'),
  '(': glyph(2.8, 'M2.8 14 C-0.9 10 -0.9 2 2.8 -2', 1.6),
  ')': glyph(2.8, 'M0 14 C3.7 10 3.7 2 0 -2', 1.6),
  '*': glyph(5.2, 'M2.6 13 L2.6 7.4 M0.2 11.6 L5 8.8 M5 11.6 L0.2 8.8', 1.6),
  '+': glyph(7, 'M3.5 10 L3.5 3 M0 6.5 L7 6.5', 1.8),
  ',': glyph(0.6, 'M0.6 1.2 L0 -1.6', 1.7),
  '-': glyph(4.2, 'M0 6 L4.2 6', 1.8),
  '.': glyph(0, 'M0 1.1 L0 1.2', 1.7),
  '/': glyph(5.4, 'M0 0 L5.4 14', narrow),
  ':': glyph(0, 'M0 8.4 L0 8.5 M0 1.1 L0 1.2', 1.7),
  ';': glyph(0.6, 'M0.6 8.4 L0.6 8.5 M0.6 1.2 L0 -1.6', 1.7),
  '<': glyph(6, 'M6 10.4 L0 6.5 L6 2.6', 1.7),
  '=': glyph(6.6, 'M0 8.4 L6.6 8.4 M0 4.6 L6.6 4.6', 1.8),
  '>': glyph(6, 'M0 10.4 L6 6.5 L0 2.6', 1.7),
  '?': glyph(6.4, 'A3.2 9.8 3.2 3.2 170 -40 C4.6 6.8 3.2 6.4 3.2 4.8 M3.2 1.1 L3.2 1.2', 1.7),
  '@': glyph(12, 'M8.4 5.8 A6 5.8 2.4 2.6 0 360 L8.4 4.4 C8.6 2.4 12 2.8 12 6 A6 6 6 6.2 0 318', 1.7),
  '[': glyph(2.8, 'M2.8 14 L0 14 L0 -2 L2.8 -2', 1.7),
  '\\': glyph(5.4, 'M0 14 L5.4 0', narrow),
  ']': glyph(2.8, 'M0 14 L2.8 14 L2.8 -2 L0 -2', 1.7),
  '^': glyph(5.6, 'M0 9 L2.8 13 L5.6 9', 1.6),
  _: glyph(7, 'M0 -1 L7 -1', 1),
  '`': glyph(1.8, 'M0 13 L1.8 10.6', 1.8),
  '{': glyph(3.2, 'M3.2 14 C0.8 14 1.6 12 1.6 9.4 C1.6 7 1 6 0 6 C1 6 1.6 5 1.6 2.6 C1.6 0 0.8 -2 3.2 -2', 1.6),
  '|': glyph(0, 'M0 14 L0 -2'),
  '}': glyph(3.2, 'M0 14 C2.4 14 1.6 12 1.6 9.4 C1.6 7 2.2 6 3.2 6 C2.2 6 1.6 5 1.6 2.6 C1.6 0 2.4 -2 0 -2', 1.6),
  '~': glyph(7, 'M0 5.4 C1.4 8.2 2.6 7.4 3.5 6.5 C4.4 5.6 5.6 4.8 7 7.6', 1.7),
  '…': glyph(7.2, 'M0 1.1 L0 1.2 M3.6 1.1 L3.6 1.2 M7.2 1.1 L7.2 1.2', 1.7),
  '·': glyph(0, 'M0 6.4 L0 6.5', 1.8),
  '–': glyph(6.4, 'M0 6 L6.4 6', 1.8),
  '×': glyph(5.6, 'M0 9.3 L5.6 3.7 M5.6 9.3 L0 3.7', 1.8),
  '—': glyph(9.4, 'M0 6 L9.4 6', 1.8),
  '’': glyph(0, 'M0 13 L0 10'),
  '‘': glyph(0, 'M0 13 L0 10'),
  '“': glyph(2.8, 'M0 13 L0 10 M2.8 13 L2.8 10'),
  '”': glyph(2.8, 'M0 13 L0 10 M2.8 13 L2.8 10'),
  ß: glyph(
    6.2,
    'M0 1 L0 10.4 A2.8 10.4 2.8 2.6 180 0 C5.6 8.6 3.2 8.6 3.2 7.4 C3.2 6.2 6.2 6 6.2 3.4 A3.7 3.4 2.5 2.4 0 -125',
  ),
  ø: glyph(7, 'A3.5 5.2 3.5 4.2 0 360 M0.4 0.6 L6.6 9.8', 1.75),
  Ø: glyph(9.2, 'A4.6 8.4 4.6 4.6 0 180 L0 5.6 A4.6 5.6 4.6 4.6 180 360 L9.2 8.4 M0.8 0.8 L8.4 13.2'),
  ł: glyph(2.6, 'M0.7 13 L0.7 3 A2.7 3 2 2 180 265 M-0.6 6 L2.4 8.4', 1.75),
  Ł: glyph(6.6, 'M0.4 13 L0.4 1 L6.6 1 M-1 5.6 L3.4 9', 1.7),
  ı: glyph(0, 'M0 9.4 L0 1'),
};

/** Accents, drawn over (or under) the middle of the letter before them; over a tall letter they stand `markLift` units higher. */
export const marks: Readonly<Record<string, GlyphShape>> = {
  '\u0300': glyph(2.2, 'M0 13.2 L2.2 11.6'),
  '\u0301': glyph(2.2, 'M0 11.6 L2.2 13.2'),
  '\u0302': glyph(4.2, 'M0 11.6 L2.1 13.2 L4.2 11.6'),
  '\u0303': glyph(5, 'M0 11.8 C1 13.6 2 13.1 2.5 12.5 C3 11.9 4 11.4 5 13.2'),
  '\u0304': glyph(4.2, 'M0 12.3 L4.2 12.3'),
  '\u0306': glyph(4.2, 'M0 13.2 C0.6 11.2 3.6 11.2 4.2 13.2'),
  '\u0307': glyph(0, 'M0 12.4 L0 12.5'),
  '\u0308': glyph(3.8, 'M0 12.4 L0 12.5 M3.8 12.4 L3.8 12.5'),
  '\u030a': glyph(3, 'A1.5 12.8 1.5 1.4 0 360'),
  '\u030b': glyph(4.4, 'M0 11.6 L1.4 13.2 M3 11.6 L4.4 13.2'),
  '\u030c': glyph(4.2, 'M0 13.2 L2.1 11.6 L4.2 13.2'),
  '\u0327': glyph(2, 'M1.2 0.4 C2.8 -0.6 2 -2.6 0 -2.3'),
  '\u0328': glyph(3, 'M1.8 0.6 C0 -0.8 0.4 -2.6 2.4 -2.3'),
};
export const marksBelow: ReadonlySet<string> = new Set(['\u0327', '\u0328']);
export const markLift = 3.7;

/** Drawn for a character that the face lacks. */
export const unknownGlyph: GlyphShape = glyph(6.4, 'M0 1 L0 12 L6.4 12 L6.4 1 L0 1');
