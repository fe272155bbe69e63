import { cast, type Thing, type ThingName } from './cast.ts';
import { smoothstep } from './noise.ts';
import { reachDown } from './shapes.ts';

export const fps = 25;
export const durationSecs = 8;
export const frameCount = fps * durationSecs;

/** Where a thing is at one moment: centre in pixels, turn clockwise in radians, stretch along the screen's axes. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly stretchX: number;
  readonly stretchY: number;
  /** Pixels between its lowest point and the floor. */
  readonly gap: number;
}

/** A touch of the floor, for the sound: strength 0..1. */
export interface Touch {
  readonly thing: ThingName;
  readonly atSecs: number;
  readonly x: number;
  readonly strength: number;
}

/** One leap: up and down again under gravity, `dx` pixels along, turning by `turn` radians. */
interface Hop {
  readonly start: number;
  readonly end: number;
  readonly dx: number;
  readonly turn: number;
}
/** One push over an edge by a quarter turn; +1 to the right. */
interface Roll {
  readonly start: number;
  readonly end: number;
  readonly side: 1 | -1;
}

const gravity = 2150;
const fifth = (2 * Math.PI) / 5;
const third = (2 * Math.PI) / 3;
const quarter = Math.PI / 2;

// Every touch lies on a grid of 0.3 s (eighths at 100 beats a minute), so that the plucks make music.
const hops: Partial<Record<ThingName, readonly Hop[]>> = {
  star: [
    { start: 0.6, end: 1.5, dx: -160, turn: -fifth },
    { start: 1.5, end: 2.4, dx: -170, turn: -fifth },
    { start: 2.4, end: 3.6, dx: -190, turn: -2 * fifth },
    { start: 3.6, end: 4.2, dx: -110, turn: -fifth },
    { start: 4.2, end: 4.5, dx: -30, turn: 0 },
    { start: 5.4, end: 6.3, dx: 150, turn: fifth },
    { start: 6.3, end: 7.2, dx: 170, turn: fifth },
    { start: 7.2, end: 7.5, dx: 24, turn: 0 },
  ],
  triangle: [
    { start: 1.2, end: 1.8, dx: 30, turn: third },
    { start: 3.3, end: 3.9, dx: -110, turn: -third },
    { start: 4.8, end: 5.4, dx: -70, turn: -third },
    { start: 6.6, end: 7.2, dx: 90, turn: third },
  ],
  ball: [
    { start: 0.3, end: 0.9, dx: 170, turn: 170 / 90 },
    { start: 0.9, end: 1.2, dx: 90, turn: 1 },
  ],
};
const starts: Readonly<Record<'star' | 'triangle' | 'box' | 'ball', number>> = {
  star: 1128,
  triangle: 926,
  box: 466,
  ball: 196,
};
const rolls: readonly Roll[] = [
  { start: 1.95, end: 2.7, side: 1 },
  { start: 3.15, end: 3.9, side: 1 },
  { start: 4.35, end: 5.1, side: -1 },
  { start: 6.15, end: 6.9, side: -1 },
];

/** The pose of a thing at any moment; continuous, so a shutter may sample it. */
export function poseAt(thing: Thing, secs: number): Pose {
  switch (thing.name) {
    case 'box':
      return rolledPose(thing, secs);
    case 'leaf':
      return driftingPose(thing, secs);
    case 'ring':
      return standing(thing, hoopX(secs), hoopX(secs) / thing.size, 0, 0);
    case 'ball':
      return secs < 1.2
        ? hoppedPose(thing, secs)
        : standing(thing, ballX(secs), ballAngle(thing, secs), 0, wobble(thing, secs));
    default:
      return hoppedPose(thing, secs);
  }
}

/** All touches of the clip, in time order. */
export function touches(): readonly Touch[] {
  const all: Touch[] = [];
  for (const thing of cast) {
    for (const hop of hops[thing.name] ?? []) {
      const strength = Math.min(1, (hop.end - hop.start) / 1.1);
      all.push({ thing: thing.name, atSecs: hop.end, x: poseAt(thing, hop.end).x, strength });
    }
    if (thing.name !== 'box') continue;
    for (const { end } of rolls) all.push({ thing: 'box', atSecs: end, x: poseAt(thing, end).x, strength: 0.8 });
  }
  return all.filter(({ x }) => x > -50 && x < 1330).sort((a, b) => a.atSecs - b.atSecs);
}

function hoppedPose(thing: Thing, secs: number): Pose {
  let x = starts[thing.name as 'star'];
  let angle = 0;
  let height = 0;
  for (const { start, end, dx, turn } of hops[thing.name] ?? []) {
    if (secs <= start) break;
    const share = Math.min(1, (secs - start) / (end - start));
    x += dx * share;
    angle += turn * share;
    const length = end - start;
    height = (gravity / 2) * share * (1 - share) * length * length;
  }
  return standing(thing, x, angle, height, wobble(thing, secs));
}

/** Squash (positive) after a landing and before a leap; stretch in between comes from the spring's swing. */
function wobble(thing: Thing, secs: number): number {
  let squash = 0;
  for (const { start, end } of hops[thing.name] ?? []) {
    const since = secs - end;
    // A spring that is pushed in quickly, not at once: the shutter must never see two sizes.
    if (since >= 0) {
      const push = smoothstep(0, 0.05, since);
      squash += 0.17 * (end - start) * push * Math.exp(-8 * since) * Math.cos(24 * since);
    }
    const until = start - secs;
    if (until > 0 && until < 0.18) squash += 0.07 * Math.sin((1 - until / 0.18) * Math.PI) ** 2;
    if (secs > start && secs < end) {
      const ease = smoothstep(0, 0.08, secs - start) * smoothstep(0, 0.08, -since);
      squash -= 0.05 * ease * Math.cos(((secs - start) / (end - start)) * Math.PI) ** 2;
    }
  }
  return squash;
}

function standing(thing: Thing, x: number, angle: number, height: number, squash: number): Pose {
  const stretchY = 1 - squash;
  const stretchX = 1 / stretchY;
  const y = thing.laneY - height - reachDown(thing.shape, angle) * thing.size * stretchY;
  return { x, y, angle, stretchX, stretchY, gap: height };
}

/** A block that is pushed over its edge: it pivots on the rounded corner, slowly at first, then falls. */
function rolledPose(thing: Thing, secs: number): Pose {
  const inner = (1 - thing.shape.rounding) * thing.size;
  const outer = thing.shape.rounding * thing.size;
  let x = starts.box;
  let angle = 0;
  for (const { start, end, side } of rolls) {
    if (secs <= start) break;
    const share = Math.min(1, (secs - start) / (end - start));
    const turn = quarter * (0.35 * smoothstep(0, 1, share) + 0.65 * share * share * share);
    x += side * (inner + outer * turn - inner * Math.cos(turn) + inner * Math.sin(turn));
    angle += side * turn;
  }
  return standing(thing, x, angle, 0, 0);
}

/** Out on the right, and back from there. */
function ballX(secs: number): number {
  const rolledOff = starts.ball + 260;
  if (secs < 5) return rolledOff + 300 * (secs - 1.2) + 24 * (secs - 1.2) ** 2;
  const back = Math.min(secs, 7.7) - 5;
  return 1420 - 372 * back + (372 * (back * back)) / (2 * 2.7);
}

function ballAngle(thing: Thing, secs: number): number {
  const afterHops = 170 / 90 + 1;
  return afterHops + (ballX(secs) - ballX(1.2)) / thing.size;
}

/** The hoop swings to the right behind the triangle and the star, then all the way to the left behind the block. */
function hoopX(secs: number): number {
  return 706 + 330 * smoothstep(0.4, 3.4, secs) - 760 * smoothstep(3.5, 7.7, secs);
}

/** A leaf on a light wind: it sways, turns, and is gone for good on the right. */
function driftingPose(thing: Thing, secs: number): Pose {
  const x = 352 + 92 * secs + 17 * secs * secs + 34 * Math.sin(1.5 * secs);
  const y = 200 + 62 * Math.sin(1.35 * secs + 0.1) - 12 * secs;
  const angle = -0.42 + 0.5 * Math.sin(1.5 * secs + 0.4) + 0.1 * secs;
  const flutter = 1 - 0.14 * (0.5 + 0.5 * Math.sin(2.4 * secs - 0.8));
  return { x, y, angle, stretchX: 1, stretchY: flutter, gap: thing.laneY - y };
}
