import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { annotateStyles, exportDataset, renderAnnotated } from '../../src-main/core/export/index.ts';
import {
  createYuvFrameReader,
  findMediaTools,
  type MediaTools,
  openVideo,
  openVideoEncoder,
  type VideoSource,
} from '../../src-main/core/video/index.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { bitmapFromRle } from '../../src-shared/mask/rle.ts';
import { datasetJob, discMask, exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';

const run = promisify(execFile);
let root = '';
let tools: MediaTools;
const never = new AbortController().signal;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-render-'));
  tools = await findMediaTools();
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A grey clip of 24 frames with sound and an uneven clock (every fifth frame is missing). */
async function greyClip(name: string, size: string): Promise<VideoSource> {
  const path = join(root, name);
  const video = ['-f', 'lavfi', '-i', `color=c=0x808080:s=${size}:r=25:d=1.2`];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1.2', '-c:a', 'aac'];
  const filter = [
    '-vf',
    "select='mod(n,5)',format=yuv444p",
    '-vsync',
    'vfr',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
  ];
  await run(tools.ffmpeg.path, ['-v', 'error', ...video, ...sound, ...filter, path]);
  return openVideo(path, { tools, cacheDir: join(root, 'cache') });
}

/** The disc moves by 10 pixels a frame, so a mask on the wrong frame shows. */
const masksOf = ({ info }: VideoSource) =>
  fakeMasks([exportObject(1, 'Ball', '#ff2020')], (frame) => [
    storedMask(1, discMask(info.width, info.height, 40 + 10 * frame, info.height / 2, 16)),
  ]);

describe('renderAnnotated with the real decoder and encoder', () => {
  it.each([
    ['even.mp4', '320x180'],
    ['odd.mkv', '321x181'],
  ])('puts each mask on its frame and keeps the clock: %s', async (name, size) => {
    const source = await greyClip(name, size);
    const masks = masksOf(source);
    const outputPath = join(root, `${name}_tracked.mp4`);
    const range = { first: frameIndex(0), last: frameIndex(source.info.frameCount - 1) };
    const summary = await renderAnnotated({
      reader: createYuvFrameReader(source),
      masks,
      openEncoder: () => openVideoEncoder(source, { outputPath, signal: never }),
      range,
      style: { ...annotateStyles.overlay, boxPixels: 0, labelPixels: 0 },
      sourcePath: source.info.path,
      outputPath,
      overwrite: false,
      signal: never,
    });
    expect(summary.frames).toBe(source.info.frameCount);
    const made = await openVideo(outputPath, { tools, cacheDir: join(root, 'cache') });
    expect(made.info.frameCount).toBe(source.info.frameCount);
    expect(made.info.variableFrameRate).toBe(true);
    expect(made.info.audio).toHaveLength(1);
    await expectTint(made, source, masks.masksAt);
  });

  it('leaves nothing behind when stopped', async () => {
    const source = await greyClip('stop.mp4', '320x180');
    const stop = new AbortController();
    const outputPath = join(root, 'stopped_tracked.mp4');
    const stopped = renderAnnotated({
      reader: createYuvFrameReader(source),
      masks: masksOf(source),
      openEncoder: () => openVideoEncoder(source, { outputPath, signal: stop.signal }),
      range: { first: frameIndex(0), last: frameIndex(source.info.frameCount - 1) },
      style: annotateStyles.overlay,
      sourcePath: source.info.path,
      outputPath,
      overwrite: false,
      signal: stop.signal,
      onProgress: (done) => done === 5 && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect((await readdir(root)).filter((entry) => entry.includes('stopped'))).toEqual([]);
  });

  it('exports a dataset of the same source', async () => {
    const source = await greyClip('data.mp4', '320x180');
    const folder = join(root, 'data');
    const job = datasetJob({ format: 'davis', masks: masksOf(source), ...source.info, folder });
    const range = { first: frameIndex(0), last: frameIndex(source.info.frameCount - 1) };
    const summary = await exportDataset({ ...job, times: source.table, range, sourcePath: source.info.path });
    expect(summary?.checked).toEqual({ masks: source.info.frameCount, lowestIou: 1 });
    expect(await readdir(folder)).toHaveLength(source.info.frameCount + 3);
  });
});

/** V (red difference) is high well inside the mask of the same frame and grey well outside it. */
async function expectTint(
  made: VideoSource,
  source: VideoSource,
  masksAt: ReturnType<typeof masksOf>['masksAt'],
): Promise<void> {
  const { width, height, frameCount } = made.info;
  const reader = createYuvFrameReader(made);
  const chromaWidth = Math.ceil(width / 2);
  for await (const frame of reader.frames({ first: frameIndex(0), last: frameIndex(frameCount - 1) }, never)) {
    const mask = masksAt(frame.frameIndex)[0].mask!;
    const bitmap = bitmapFromRle(mask);
    const redAt = (x: number, y: number) =>
      frame.data[width * height + chromaWidth * Math.ceil(height / 2) + (y >> 1) * chromaWidth + (x >> 1)];
    const middle = Math.floor(source.info.height / 2);
    for (let x = 24; x < source.info.width - 24; x += 4) {
      const at = middle * source.info.width + x;
      const inside = bitmap[at - 8] + bitmap[at] + bitmap[at + 8] === 3;
      const outside = bitmap[at - 8] + bitmap[at] + bitmap[at + 8] === 0;
      if (inside) expect(redAt(x, middle), `frame ${frame.frameIndex}, x ${x}`).toBeGreaterThan(150);
      if (outside) expect(redAt(x, middle), `frame ${frame.frameIndex}, x ${x}`).toBeLessThan(140);
    }
  }
}
