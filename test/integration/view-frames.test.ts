import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findMediaTools,
  firstPicture,
  type MediaTools,
  openVideo,
  ViewFrames,
} from '../../src-main/core/video/index.ts';
import { barcodeFrame, readBarcode } from '../support/barcode.ts';
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
const full = {
  format: 'jpeg',
  limitBytes: 1 << 26,
  readAhead: 6,
  readBehind: 0,
  nearFrames: 12,
  backFrames: 0,
  serve: 'newest',
} as const;

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

/** From the frame header (SOF0) of a JPEG. */
function sizeOf(jpeg: Uint8Array): { readonly width: number; readonly height: number } {
  const at = jpeg.findIndex((byte, index) => byte === 0xff && jpeg[index + 1] === 0xc0);
  const word = (offset: number) => jpeg[at + offset]! * 256 + jpeg[at + offset + 1]!;
  return { width: word(7), height: word(5) };
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

  it.each(NAMES.filter((name) => name !== 'png-folder'))(
    '%s: the first picture is there before any table',
    async (name) => {
      const jpeg = await firstPicture(mediaFixturePath(tools, name), { tools, cacheDir });
      const { width, height } = (await open(name)).info;
      const { firstCode } = MEDIA_FIXTURES.find((fixture) => fixture.name === name)!;
      expect(readBarcode(decode(jpeg, width, height), width, height)).toBe(firstCode);
    },
  );

  it('plays smaller pictures of the same frames, in any order, without starting again for one that is a little ahead', async () => {
    const path = join(scratchFolder('proxies'), 'large.mp4');
    const frames = Array.from({ length: 60 }, (_, code) => barcodeFrame(code, 1280, 720));
    const args = ['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '1280x720', '-r', '25', '-i', '-'];
    const code = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', path];
    execFileSync(tools.ffmpeg.path, [...args, ...code], { input: Buffer.concat(frames) });
    const source = await openVideo(path, { tools, cacheDir });
    await using view = new ViewFrames(source, { ...full, format: 'proxy', nearFrames: 60, serve: 'oldest' });
    for (const frameIndex of [0, 40, 41, 59, 7]) {
      const jpeg = await view.get(frameIndex, never);
      expect(sizeOf(jpeg)).toEqual({ width: 960, height: 540 });
      expect(readBarcode(decode(jpeg, 1280, 720), 1280, 720), `frame ${frameIndex}`).toBe(frameIndex);
      // What lay between came out of the same decode.
      if (frameIndex === 40) expect(view.holds(20)).toBe(true);
    }
  });

  it('decodes those before together when it is played backwards', async () => {
    const source = await open('open-gop-250.mp4');
    const { width, height } = source.info;
    await using view = new ViewFrames(source, {
      ...full,
      nearFrames: 60,
      backFrames: 24,
      serve: 'oldest',
      readAhead: 0,
    });
    for (const frameIndex of [120, 119, 118, 97]) {
      const jpeg = await view.get(frameIndex, never);
      expect(readBarcode(decode(jpeg, width, height), width, height)).toBe(frameIndex);
      if (frameIndex < 120) expect([96, 97, 110].map((each) => view.holds(each))).toEqual([true, true, true]);
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
