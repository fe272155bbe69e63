import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createYuvFrameReader,
  findMediaTools,
  type MediaTools,
  openPictureEncoder,
  openVideo,
} from '../../src-main/core/video/index.ts';
import { engineNote } from '../../src-shared/domain/engine-note.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { copyThrough } from '../support/copy-through.ts';
import { mediaFixturePath, scratchFolder } from '../support/media-fixtures.ts';
import { soundFacts } from '../support/rendered-video.ts';

/** Kinds of source and of output that have their own ways in the encoder. */
const folder = scratchFolder('video-encoder-kinds');
const never = new AbortController().signal;
let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});

const openPath = (path: string) => openVideo(path, { tools, cacheDir: join(folder, 'cache') });
const opened = (name: string) => openPath(mediaFixturePath(tools, name));

it('writes the shape of a pixel into pictures too', async () => {
  const source = await opened('sar-4-3.mp4');
  const pictures = join(folder, 'shaped');
  mkdirSync(pictures);
  const { width, height } = source.info;
  const shape = { width, height, alpha: false };
  await using encoder = openPictureEncoder(source, { folder: pictures, startNumber: 0, shape });
  const range = { first: frameIndex(0), last: frameIndex(0) };
  for await (const { data, pts } of createYuvFrameReader(source).frames(range, never)) await encoder.write(data, pts);
  await encoder.finish();
  const made = (await openPath(join(pictures, '00000.png'))).info;
  expect(made.sampleAspectRatio).toEqual({ numerator: 4, denominator: 3 });
});

it('writes HEVC of a frame or two, which x265 does not reorder', async () => {
  const source = await opened('b-frames.mp4');
  for (const [first, last] of [
    [0, 0],
    [5, 6],
  ] as const) {
    const { frameCount } = await copyThrough(source, join(folder, `short-${first}.mp4`), first, last, 'hevc');
    expect(frameCount).toBe(last - first + 1);
  }
});

it('keeps odd sides where colour is kept in full', async () => {
  const { width, height, notes } = await copyThrough(
    await opened('odd-size.mkv'),
    join(folder, 'odd.mov'),
    0,
    3,
    'prores',
  );
  expect({ width, height, notes }).toEqual({ width: 175, height: 99, notes: [] });
  expect((await openPath(join(folder, 'odd.mov'))).info).toMatchObject({ width: 175, height: 99 });
});

describe('pictures too small for a codec', () => {
  async function clip(size: string) {
    const path = join(folder, `tiny-${size}.mkv`);
    const picture = [
      '-f',
      'lavfi',
      '-i',
      `color=red:s=${size}:r=25:d=0.12,format=rgb24`,
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'ffv1',
    ];
    execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...picture, path]);
    return openPath(path);
  }

  it('are refused by size, with the least size and other codecs, before a file is there', async () => {
    const source = await clip('40x14');
    const refused = copyThrough(source, join(folder, 'tiny.mp4'), 0, 2, 'hevc');
    const said = {
      code: 'usage',
      message: expect.stringContaining('40x14 is too small for hevc, which needs 16x16 at least'),
    };
    await expect(refused).rejects.toMatchObject(said);
    await expect(refused).rejects.toThrow('choose h264, h264-lossless, vp9, prores.');
    expect(readdirSync(folder).filter((name) => name.includes('tiny.mp4'))).toEqual([]);
    for (const codec of ['h264', 'h264-lossless', 'vp9'] as const)
      expect((await copyThrough(source, join(folder, `tiny-${codec}.mp4`), 0, 2, codec)).frameCount).toBe(3);
    expect((await copyThrough(source, join(folder, 'tiny.mov'), 0, 2, 'prores')).frameCount).toBe(3);
  });

  it('take the least size, also where an odd side is made even', async () => {
    const { width, height } = await copyThrough(await clip('16x15'), join(folder, 'least.mp4'), 0, 2, 'hevc');
    expect({ width, height }).toEqual({ width: 16, height: 16 });
  });

  it('are AV1 by the encoder that holds them; where none does, they are refused', async () => {
    const source = await clip('40x62');
    const only = join(folder, 'only-svt.sh');
    writeFileSync(only, "#!/bin/sh\necho ' V..... libsvtav1 x'\n", { mode: 0o755 });
    const fewer = { ...source, tools: { ...tools, ffmpeg: { ...tools.ffmpeg, path: only } } };
    await expect(copyThrough(fewer, join(folder, 'av1.mp4'), 0, 2, 'av1')).rejects.toThrow(
      '40x62 is too small for av1, which needs 64x64 at least',
    );
    const built = execFileSync(tools.ffmpeg.path, ['-hide_banner', '-encoders'], { encoding: 'utf8' });
    if (!built.includes('libaom-av1')) return;
    expect((await copyThrough(source, join(folder, 'av1.mp4'), 0, 2, 'av1')).frameCount).toBe(3);
  });
});

describe('sound that cannot be read', () => {
  /** A clip with so many sound tracks, the last in a format that ffmpeg does not know: as phones add spatial sound. */
  function make(name: string, tracks: number): string {
    const path = join(folder, name);
    const inputs = ['testsrc2=size=64x48:rate=10:duration=0.4', ...Array(tracks).fill('sine=duration=0.4')];
    const args = inputs.flatMap((input, index) => ['-f', 'lavfi', '-i', input, '-map', String(index)]);
    const ordered = [...args.filter((_, at) => at % 6 < 4), ...args.filter((_, at) => at % 6 >= 4)];
    const codecs = ['-pix_fmt', 'yuv420p', '-c:a', 'aac', `-c:a:${tracks - 1}`, 'ac3'];
    execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...ordered, ...codecs, path]);
    const bytes = readFileSync(path);
    bytes.write('apac', bytes.lastIndexOf('ac-3'), 'latin1');
    writeFileSync(path, bytes);
    return path;
  }

  it.each([
    [2, ['aac']],
    [1, []],
  ])('is left out with a note: one of %d tracks', async (tracks, codecs) => {
    const outputPath = join(folder, `unreadable-${tracks}.out.mp4`);
    const { notes } = await copyThrough(await openPath(make(`unreadable-${tracks}.mp4`, tracks)), outputPath);
    expect(notes).toEqual([engineNote('sound-unknown', { stream: tracks })]);
    expect(soundFacts(tools, outputPath).map(({ codec }) => codec)).toEqual(codecs);
  });
});
