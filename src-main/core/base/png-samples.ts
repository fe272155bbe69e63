import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';
import type { PictureSamples } from '../../../src-shared/datasets/label-picture.ts';

const SIGNATURE = '89504e470d0a1a0a';
const PALETTE = 3;
const COLOUR = 2;
const ALPHA = 4;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly kind: PictureSamples['kind'];
  readonly hasAlpha: boolean;
}

/** What the first bytes say, nothing is decoded; null: it is no PNG picture. */
export function pngHeader(bytes: Buffer): PngHeader | null {
  if (bytes.length < 33 || bytes.toString('hex', 0, 8) !== SIGNATURE || bytes.toString('latin1', 12, 16) !== 'IHDR') {
    return null;
  }
  const colourType = bytes[25];
  const kind = colourType === PALETTE ? 'index' : (colourType & COLOUR) === 0 ? 'grey' : 'colour';
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    bitDepth: bytes[24],
    kind,
    hasAlpha: (colourType & ALPHA) !== 0,
  };
}

/**
 * Decodes a PNG of any bit depth, interlaced or not. Samples stay unscaled (`skipRescale`): a 16-bit value of 1 must not round
 * to 0, a 1-bit 1 is a 1. Throws what pngjs throws when it is damaged.
 */
export function pngSamples(bytes: Buffer, { width, height, bitDepth, kind }: PngHeader): PictureSamples {
  const { data } = PNG.sync.read(kind === 'index' ? withIndexPalette(bytes) : bytes, { skipRescale: true });
  return { width, height, bitDepth, kind, rgba: data as unknown as PictureSamples['rgba'] };
}

/** Length, name, payload and checksum of one chunk. */
export function pngChunk(name: string, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(payload.length + 12);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(payload, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, payload.length + 8)), payload.length + 8);
  return bytes;
}

/**
 * pngjs gives colours, not indices: a palette in which entry i is (i, 0, 0) makes its red channel the index. Transparency of
 * entries goes with the old palette.
 */
function withIndexPalette(bytes: Buffer): Buffer {
  const parts: Buffer[] = [bytes.subarray(0, 8)];
  const palette = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) palette[index * 3] = index;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    if (kind === 'PLTE') parts.push(pngChunk('PLTE', palette));
    else if (kind !== 'tRNS') parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}
