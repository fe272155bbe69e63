import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtinModelsFolder, openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { type FrameProvider, Tracker } from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';

const SIDE = 384;
const FRAMES = 6;
const CORRECTED = frameIndex(4);
/** A flag of two colours; its parts walk to the right together. */
const RED = { left: 90, top: 130, width: 80, height: 110 };
const BLUE = { ...RED, left: RED.left + RED.width };
const STEP = 3;

type Part = typeof RED;
type Cover = (x: number, y: number) => boolean;

const within =
  ({ left, top, width, height }: Part, frame: number): Cover =>
  (x, y) =>
    x >= left + STEP * frame && x < left + STEP * frame + width && y >= top && y < top + height;

let runtime: PackRuntime;
beforeAll(async () => {
  runtime = await openPackRuntime(await readPack(join(builtinModelsFolder(), 'pebble')), { threads: 1 });
});
afterAll(() => runtime?.[Symbol.asyncDispose]());

test('a click on a tracked frame takes in the part that tracking left out', async () => {
  const { before, after } = await corrected([RED], BLUE, true);
  expect(before[1]).toBeLessThan(0.2);
  expect(after[0]).toBeGreaterThan(0.7);
  expect(after[1]).toBeGreaterThan(0.7);
});

test('a click outside on a tracked frame takes the part away', async () => {
  const { before, after } = await corrected([RED, BLUE], BLUE, false);
  expect(before[1]).toBeGreaterThan(0.8);
  expect(after[0]).toBeGreaterThan(0.7);
  expect(after[1]).toBeLessThan(0.3);
});

test('what no click lies on stays as it was, whatever else the decoder would have made of it', async () => {
  const apart = { ...BLUE, left: BLUE.left + 60 };
  const { before, after } = await corrected([RED, apart], apart, false);
  expect(before[0]).toBeGreaterThan(0.8);
  expect(after[0]).toBe(before[0]);
  // The rule is the pack's: without it the other part changes too.
  const anywhere = await corrected([RED, apart], apart, false, correctingAnywhere());
  expect(anywhere.after[0]).not.toBe(anywhere.before[0]);
});

/** pebble without its rule for corrections. */
function correctingAnywhere(): PackRuntime {
  const spec = { ...runtime.spec, tracker: { ...runtime.spec.tracker!, corrections: 'anywhere' as const } };
  return new Proxy(runtime, {
    get(target, key) {
      const value: unknown = key === 'spec' ? spec : Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Tracks the parts, then clicks in the middle of one; how much of red and blue the mask covers, before and after. */
async function corrected(parts: readonly Part[], clicked: Part, include: boolean, model: PackRuntime = runtime) {
  const video = { width: SIDE, height: SIDE, frameCount: FRAMES };
  const frames: FrameProvider = async function* ({ first, last }) {
    for (let at = first; at <= last; at++) yield { frameIndex: at, pixels: picture(at), release: () => undefined };
  };
  const tracker = new Tracker({ model, video, policy: 'studio' });
  const who = { objectId: objectId(1) };
  const bitmap = Uint8Array.from({ length: SIDE * SIDE }, (_, at) =>
    parts.some((part) => within(part, 0)(at % SIDE, Math.floor(at / SIDE))) ? 1 : 0,
  );
  const mask = rleFromBitmap(bitmap, SIDE, SIDE);
  const first = frameIndex(0);
  await tracker.segment({ frameIndex: first, prompts: [{ kind: 'mask', ...who, frameIndex: first, mask }] }, frames);
  const range = { first, last: frameIndex(FRAMES - 1), direction: 'forward' as const };
  const tracked = await Array.fromAsync(tracker.propagate(range, frames));
  const { left, top, width, height } = clicked;
  const point = { x: left + STEP * CORRECTED + width / 2, y: top + height / 2 };
  const prompts = [{ kind: 'point' as const, ...who, frameIndex: CORRECTED, point, include }];
  const [answer] = await tracker.segment({ frameIndex: CORRECTED, prompts }, frames);
  return { before: covered(tracked[CORRECTED].objects[0].logits), after: covered(answer.logits) };
}

/** Shares of red and blue under the mask on the corrected frame. */
function covered(logits: Float32Array | null): readonly [number, number] {
  const { lowres } = runtime.spec;
  const scale = SIDE / lowres;
  const share = (part: Part) => {
    const isPart = within(part, CORRECTED);
    const cells = Array.from({ length: lowres * lowres }, (_, at) => at).filter((at) =>
      isPart(((at % lowres) + 0.5) * scale, (Math.floor(at / lowres) + 0.5) * scale),
    );
    return cells.filter((at) => (logits?.[at] ?? -1) > 0).length / cells.length;
  };
  return [share(RED), share(BLUE)];
}

function picture(frame: number): Uint8Array {
  const [isRed, isBlue] = [within(RED, frame), within(BLUE, frame)];
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const grain = (x * 7 + y * 13 + ((x * y) % 11)) % 16;
      const [red, green, blue] = isRed(x, y) ? [190, 45, 40] : isBlue(x, y) ? [45, 70, 185] : [112, 124, 104];
      pixels.set([red + grain, green + grain, blue + grain], (y * SIDE + x) * 3);
    }
  }
  return pixels;
}
