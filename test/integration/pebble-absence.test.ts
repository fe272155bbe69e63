import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtinModelsFolder, openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { type FrameProvider, type GuardSettings, settingsFor, Tracker } from '../../src-main/core/tracking/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';

const SIDE = 384;
const FRAMES = 8;
const LEAVES = 4;
const RETURNS = 10;
const LONGER = 16;
const OBJECT = { left: 130, top: 130, side: 120 };
/** Of the same colours, and hidden by the object while that is there. */
const LEFT_BEHIND = { left: 170, top: 170, side: 44 };

let runtime: PackRuntime;
beforeAll(async () => {
  runtime = await openPackRuntime(await readPack(join(builtinModelsFolder(), 'pebble')), { threads: 1 });
});
afterAll(() => runtime?.[Symbol.asyncDispose]());

test('pebble reports an object that went although something alike was behind it, by the guard of its pack', async () => {
  const gone = Array.from({ length: FRAMES - LEAVES }, (_, at) => LEAVES + at);
  const { guards } = settingsFor('studio', runtime.spec);
  expect(await absent(guards)).toEqual(gone);
  // Without the guard what was behind it is taken for it.
  expect(await absent({ ...guards!, fallen: [] })).toEqual([]);
});

test('pebble finds an object that returns in another light, by the second look of its pack', async () => {
  const gone = Array.from({ length: RETURNS - LEAVES }, (_, at) => LEAVES + at);
  const { guards } = settingsFor('studio', runtime.spec);
  const found = await absent(guards, evening, LONGER);
  expect(found.slice(0, gone.length)).toEqual(gone);
  expect(found.length - gone.length).toBeLessThanOrEqual(guards!.returns!.every - 1);
  // Without the look it stays lost.
  const { returns: _, ...followed } = guards!;
  expect(await absent(followed, evening, LONGER)).toEqual(
    Array.from({ length: LONGER - LEAVES }, (_, at) => LEAVES + at),
  );
});

async function absent(
  guards: GuardSettings | null,
  picture: (frame: number) => Uint8Array = midday,
  frameCount = FRAMES,
): Promise<readonly number[]> {
  const video = { width: SIDE, height: SIDE, frameCount };
  const frames: FrameProvider = async function* ({ first, last }) {
    for (let at = first; at <= last; at++) yield { frameIndex: at, pixels: picture(at), release: () => undefined };
  };
  const tracker = new Tracker({ model: runtime, video, policy: 'studio', settings: { guards } });
  const bitmap = new Uint8Array(SIDE * SIDE);
  const { left, top, side } = OBJECT;
  for (let y = top; y < top + side; y++) bitmap.fill(1, y * SIDE + left, y * SIDE + left + side);
  const mask = { kind: 'mask' as const, objectId: objectId(1), frameIndex: frameIndex(0) };
  const prompts = [{ ...mask, mask: rleFromBitmap(bitmap, SIDE, SIDE) }];
  await tracker.segment({ frameIndex: frameIndex(0), prompts }, frames);
  const range = { first: frameIndex(0), last: frameIndex(frameCount - 1), direction: 'forward' as const };
  const tracked = await Array.fromAsync(tracker.propagate(range, frames));
  return tracked.filter(({ objects }) => objects[0].logits === null).map((frame) => frame.frameIndex);
}

/** A red square walks over a grey ground and is gone from frame `LEAVES` on. */
function midday(frame: number): Uint8Array {
  const walked = { ...OBJECT, left: OBJECT.left + 2 * frame };
  return picture((x, y) => within(LEFT_BEHIND, x, y) || (frame < LEAVES && within(walked, x, y)));
}

/** It comes back elsewhere at frame `RETURNS`, while red fades from the light. */
function evening(frame: number): Uint8Array {
  const place = {
    ...OBJECT,
    left: frame < LEAVES ? OBJECT.left + 2 * frame : 30,
    top: frame < LEAVES ? OBJECT.top : 220,
  };
  const pixels = picture((x, y) => (frame < LEAVES || frame >= RETURNS) && within(place, x, y));
  return pixels.map((value, at) => value * [1 - 0.06 * frame, 1 + 0.03 * frame, 1 + 0.02 * frame][at % 3]);
}

function picture(isRed: (x: number, y: number) => boolean): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const red = isRed(x, y);
      const grain = (x * 3 + y * 5) % 12;
      const ground = [90 + ((x * 7 + y * 13) % 16), 110 + ((x * 5 + y * 3) % 16), 100 + ((x * 3 + y * 11) % 16)];
      pixels.set(red ? [200 + grain, 50 + grain, 40 + grain] : ground, (y * SIDE + x) * 3);
    }
  }
  return pixels;
}

function within({ left, top, side }: typeof OBJECT, x: number, y: number): boolean {
  return x >= left && x < left + side && y >= top && y < top + side;
}
