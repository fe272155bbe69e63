import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeFrames, findMediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { renderOutputs } from '../../src-main/workers/export/render-outputs.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { bitmapFromRle } from '../../src-shared/mask/rle.ts';
import { discMask, exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';
import { Workspace } from '../support/run-cli.ts';

const workspace = new Workspace('render-turned');
afterAll(() => workspace[Symbol.dispose]());
const requireHere = createRequire(import.meta.url);
/** The ffmpeg of 2018 that npm brings, whatever else is on this machine. */
const OLD = {
  FFMPEG_BIN: (requireHere('@ffmpeg-installer/ffmpeg') as { path: string }).path,
  FFPROBE_BIN: (requireHere('@ffprobe-installer/ffprobe') as { path: string }).path,
};
const FRAMES = 2;
/** How far from the mask a style may touch a pixel. */
const REACH = 6;

/** [x y] is shown at [ax+cy bx+dy]: every way in which a track header turns or mirrors. */
const TURNS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  90: [0, 1, -1, 0],
  180: [-1, 0, 0, -1],
  270: [0, -1, 1, 0],
  'mirrored 0': [-1, 0, 0, 1],
  'mirrored 90': [0, -1, -1, 0],
  'mirrored 180': [1, 0, 0, -1],
  'mirrored 270': [0, 1, 1, 0],
};

/** Colours that change from pixel to pixel, kept by the codec; turned by the track header. */
function turnedClip(ffmpeg: string, name: string, size: string, matrix: readonly number[]): string {
  const path = workspace.path(`${name.replaceAll(' ', '-')}.mov`);
  // In 4:2:0 the source of colours has even sides.
  const source = `testsrc2=s=${size}:r=25:d=${FRAMES / 25},format=rgb24,scale=out_range=tv`;
  const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-pix_fmt', 'yuv420p', '-c:v', 'ffv1', path];
  execFileSync(ffmpeg, args);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('tkhd', 0, 'latin1') + 4 + 40;
  const [a, b, c, d] = matrix as [number, number, number, number];
  for (const [index, value] of [a, b, 0, c, d].entries()) bytes.writeInt32BE(value * 65536, at + index * 4);
  writeFileSync(path, bytes);
  return path;
}

const builds: readonly (readonly [string, NodeJS.ProcessEnv, readonly string[]])[] = [
  ['the ffmpeg at hand', {}, ['161x91', '160x91', '161x90']],
  ['the ffmpeg of the npm package', OLD, ['161x91']],
];

describe.each(builds)('pictures of a turned clip with %s', (build, env, sizes) => {
  const cases = Object.entries(TURNS).flatMap(([turn, matrix]) => sizes.map((size) => [turn, size, matrix] as const));
  it.each(cases)(
    'turned by %s, coded as %s: outside the mask they are the decoded source',
    async (turn, size, matrix) => {
      const tools = await findMediaTools({}, { ...process.env, ...env });
      const name = `${turn}-${size}-${build.length}`;
      const source = await openVideo(turnedClip(tools.ffmpeg.path, name, size, matrix), {
        tools,
        cacheDir: workspace.path('cache'),
      });
      const { width, height } = source.info;
      const [across, down] = size.split('x').map(Number);
      expect([width, height]).toEqual(/90|270/.test(turn) ? [down, across] : [across, down]);
      const mask = discMask(width, height, 50, 40, 15);
      const near = bitmapFromRle(discMask(width, height, 50, 40, 15 + REACH));
      const masks = fakeMasks([exportObject(1, 'Ball')], () => [storedMask(1, mask)]);
      const outPath = workspace.path(`${name}-out`);
      const places = { sessionPath: workspace.path('none.masklet'), outPath, cacheFolder: workspace.path('cache') };
      const look = renderLookSchema.parse({ style: 'blur', dilate: 0 });
      const request = {
        ...places,
        tools,
        look,
        codec: 'png',
        overwrite: false,
        range: { first: null, last: null },
      } as const;
      await renderOutputs({ source, masks }, request, () => {}, new AbortController().signal);
      let [frames, outside, drawn] = [0, 0, 0];
      for await (const { frameIndex, pixels } of decodeFrames(source, { first: 0, last: FRAMES - 1 })) {
        const picture = PNG.sync.read(readFileSync(`${outPath}/${String(frameIndex).padStart(5, '0')}.png`));
        expect([picture.width, picture.height]).toEqual([width, height]);
        for (const [pixel, touched] of near.entries()) {
          const same = [0, 1, 2].every((channel) => picture.data[pixel * 4 + channel] === pixels[pixel * 3 + channel]);
          if (same) continue;
          if (touched === 1) drawn++;
          else outside++;
        }
        frames++;
      }
      expect({ frames, outside }).toEqual({ frames: FRAMES, outside: 0 });
      expect(drawn).toBeGreaterThan(100);
    },
  );

  it('has its transparency on the mask', async () => {
    const tools = await findMediaTools({}, { ...process.env, ...env });
    const path = turnedClip(tools.ffmpeg.path, `alpha-${build.length}`, '161x91', TURNS['90']!);
    const cacheFolder = workspace.path('cache');
    const source = await openVideo(path, { tools, cacheDir: cacheFolder });
    const mask = discMask(source.info.width, source.info.height, 50, 40, 15);
    const masks = fakeMasks([exportObject(1, 'Ball')], () => [storedMask(1, mask)]);
    const outPath = workspace.path(`alpha-${build.length}-out`);
    const look = renderLookSchema.parse({ style: 'cutout', colour: 'alpha' });
    const request = { sessionPath: workspace.path('none.masklet'), outPath, cacheFolder, tools, look } as const;
    const rest = { codec: 'png', overwrite: false, range: { first: null, last: null } } as const;
    await renderOutputs({ source, masks }, { ...request, ...rest }, () => {}, new AbortController().signal);
    const picture = PNG.sync.read(readFileSync(`${outPath}/00000.png`));
    const set = bitmapFromRle(mask);
    // Half of the soft edge lies inside; a mask that is one pixel off would differ by 60.
    const off = set.filter((value, pixel) => (picture.data[pixel * 4 + 3]! >= 128 ? 1 : 0) !== value).length;
    expect({ width: picture.width, height: picture.height }).toEqual({ width: 91, height: 161 });
    expect(off).toBeLessThan(8);
  });
});
