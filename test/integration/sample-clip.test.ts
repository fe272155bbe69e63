import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ffmpeg from '@ffmpeg-installer/ffmpeg';
import { expect, test } from 'vitest';
import { trueMask, unpackTruth } from '../../resources/sample/truth-file.ts';
import { forEachRun } from '../../src-shared/mask/rle.ts';

const clipPath = fileURLToPath(new URL('../../resources/sample/tumble.mp4', import.meta.url));
const truth = unpackTruth(readFileSync(new URL('../../resources/sample/tumble.truth.json.gz', import.meta.url)));

/** Decoded frames [height * width * 3], rgb24. */
function decode(frames: readonly number[]): readonly Uint8Array[] {
  const select = `select=${frames.map((frame) => `eq(n\\,${frame})`).join('+')}`;
  const args = [
    '-v',
    'error',
    '-i',
    clipPath,
    '-vf',
    select,
    '-vsync',
    '0',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ];
  const { stdout, status } = spawnSync(ffmpeg.path, args, { maxBuffer: 2 ** 28 });
  expect(status).toBe(0);
  const size = truth.width * truth.height * 3;
  expect(stdout.length).toBe(size * frames.length);
  return frames.map((_, index) => stdout.subarray(index * size, (index + 1) * size));
}

const hues: Readonly<Record<string, readonly [number, number]>> = {
  ball: [-15, 10],
  ring: [15, 42],
  star: [43, 60],
  leaf: [100, 150],
  box: [205, 230],
  triangle: [260, 285],
};

test('on decoded frames every true mask has the hue of its thing', () => {
  const frames = [0, 60, 120, 199];
  decode(frames).forEach((pixels, index) => {
    for (const thing of truth.things) {
      const mask = trueMask(truth, thing, frames[index]);
      if (mask === null) continue;
      const sum = [0, 0, 0];
      forEachRun(mask, (start, end) => {
        for (let at = start; at < end; at++) for (let c = 0; c < 3; c++) sum[c] += pixels[at * 3 + c];
      });
      const [low, high] = hues[thing.name];
      const hue = hueOf(sum[0], sum[1], sum[2]);
      expect(hue, `${thing.name} on frame ${frames[index]}`).toBeGreaterThan(low);
      expect(hue, `${thing.name} on frame ${frames[index]}`).toBeLessThan(high);
    }
  });
});

test('the clip is small, has all frames, and carries stereo sound', () => {
  expect(statSync(clipPath).size).toBeLessThan(3 * 2 ** 20);
  const { stderr } = spawnSync(ffmpeg.path, ['-i', clipPath, '-f', 'null', '-'], { encoding: 'utf8' });
  expect(stderr).toMatch(/Video: h264 .*yuv420p\(tv, bt709\), 1280x720.*25 fps/);
  expect(stderr).toMatch(/Audio: aac .*48000 Hz, stereo/);
  expect(stderr).toMatch(/frame=\s*200 /);
});

/** Degrees, -180..180 shifted so that red does not wrap: -30..330. */
function hueOf(red: number, green: number, blue: number): number {
  const degrees = (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180) / Math.PI;
  return degrees < -30 ? degrees + 360 : degrees;
}
