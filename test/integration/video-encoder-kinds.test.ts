import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
