import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  decodeFrames,
  findMediaTools,
  type MediaTools,
  openVideo,
  readFrame,
  readPicture,
} from '../../src-main/core/video/index.ts';
import { mediaFixturePath, scratchFolder } from '../support/media-fixtures.ts';
import { orientedJpeg } from '../support/oriented-jpeg.ts';

const folder = scratchFolder('video-stills');
const cacheDir = join(folder, 'cache');
const [width, height] = [48, 32];
/** A smooth ramp, so that JPEG keeps it closely; no two corners look alike. */
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
  const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
  return [4 * x + 20, 6 * y + 20, 2 * (x + y) + 10][at % 3]!;
});
let tools: MediaTools;

beforeAll(async () => {
  tools = await findMediaTools();
});

function picture(name: string, codec: readonly string[]): string {
  const path = join(folder, name);
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-i', 'pipe:0'];
  const args = ['-v', 'error', '-y', ...raw, '-frames:v', '1', ...codec, '-f', 'image2pipe', 'pipe:1'];
  writeFileSync(path, execFileSync(tools.ffmpeg.path, args, { input: pixels }));
  return path;
}
const jpegCodec = ['-c:v', 'mjpeg', '-q:v', '1', '-pix_fmt', 'yuvj444p'];
const open = (path: string) => openVideo(path, { tools, cacheDir });

async function shown(path: string): Promise<Uint8Array> {
  const source = await open(path);
  return (await readFrame(source, 0)).pixels;
}
function worst(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length);
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
}

/** Where each pixel of the picture comes from, by EXIF orientation: what the tag says about the stored rows and columns. */
const sources: Readonly<Record<number, (x: number, y: number) => readonly [number, number]>> = {
  1: (x, y) => [x, y],
  2: (x, y) => [width - 1 - x, y],
  3: (x, y) => [width - 1 - x, height - 1 - y],
  4: (x, y) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [y, height - 1 - x],
  7: (x, y) => [width - 1 - y, height - 1 - x],
  8: (x, y) => [width - 1 - y, x],
};

/** The ramp as that orientation shows it. */
function upright(orientation: number): Uint8Array {
  const wide = orientation < 5 ? width : height;
  return Uint8Array.from({ length: pixels.length }, (_, at) => {
    const [x, y] = sources[orientation]!(Math.floor(at / 3) % wide, Math.floor(at / 3 / wide));
    return pixels[(y * width + x) * 3 + (at % 3)]!;
  });
}

describe('single pictures', () => {
  it.each([
    ['photo.bmp', ['-c:v', 'bmp', '-pix_fmt', 'bgr24'], 0],
    ['photo.tif', ['-c:v', 'tiff', '-pix_fmt', 'rgb24'], 0],
    ['photo.png', ['-c:v', 'png'], 0],
    ['photo.webp', ['-c:v', 'libwebp', '-lossless', '1', '-pix_fmt', 'bgra'], 0],
    ['photo.jpg', jpegCodec, 4],
    ['a JPEG named.png', jpegCodec, 4],
    ['no ending', jpegCodec, 4],
    ['frame-%d.jpg', jpegCodec, 4],
  ] as const)('%s opens as one frame of its pixels', async (name, codec, tolerance) => {
    const path = picture(name, codec);
    const source = await open(path);
    expect(source.info).toMatchObject({ kind: 'file', path, width, height, frameCount: 1 });
    expect(worst(await shown(path), pixels)).toBeLessThanOrEqual(tolerance);
  });

  it('a JPEG is shown in all eight orientations of EXIF, by either byte order', async () => {
    const jpeg = readFileSync(picture('plain.jpg', jpegCodec));
    for (const [orientation, degrees] of [0, 0, 180, 180, 270, 90, 90, 270].map(
      (each, at) => [at + 1, each] as const,
    )) {
      const path = join(folder, `turned-${orientation}.jpg`);
      writeFileSync(path, orientedJpeg(jpeg, orientation, orientation % 2 === 1));
      expect((await open(path)).info).toMatchObject({ rotation: degrees, width: orientation < 5 ? width : height });
      expect(worst(await shown(path), upright(orientation)), String(orientation)).toBeLessThanOrEqual(4);
    }
  });

  it('what a camera appends to a JPEG is not another frame', async () => {
    const jpeg = readFileSync(picture('first.jpg', jpegCodec));
    const path = join(folder, 'two.jpg');
    writeFileSync(path, Buffer.concat([jpeg, orientedJpeg(jpeg, 3, true), Buffer.alloc(100)]));
    const source = await open(path);
    expect(source.info.frameCount).toBe(1);
    const frames = [];
    for await (const frame of decodeFrames(source, { first: 0, last: 0 })) frames.push(frame.frameIndex);
    expect(frames).toEqual([0]);
  });

  it('a motion JPEG video keeps its frames', async () => {
    const jpeg = readFileSync(picture('one.jpg', jpegCodec));
    const path = join(folder, 'three.mjpeg');
    writeFileSync(path, Buffer.concat([jpeg, jpeg, jpeg]));
    expect((await open(path)).info.frameCount).toBe(3);
  });
});

/** A folder of what is named, in this order. */
function folderOf(name: string, files: readonly Buffer[], ending: 'jpg' | 'png'): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [at, bytes] of files.entries()) writeFileSync(join(path, `${at}.${ending}`), bytes);
  return path;
}

/** One picture of a single grey level. */
function grey(level: number, codec: readonly string[]): Buffer {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '48x32', '-i', 'pipe:0'];
  const args = ['-v', 'error', ...raw, '-frames:v', '1', ...codec, '-f', 'image2pipe', 'pipe:1'];
  return execFileSync(tools.ffmpeg.path, args, { input: Buffer.alloc(48 * 32, level) });
}

const LEVELS = [10, 60, 110, 160];

async function levels(path: string): Promise<number[]> {
  const found: number[] = [];
  const source = await open(path);
  for await (const frame of decodeFrames(source, { first: 0, last: source.info.frameCount - 1 }))
    found.push(frame.pixels[0]!);
  return found;
}

describe('folders of pictures', () => {
  const png = ['-c:v', 'png', '-pix_fmt', 'gray'];
  it.each([
    ['a second picture', 'jpg', jpegCodec, () => grey(250, jpegCodec)],
    ['a film', 'jpg', jpegCodec, () => readFileSync(mediaFixturePath(tools, 'mjpeg.avi'))],
    ['bytes of any kind', 'png', png, () => Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) & 255))],
    ['a second picture', 'png', png, () => grey(250, png)],
  ] as const)('%s behind each %s is not a frame', async (name, ending, codec, behind) => {
    const files = LEVELS.map((level) => Buffer.concat([grey(level, codec), behind()]));
    const found = await levels(folderOf(`with ${name} ${ending}`, files, ending));
    expect(found).toHaveLength(LEVELS.length);
    for (const [at, level] of LEVELS.entries()) expect(Math.abs(found[at]! - level)).toBeLessThanOrEqual(3);
  });

  it('JPEGs are shown in all eight orientations of EXIF, alone and in a row', async () => {
    const jpeg = readFileSync(picture('plain-row.jpg', jpegCodec));
    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const turned = orientedJpeg(jpeg, orientation, orientation % 2 === 0);
      const path = folderOf(`turned-row-${orientation}`, [turned, turned], 'jpg');
      const sides = orientation < 5 ? { width, height } : { width: height, height: width };
      const source = await open(path);
      expect(source.info).toMatchObject({ kind: 'sequence', frameCount: 2, ...sides });
      expect(source.info.notes).toHaveLength([0, 1, 2, 2, 3, 3, 2, 3, 2][orientation]!);
      const alone = await readPicture(join(path, '1.jpg'), { tools, cacheDir });
      expect(alone).toMatchObject(sides);
      for (const { pixels: found } of [await readFrame(source, 1), alone])
        expect(worst(found, upright(orientation)), String(orientation)).toBeLessThanOrEqual(4);
      // Who expects the stored sides gets the picture as it is stored, unless it is shown with them too.
      const asked = await readPicture(join(path, '1.jpg'), { tools, cacheDir, expectedSize: { width, height } });
      expect(asked).toMatchObject({ width, height });
      expect(worst(asked.pixels, orientation < 5 ? upright(orientation) : pixels)).toBeLessThanOrEqual(4);
    }
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a picture that may not be read', async () => {
    const path = picture('closed.jpg', jpegCodec);
    chmodSync(path, 0);
    await expect(readPicture(path, { tools, cacheDir })).rejects.toMatchObject({
      code: 'media-refused',
      message: expect.stringContaining('EACCES'),
    });
  });

  it('refuses pictures that are turned each in its own way', async () => {
    const jpeg = readFileSync(picture('plain-mixed.jpg', jpegCodec));
    const path = folderOf('turned-mixed', [jpeg, orientedJpeg(jpeg, 6, true)], 'jpg');
    await expect(open(path)).rejects.toMatchObject({
      code: 'media-refused',
      message: expect.stringMatching(/1\.jpg asks to be turned otherwise than 0\.jpg .*nothing was opened/),
    });
  });

  it('a picture that is cut off takes nothing of the next for its own', async () => {
    const files = LEVELS.map((level) => grey(level, jpegCodec));
    const path = folderOf('cut off', files, 'jpg');
    // Just before the coded data, in the segment that announces them.
    truncateSync(join(path, '1.jpg'), files[1]!.lastIndexOf(Buffer.from([0xff, 0xda])) + 6);
    await expect(levels(path)).rejects.toMatchObject({
      code: 'ffmpeg-failed',
      message: expect.stringContaining('1.jpg'),
    });
  });
});

describe('what only claims to be a picture', () => {
  const playlist = (): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${picture('inside.bmp', ['-c:v', 'bmp'])}\n#EXT-X-ENDLIST\n`;
  it.each([
    ['list.jpg', playlist],
    ['list.webp', playlist],
    ['list.tif', () => `ffconcat version 1.0\nfile '${picture('inside.jpg', jpegCodec)}'\n`],
    ['drawing.bmp', () => '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'],
    ['text.bmp', () => `BM is how this text begins, but it is not a bitmap.${' '.repeat(200)}`],
  ] as [string, () => string][])('%s is refused', async (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content());
    const error = await open(path).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'StudioError', code: expect.stringMatching(/^(media-refused|not-a-video)$/) });
    expect((error as Error).message).toContain(path);
  });
});
