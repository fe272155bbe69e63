import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { trueMask, unpackTruth } from '../../resources/sample/truth-file.ts';
import { bitmapFromRle, forEachRun, maskArea, maskBox } from '../../src-shared/mask/rle.ts';

const truth = unpackTruth(readFileSync(new URL('../../resources/sample/tumble.truth.json.gz', import.meta.url)));
const thing = (name: string) => {
  const found = truth.things.find((other) => other.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
/** true on frames where the thing can be seen. */
const seen = (name: string) => thing(name).masks.map((mask) => mask !== null);

describe('truth of the sample clip', () => {
  test('six things on every frame of 8 s', () => {
    expect(truth).toMatchObject({ clip: 'tumble.mp4', width: 1280, height: 720, fps: 25, frameCount: 200 });
    expect(truth.things.map(({ name }) => name)).toEqual(['ring', 'triangle', 'box', 'star', 'leaf', 'ball']);
    for (const { masks } of truth.things) expect(masks).toHaveLength(200);
  });

  test('the click of each thing is inside its first mask, and the box is tight', () => {
    for (const item of truth.things) {
      const mask = trueMask(truth, item, 0);
      if (mask === null) throw new Error(`${item.name} is not visible on frame 0`);
      expect(bitmapFromRle(mask)[item.click.y * truth.width + item.click.x], item.name).toBe(1);
      expect(maskBox(mask), item.name).toEqual(item.box);
      expect(maskArea(mask)).toBeGreaterThan(10_000);
    }
  });

  test('masks of one frame do not overlap', () => {
    for (const frame of [0, 50, 103, 180]) {
      const covered = new Uint8Array(truth.width * truth.height);
      let twice = 0;
      for (const item of truth.things) {
        const mask = trueMask(truth, item, frame);
        if (mask === null) continue;
        forEachRun(mask, (start, end) => {
          for (let at = start; at < end; at++) twice += covered[at]++;
        });
      }
      expect(twice).toBe(0);
    }
  });

  test('the ball leaves and returns, the leaf leaves for good, the others stay', () => {
    const ball = seen('ball');
    expect([ball[0], ball[110], ball[199]]).toEqual([true, false, true]);
    const leaf = seen('leaf');
    expect([leaf[0], leaf[100], ...leaf.slice(160)]).toEqual([true, true, ...new Array(40).fill(false)]);
    for (const name of ['ring', 'triangle', 'box', 'star']) expect(seen(name), name).not.toContain(false);
  });
});
