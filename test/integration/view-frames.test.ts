import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools, type MediaTools, openVideo, ViewFrames } from '../../src-main/core/video/index.ts';
import { readBarcode } from '../support/barcode.ts';
import { MEDIA_FIXTURES, mediaFixturePath, scratchFolder } from '../support/media-fixtures.ts';

const NAMES = [
  'b-frames.mp4',
  'open-gop-250.mp4',
  'vfr.mkv',
  'rotated-90.mp4',
  'hdr-pq.mp4',
  'odd-size.mkv',
  'png-folder',
];
const never = new AbortController().signal;
let tools: MediaTools;
let cacheDir = '';

beforeAll(async () => {
  tools = await findMediaTools();
  cacheDir = scratchFolder('view-frames');
});

const open = (name: string) => openVideo(mediaFixturePath(tools, name), { tools, cacheDir });
const full = { format: 'jpeg', limitBytes: 1 << 26, readAhead: 6, readBehind: 0, serve: 'newest' } as const;

/** Luma of a JPEG. */
function decode(jpeg: Uint8Array, width: number, height: number): Uint8Array {
  const args = [
    '-v',
    'error',
    '-f',
    'mjpeg',
    '-i',
    'pipe:0',
    '-vf',
    `scale=${width}:${height}`,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ];
  return execFileSync(tools.ffmpeg.path, args, { input: jpeg, maxBuffer: 1 << 26 });
}

describe('frames for the view', () => {
  it('has the frames before the one that a person rests on, back to the key frame', async () => {
    const source = await open('open-gop-250.mp4');
    await using view = new ViewFrames(source, { ...full, readBehind: 100 });
    await view.get(90, never);
    const before = () => Array.from({ length: 90 }, (_, frame) => view.holds(frame)).filter(Boolean).length;
    // The key frame itself came on the way where the decode began with it.
    expect(before()).toBeLessThanOrEqual(1);
    await expect.poll(before, { timeout: 20_000 }).toBe(90);
    const { width, height } = source.info;
    expect(readBarcode(decode(await view.get(41, never), width, height), width, height)).toBe(41);
  });

  it.each(NAMES)('%s: every frame is the one asked for, in any order', async (name) => {
    const source = await open(name);
    await using view = new ViewFrames(source, full);
    const { width, height, frameCount } = source.info;
    const { firstCode } = MEDIA_FIXTURES.find((fixture) => fixture.name === name)!;
    const wanted = [0, frameCount - 1, Math.floor(frameCount / 2), 1, Math.floor(frameCount / 2) + 1, frameCount - 2];
    for (const frameIndex of wanted) {
      const jpeg = await view.get(frameIndex, never);
      expect(readBarcode(decode(jpeg, width, height), width, height), `frame ${frameIndex}`).toBe(
        firstCode! + frameIndex,
      );
    }
  });

  it('answers many at once, each with its own frame', async () => {
    const source = await open('open-gop-250.mp4');
    await using view = new ViewFrames(source, full);
    const { width, height } = source.info;
    const wanted = [250, 10, 251, 130, 12, 299];
    const pictures = await Promise.all(wanted.map((frameIndex) => view.get(frameIndex, never)));
    expect(pictures.map((jpeg) => readBarcode(decode(jpeg, width, height), width, height))).toEqual(wanted);
  });

  it('hands out the key frame on the way to a frame far behind it', async () => {
    const source = await open('b-frames.mp4');
    const { width, height, frameCount } = source.info;
    await using view = new ViewFrames(source, { ...full, readAhead: 0 });
    const keyOf = (frame: number) => source.table.keyFrameAtOrBefore(frame);
    const far = Array.from({ length: frameCount }, (_, frame) => frame).findLast((frame) => frame - keyOf(frame) >= 8)!;
    const key = keyOf(far);
    expect(key).toBeGreaterThan(0);
    const order: number[] = [];
    const pictures = await Promise.all(
      [far, key].map(async (frameIndex) => {
        const jpeg = await view.get(frameIndex, never);
        order.push(frameIndex);
        return readBarcode(decode(jpeg, width, height), width, height);
      }),
    );
    expect(order).toEqual([key, far]);
    expect(pictures).toEqual([far, key]);
  });

  it('gives up a frame that is not wanted any more, and serves the next one', async () => {
    const source = await open('open-gop-250.mp4');
    await using view = new ViewFrames(source, full);
    const gone = new AbortController();
    const first = view.get(280, gone.signal);
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    const { width, height } = source.info;
    expect(readBarcode(decode(await view.get(3, never), width, height), width, height)).toBe(3);
  });

  it('refuses a frame that is not in the video, and goes on', async () => {
    await using view = new ViewFrames(await open('b-frames.mp4'), full);
    await expect(view.get(40, never)).rejects.toMatchObject({ code: 'frame-out-of-range' });
    await expect(view.get(39, never)).resolves.toBeInstanceOf(Uint8Array);
  });

  it('makes thumbnails of one height', async () => {
    const source = await open('rotated-90.mp4');
    await using view = new ViewFrames(source, { ...full, format: 'thumbnail', serve: 'oldest', readAhead: 0 });
    const jpeg = await view.get(5, never);
    const size = execFileSync(
      tools.ffprobe.path,
      ['-v', 'error', '-f', 'mjpeg', '-show_entries', 'stream=height', '-of', 'csv=p=0', '-i', 'pipe:0'],
      { input: jpeg, encoding: 'utf8' },
    );
    expect(Number(size)).toBe(96);
  });

  afterAll(() => scratchFolder('view-frames'));
});
