import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtinModelsFolder, openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';

const SIDE = 384;
const SURE = 0.5;

interface Thing {
  readonly name: string;
  readonly colour: readonly [number, number, number];
  readonly covers: (x: number, y: number) => boolean;
}

/** Corners at `radius` times each of `reach`, in turn, around a centre. */
function corners(cx: number, cy: number, radius: number, count: number, reach: readonly number[], turn: number) {
  return Array.from({ length: count }, (_, at) => {
    const angle = turn + (2 * Math.PI * at) / count;
    const far = radius * reach[at % reach.length];
    return [cx + far * Math.cos(angle), cy + far * Math.sin(angle)] as const;
  });
}

function inside(outline: readonly (readonly [number, number])[]): (x: number, y: number) => boolean {
  return (x, y) =>
    outline.reduce((odd, [x1, y1], at) => {
      const [x0, y0] = outline.at(at - 1)!;
      return y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0) ? !odd : odd;
    }, false);
}

/** Small things of five shapes, and a cross, which no shape word means. */
const THINGS: readonly Thing[] = [
  { name: 'red circle', colour: [205, 40, 45], covers: (x, y) => Math.hypot(x - 70, (y - 80) * 1.3) < 25 },
  { name: 'blue square', colour: [40, 80, 205], covers: inside(corners(190, 70, 34, 4, [1], 0.4)) },
  { name: 'green triangle', colour: [50, 150, 60], covers: inside(corners(310, 80, 38, 3, [1], 0.3)) },
  { name: 'yellow star', colour: [235, 205, 50], covers: inside(corners(80, 220, 36, 10, [1, 0.4], 0.2)) },
  {
    name: 'purple ring',
    colour: [130, 60, 175],
    covers: (x, y) => Math.abs(Math.hypot(x - 200, y - 220) - 28) < 8,
  },
  {
    name: 'orange cross',
    colour: [245, 130, 25],
    covers: (x, y) => Math.min(Math.abs(x - 310), Math.abs(y - 220)) < 9 && Math.hypot(x - 310, y - 220) < 32,
  },
];

let runtime: PackRuntime;
beforeAll(async () => {
  runtime = await openPackRuntime(await readPack(join(builtinModelsFolder(), 'pebble')), { threads: 1 });
});
afterAll(() => runtime?.[Symbol.asyncDispose]());

/** IoU of each sure answer with every thing it overlaps most, by name; '' where that is under a half. */
async function found(phrase: string): Promise<readonly { readonly name: string; readonly iou: number }[]> {
  const { lowres } = runtime.spec;
  const features = await runtime.encodeImage(picture());
  const { scores, masks } = await runtime.detect(features, await runtime.encodeText(phrase), []);
  const sure = [...scores.keys()].filter((at) => scores[at] >= SURE);
  return sure.map((at) => {
    const logits = masks.subarray(at * lowres * lowres, (at + 1) * lowres * lowres);
    const ious = THINGS.map((thing) => ({ name: thing.name, iou: iouOf(logits, lowres, thing) }));
    return ious.reduce((best, each) => (each.iou > best.iou ? each : best), { name: '', iou: 0.5 });
  });
}

function iouOf(logits: Float32Array, side: number, { covers }: Thing): number {
  const scale = SIDE / side;
  let [both, either] = [0, 0];
  for (let at = 0; at < logits.length; at++) {
    const is = covers(((at % side) + 0.5) * scale, (Math.floor(at / side) + 0.5) * scale);
    if (is && logits[at] > 0) both++;
    if (is || logits[at] > 0) either++;
  }
  return both / either;
}

function picture(): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const grain = (x * 7 + y * 13 + ((x * y) % 11)) % 14;
      const [red, green, blue] = THINGS.find(({ covers }) => covers(x + 0.5, y + 0.5))?.colour ?? [138, 132, 126];
      pixels.set([red + grain - 7, green + grain - 7, blue + grain - 7], (y * SIDE + x) * 3);
    }
  }
  return pixels;
}

test.each(THINGS.map(({ name }) => name))('pebble finds the %s by its colour, with a sharp mask', async (name) => {
  const [colour] = name.split(' ');
  const answers = await found(`${colour} thing`);
  expect(answers.map((each) => each.name)).toEqual([name]);
  expect(answers[0].iou).toBeGreaterThan(0.8);
});

test.each(THINGS.slice(0, 5).map(({ name }) => name))('pebble finds the %s by its shape alone', async (name) => {
  const [, shape] = name.split(' ');
  const answers = await found(shape);
  expect(answers.map((each) => each.name)).toEqual([name]);
  expect(answers[0].iou).toBeGreaterThan(0.85);
});

test.each(['pink thing', 'red square', 'blue circle', 'green star', 'yellow triangle', 'orange square', 'orange star'])(
  'pebble finds no %s where there is none',
  async (phrase) => {
    expect(await found(phrase)).toEqual([]);
  },
);
