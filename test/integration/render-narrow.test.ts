import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools, type MediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { renderOutputs } from '../../src-main/workers/export/render-outputs.ts';
import { type OutputCodecName, renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { discMask, exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';
import { Workspace } from '../support/run-cli.ts';

const workspace = new Workspace('render-narrow');
let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});
afterAll(() => workspace[Symbol.dispose]());

async function cropped(size: string, codec: OutputCodecName, outPath: string) {
  const path = workspace.path(`${size}.mkv`);
  const picture = ['-f', 'lavfi', '-i', `color=red:s=${size}:r=25:d=0.12,format=rgb24`, '-pix_fmt', 'yuv420p'];
  execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...picture, '-c:v', 'ffv1', path]);
  const cacheFolder = workspace.path('cache');
  const source = await openVideo(path, { tools, cacheDir: cacheFolder });
  const { width, height } = source.info;
  const masks = fakeMasks([exportObject(1, 'Ball')], () => [
    storedMask(1, discMask(width, height, width === 40 ? 20 : 0, height === 40 ? 20 : 0, 4)),
  ]);
  const look = renderLookSchema.parse({ style: 'crop' });
  const places = { sessionPath: workspace.path('none.masklet'), outPath, cacheFolder, tools };
  const request = { ...places, look, codec, overwrite: false, range: { first: null, last: null } };
  const event = await renderOutputs({ source, masks }, request, () => {}, new AbortController().signal);
  return { event, codec };
}

describe('a window that follows an object', () => {
  it.each([
    ['1x40', [1, 40]],
    ['40x1', [40, 1]],
    ['3x40', [2, 40]],
  ] as const)('is no larger than a picture of %s', async (size, [width, height]) => {
    await cropped(size, 'h264', workspace.path(`${size}.mp4`));
    const made = await openVideo(workspace.path(`${size}_1.mp4`), { tools, cacheDir: workspace.path('cache') });
    const even = (side: number) => side + (side % 2);
    expect(made.info).toMatchObject({ width: even(width), height: even(height), frameCount: 3 });
    await cropped(size, 'png', workspace.path(`${size}-png`));
    const picture = PNG.sync.read(readFileSync(workspace.path(`${size}-png`, '1', '00002.png')));
    expect([picture.width, picture.height]).toEqual([width, height]);
  });

  it('is refused in one sentence where the codec cannot hold it', async () => {
    const made = cropped('1x40', 'hevc', workspace.path('hevc.mp4'));
    await expect(made).rejects.toThrow('The picture of 1x40 is too small for hevc');
    expect(existsSync(workspace.path('hevc_1.mp4'))).toBe(false);
  });
});
