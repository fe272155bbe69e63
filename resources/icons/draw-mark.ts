/** A square picture: 8-bit RGBA, not premultiplied, tight rows. */
export interface Rgba {
  readonly size: number;
  readonly pixels: Uint8Array;
}

export interface MarkOptions {
  /** `session`: a sheet of paper with the mark, for files. */
  readonly kind: 'app' | 'session';
  readonly size: number;
  /** Empty share on each side. */
  readonly margin: number;
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];
/** Signed distance to a shape in units of the mark's own 28 x 28 grid; negative inside. */
type Shape = (x: number, y: number) => number;

const GRID = 28;
const GROUND_TOP: Colour = [34, 160, 84, 1];
const GROUND_FOOT: Colour = [13, 99, 48, 1];
const WHITE: Colour = [255, 255, 255, 1];
const PAPER: Colour = [246, 248, 247, 1];
const FOLD: Colour = [201, 210, 205, 1];
const EDGE: Colour = [168, 180, 173, 1];

/** The mark at a size; below 32 pixels its lines are thicker and the faint wave is left out. */
export function drawMark({ kind, size, margin }: MarkOptions): Rgba {
  const pixels = new Uint8Array(size * size * 4);
  const small = size < 32;
  // Edges are softened by their distance already; small pictures need more than that.
  const samples = size < 128 ? 4 : 1;
  const paint = kind === 'app' ? appPaint(small) : sessionPaint(small);
  const scale = GRID / (size * (1 - 2 * margin));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0, 0];
      for (let sample = 0; sample < samples * samples; sample++) {
        const across = x + ((sample % samples) + 0.5) / samples - size * margin;
        const down = y + (Math.floor(sample / samples) + 0.5) / samples - size * margin;
        const [red, green, blue, alpha] = paint(across * scale, down * scale, scale / samples);
        sum[0] += red * alpha;
        sum[1] += green * alpha;
        sum[2] += blue * alpha;
        sum[3] += alpha;
      }
      const [red, green, blue, alpha] = sum;
      const whole = alpha === 0 ? 1 : alpha;
      pixels.set(
        [red / whole, green / whole, blue / whole, (alpha / samples ** 2) * 255].map(Math.round),
        (y * size + x) * 4,
      );
    }
  }
  return { size, pixels };
}

type Paint = (x: number, y: number, soft: number) => Colour;

function appPaint(small: boolean): Paint {
  const ground = roundedBox(14, 14, 14, 14, 7);
  return (x, y, soft) => {
    const share = Math.min(1, Math.max(0, y / GRID));
    const base = cover(mix(GROUND_TOP, GROUND_FOOT, share), ground(x, y), soft);
    return over(lines(small, WHITE)(x, y, soft), base);
  };
}

function sessionPaint(small: boolean): Paint {
  const sheet: Shape = (x, y) => Math.max(roundedBox(14, 14, 10.5, 13.5, 2)(x, y), (x - y - 15) / Math.SQRT2);
  const fold: Shape = (x, y) => Math.max(roundedBox(20.5, 5, 4, 4.5, 0.5)(x, y), (x - y - 15) / Math.SQRT2);
  const badge = roundedBox(14, 16.5, 7.5, 7.5, 3.8);
  const mark = lines(small, WHITE);
  return (x, y, soft) => {
    const edge = cover(EDGE, sheet(x, y), soft);
    const paper = over(cover(PAPER, sheet(x, y) + (small ? 0.9 : 0.45), soft), edge);
    const folded = over(cover(FOLD, fold(x, y) + 0.2, soft), paper);
    const ground = over(cover(mix(GROUND_TOP, GROUND_FOOT, (y - 9) / 15), badge(x, y), soft), folded);
    const zoom = GRID / 15;
    return over(mark((x - 6.5) * zoom, (y - 9) * zoom, soft * zoom), ground);
  };
}

/** The thing as a ring, and two waves to its right. */
function lines(small: boolean, colour: Colour): Paint {
  const half = small ? 1.6 : 1.3;
  const ring: Shape = (x, y) => Math.abs(Math.hypot(x - (small ? 9.5 : 9.4), y - 14) - 4.5) - half;
  const near = small ? arc(10, 14, 9.2, half) : arc(9.8, 14, 8.4, half);
  const far = arc(10.4, 14, 11.9, 1.2);
  return (x, y, soft) => {
    const waves = over(cover(colour, near(x, y), soft), small ? CLEAR : fade(cover(colour, far(x, y), soft), 0.55));
    return over(cover(colour, ring(x, y), soft), waves);
  };
}
const CLEAR: Colour = [0, 0, 0, 0];

/** A quarter of a circle's line, to the right, with round ends. */
function arc(centreX: number, centreY: number, radius: number, half: number): Shape {
  const reach = Math.PI / 4;
  return (x, y) => {
    const angle = Math.atan2(y - centreY, x - centreX);
    const nearest = Math.min(reach, Math.max(-reach, angle));
    return Math.hypot(x - centreX - radius * Math.cos(nearest), y - centreY - radius * Math.sin(nearest)) - half;
  };
}

function roundedBox(centreX: number, centreY: number, halfX: number, halfY: number, radius: number): Shape {
  return (x, y) => {
    const across = Math.abs(x - centreX) - halfX + radius;
    const down = Math.abs(y - centreY) - halfY + radius;
    return Math.hypot(Math.max(across, 0), Math.max(down, 0)) + Math.min(Math.max(across, down), 0) - radius;
  };
}

function cover([red, green, blue, alpha]: Colour, distance: number, soft: number): Colour {
  return [red, green, blue, alpha * Math.min(1, Math.max(0, 0.5 - distance / soft))];
}

function fade([red, green, blue, alpha]: Colour, share: number): Colour {
  return [red, green, blue, alpha * share];
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const part = Math.min(1, Math.max(0, share));
  return [0, 1, 2, 3].map((index) => from[index] + (to[index] - from[index]) * part) as unknown as Colour;
}

function over(top: Colour, under: Colour): Colour {
  const alpha = top[3] + under[3] * (1 - top[3]);
  if (alpha === 0) return CLEAR;
  const share = top[3] / alpha;
  return [0, 1, 2].map((index) => top[index] * share + under[index] * (1 - share)).concat(alpha) as unknown as Colour;
}
