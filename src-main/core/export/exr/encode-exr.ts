import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { linearHalf } from './linear-half.ts';

const deflateAsync = promisify(deflate);
const MAGIC = 20_000_630;
const VERSION = 2;
/** ZIP compression takes 16 lines at a time. */
const ZIP = 3;
const LINES = 16;
const HALF = 1;
const LEVEL = 4;

export interface ExrPicture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4], gamma-coded sRGB and straight alpha. */
  readonly rgba: Uint8ClampedArray;
  /** Written as a fourth channel; colour is multiplied by it, as OpenEXR wants. */
  readonly alpha: boolean;
  /** Width to height of one pixel. */
  readonly pixelAspectRatio: number;
}

/**
 * An OpenEXR file: one part, scan lines, half floats of linear light, ZIP. Written here because many builds of ffmpeg write none and
 * none of them converts to linear light. Layout: OpenEXR "File Layout" and "Technical Introduction".
 */
export async function encodeExr(picture: ExrPicture): Promise<Buffer> {
  const header = headerOf(picture);
  const blocks = Math.ceil(picture.height / LINES);
  const chunks = await Promise.all(Array.from({ length: blocks }, (_, block) => encodeBlock(picture, block * LINES)));
  const table = Buffer.alloc(8 * blocks);
  let offset = header.length + table.length;
  for (const [block, chunk] of chunks.entries()) {
    table.writeBigUInt64LE(BigInt(offset), 8 * block);
    offset += chunk.length;
  }
  return Buffer.concat([header, table, ...chunks]);
}

/** Channels in alphabetical order, and where each lies in RGBA. */
function channelsOf(alpha: boolean): readonly (readonly [string, number])[] {
  const colours = [
    ['B', 2],
    ['G', 1],
    ['R', 0],
  ] as const;
  return alpha ? [['A', 3], ...colours] : colours;
}

function headerOf({ width, height, alpha, pixelAspectRatio }: ExrPicture): Buffer {
  const channels = channelsOf(alpha).map(([name]) => {
    const rest = Buffer.alloc(16);
    rest.writeInt32LE(HALF, 0);
    rest.writeInt32LE(1, 8);
    rest.writeInt32LE(1, 12);
    return Buffer.concat([text(name), rest]);
  });
  const window = int32(0, 0, width - 1, height - 1);
  const start = int32(MAGIC, VERSION);
  return Buffer.concat([
    start,
    attribute('channels', 'chlist', Buffer.concat([...channels, Buffer.alloc(1)])),
    attribute('compression', 'compression', Buffer.of(ZIP)),
    attribute('dataWindow', 'box2i', window),
    attribute('displayWindow', 'box2i', window),
    attribute('lineOrder', 'lineOrder', Buffer.of(0)),
    attribute('pixelAspectRatio', 'float', float32(pixelAspectRatio)),
    attribute('screenWindowCenter', 'v2f', float32(0, 0)),
    attribute('screenWindowWidth', 'float', float32(1)),
    Buffer.alloc(1),
  ]);
}

async function encodeBlock(picture: ExrPicture, firstLine: number): Promise<Buffer> {
  const raw = blockHalves(picture, firstLine);
  const packed = await deflateAsync(predicted(raw), { level: LEVEL });
  const body = packed.length < raw.length ? packed : raw;
  return Buffer.concat([int32(firstLine, body.length), body]);
}

/** Line by line, channel by channel, little-endian halves. */
function blockHalves({ width, height, rgba, alpha }: ExrPicture, firstLine: number): Buffer {
  const lines = Math.min(LINES, height - firstLine);
  const channels = channelsOf(alpha);
  const raw = Buffer.alloc(lines * channels.length * width * 2);
  let to = 0;
  for (let y = firstLine; y < firstLine + lines; y++) {
    for (const [, place] of channels) {
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 4;
        const cover = rgba[at + 3];
        const half = place === 3 ? linearHalf.ofAlpha(cover) : linearHalf.ofColour(rgba[at + place], cover);
        raw[to++] = half & 255;
        raw[to++] = half >> 8;
      }
    }
  }
  return raw;
}

/** First the low bytes, then the high ones; then differences around 128: OpenEXR's preparation for deflate. */
function predicted(raw: Buffer): Buffer {
  const out = Buffer.alloc(raw.length);
  const half = (raw.length + 1) >> 1;
  for (let at = 0; at < raw.length; at++) out[(at >> 1) + (at & 1) * half] = raw[at];
  let before = out[0];
  for (let at = 1; at < out.length; at++) {
    const value = out[at];
    out[at] = (value - before + 384) & 255;
    before = value;
  }
  return out;
}

function attribute(name: string, type: string, value: Buffer): Buffer {
  return Buffer.concat([text(name), text(type), int32(value.length), value]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'latin1');
}

function int32(...values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}

function float32(...values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}
