import { fractalNoise, mix, smoothstep } from './noise.ts';
import { ball, box, leaf, ring, type Shape, star, triangle } from './shapes.ts';

export type Rgb = readonly [number, number, number];
export type ThingName = 'ball' | 'box' | 'star' | 'leaf' | 'ring' | 'triangle';

/** One thing of the clip: what it is called, how it is cut and painted. */
export interface Thing {
  readonly name: ThingName;
  /** Phrases that name it and nothing else in the clip, the plainest first. */
  readonly phrases: readonly string[];
  readonly shape: Shape;
  /** Pixels per unit of the shape. */
  readonly size: number;
  /** Where its shadow meets the floor, in pixels from the top; larger is nearer to the viewer. */
  readonly laneY: number;
  /** A point well inside the outline, in units of the shape: where a user would click. */
  readonly grip: readonly [number, number];
  /** Linear-light colour of the surface at a point of the shape. */
  readonly paint: (x: number, y: number, distance: number) => Rgb;
}

/** sRGB hex to linear light. */
export function linearFromHex(hex: string): Rgb {
  const channel = (at: number) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2;
  return [channel(1), channel(3), channel(5)];
}

function blend(a: Rgb, b: Rgb, share: number): Rgb {
  return [mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share)];
}

/** A line of half-width `half` around 0 of `value`, 1 on it and 0 off it. */
const line = (value: number, half: number) => smoothstep(half, half * 0.55, Math.abs(value));

const red = linearFromHex('#e3242b');
const crimson = linearFromHex('#b50f22');
const blue = linearFromHex('#1f6fe0');
const navy = linearFromHex('#1450b8');
const sky = linearFromHex('#3f8df2');
const yellow = linearFromHex('#ffd11a');
const honey = linearFromHex('#f7bd08');
const green = linearFromHex('#2fa84a');
const moss = linearFromHex('#1c8238');
const lime = linearFromHex('#6cc653');
const orange = linearFromHex('#fb7f14');
const amber = linearFromHex('#ff9a2e');
const purple = linearFromHex('#8a3fd1');
const plum = linearFromHex('#6c2ab0');

/** Two arms that wind from the middle to the rim. */
function paintSwirl(x: number, y: number): Rgb {
  const radius = Math.hypot(x, y);
  const arm = Math.sin(Math.atan2(y, x) * 2 + 7.5 * radius ** 0.8);
  return blend(red, crimson, smoothstep(-0.16, 0.16, arm) * smoothstep(0.02, 0.16, radius));
}

/** A stitched seam along the edge and nine pressed dots. */
function paintBlock(x: number, y: number, distance: number): Rgb {
  const seam = line(distance + 0.24, 0.022);
  const stitch = smoothstep(-0.2, 0.2, Math.sin((Math.abs(x) > Math.abs(y) ? y : x) * 34));
  const cell = (value: number) => value - Math.round(Math.min(0.38, Math.max(-0.38, value)) / 0.38) * 0.38;
  const dot = smoothstep(0.1, 0.085, Math.hypot(cell(x), cell(y)));
  return blend(blend(blue, navy, seam * stitch), sky, dot);
}

/** Ridges from the middle to the tips catch the light; the valleys are a little deeper in colour. */
function paintStar(x: number, y: number): Rgb {
  const turn = Math.atan2(x, -y) * 5;
  return blend(yellow, honey, 0.5 - 0.5 * Math.cos(turn));
}

/** A midrib and slanting side veins. */
function paintLeaf(x: number, y: number): Rgb {
  const across = y + 0.16 * x * x - 0.06 + 0.05 * x;
  const body = blend(green, moss, smoothstep(-0.8, 0.9, x + 0.5 * Math.abs(across)));
  const along = (x - Math.abs(across) * 0.75) / 0.24;
  const side = line(along - Math.round(along), 0.075) * smoothstep(0.9, 0.6, Math.abs(x));
  return blend(body, lime, Math.max(0.85 * line(across, 0.03), 0.6 * side));
}

/** Broad candy stripes, slanted along the tube. */
function paintRing(x: number, y: number): Rgb {
  const stripe = Math.sin(Math.atan2(y, x) * 8 + (Math.hypot(x, y) - 0.73) * 7);
  return blend(orange, amber, smoothstep(-0.25, 0.25, stripe));
}

/** Engraved lines that follow the outline inwards. */
function paintTriangle(_x: number, _y: number, distance: number): Rgb {
  const ripple = (-distance - 0.2) / 0.13;
  const engraved = line(ripple - Math.round(ripple), 0.17) * smoothstep(0.1, 0.16, -distance);
  return blend(purple, plum, 0.85 * engraved);
}

/** Felt and clay: fine grain in the colour. */
function grained(paint: Thing['paint'], seed: number, amount: number): Thing['paint'] {
  return (x, y, distance) => {
    const grain = 1 + amount * (fractalNoise(x * 22, y * 22, seed, 3) - 0.5);
    const [r, g, b] = paint(x, y, distance);
    return [r * grain, g * grain, b * grain];
  };
}

/** From the back to the front: later ones hide earlier ones. */
export const cast: readonly Thing[] = [
  {
    name: 'ring',
    phrases: ['orange thing', 'orange ring'],
    shape: ring,
    size: 104,
    laneY: 556,
    grip: [0, -0.73],
    paint: grained(paintRing, 11, 0.22),
  },
  {
    name: 'triangle',
    phrases: ['purple thing', 'purple triangle'],
    shape: triangle,
    size: 106,
    laneY: 582,
    grip: [0, 0.05],
    paint: grained(paintTriangle, 12, 0.3),
  },
  {
    name: 'box',
    phrases: ['blue thing', 'blue box'],
    shape: box,
    size: 84,
    laneY: 610,
    grip: [0, 0],
    paint: grained(paintBlock, 13, 0.34),
  },
  {
    name: 'star',
    phrases: ['yellow thing', 'yellow star'],
    shape: star,
    size: 112,
    laneY: 638,
    grip: [0, 0],
    paint: grained(paintStar, 14, 0.2),
  },
  {
    name: 'leaf',
    phrases: ['green thing', 'green leaf'],
    shape: leaf,
    size: 118,
    laneY: 625,
    grip: [0.1, 0.05],
    paint: grained(paintLeaf, 15, 0.25),
  },
  {
    name: 'ball',
    phrases: ['red thing', 'red ball'],
    shape: ball,
    size: 90,
    laneY: 668,
    grip: [0, 0],
    paint: grained(paintSwirl, 16, 0.26),
  },
];
