import { readFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { type RleMask, rleFromBitmap } from '../../../../src-shared/mask/rle.ts';
import { fileFailure } from '../file-failure.ts';
import { chunk } from './encode-png.ts';

export interface ReadMaskOptions {
  /** Only pixels of exactly this palette index or grey value are foreground; by default everything above 0 is. */
  readonly value?: number;
}

const SIGNATURE = '89504e470d0a1a0a';
const PALETTE = 3;
const ALPHA = 4;

/**
 * Reads a person's mask. Foreground is a palette index above 0, a grey value above 0, any colour but black, or, where the
 * picture has see-through pixels, what is at least half opaque. Any bit depth, interlaced or not.
 * Throws `file-missing`, `permission-denied` or `prompt-invalid` (not a PNG, damaged, another size than `expected`).
 */
export async function readMaskPng(path: string, expected: Size, options: ReadMaskOptions = {}): Promise<RleMask> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
  return maskFromPng(bytes, path, expected, options);
}

/** `readMaskPng` for bytes that are already in memory; `name` is what messages call them. */
export function maskFromPng(bytes: Buffer, name: string, expected: Size, options: ReadMaskOptions = {}): RleMask {
  const { rgba, colourType } = decodeSamples(bytes, name, expected);
  const pixels = expected.width * expected.height;
  const seeThrough = (colourType & ALPHA) !== 0 && someTransparent(rgba, pixels);
  const bitmap = new Uint8Array(pixels);
  for (let at = 0; at < pixels; at++) {
    const red = rgba[at * 4];
    if (options.value !== undefined) bitmap[at] = red === options.value ? 1 : 0;
    else if (seeThrough) bitmap[at] = rgba[at * 4 + 3] > half(rgba) ? 1 : 0;
    else bitmap[at] = red || rgba[at * 4 + 1] || rgba[at * 4 + 2] ? 1 : 0;
  }
  return rleFromBitmap(bitmap, expected.width, expected.height);
}

type Rgba = Uint8Array | Uint16Array;

/**
 * The samples of a PNG of the expected size, four a pixel; red is the palette index or the grey value, unscaled.
 * Throws `prompt-invalid`.
 */
export function decodeSamples(
  bytes: Buffer,
  name: string,
  expected: Size,
): { readonly rgba: Rgba; readonly colourType: number } {
  const header = readHeader(bytes, name);
  if (header.width !== expected.width || header.height !== expected.height) {
    const [own, wanted] = [header, expected].map((size) => `${size.width}x${size.height}`);
    throw new StudioError(
      'prompt-invalid',
      'user',
      `The mask ${name} is ${own}, the video is ${wanted}; give a mask of the video's size.`,
      { details: { reason: `a mask of ${own} in a video of ${wanted}` } },
    );
  }
  const rgba = decode(header.colourType === PALETTE ? withIndexPalette(bytes) : bytes, name);
  return { rgba, colourType: header.colourType };
}

function readHeader(bytes: Buffer, name: string) {
  if (bytes.length < 33 || bytes.toString('hex', 0, 8) !== SIGNATURE || bytes.toString('latin1', 12, 16) !== 'IHDR') {
    throw invalid(`${name} is not a PNG picture; give the mask as PNG.`);
  }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), colourType: bytes[25] };
}

/** Samples stay unscaled (`skipRescale`): a 16-bit value of 1 must not round to 0, a 1-bit 1 is a 1. */
function decode(bytes: Buffer, name: string): Rgba {
  try {
    return PNG.sync.read(bytes, { skipRescale: true }).data as unknown as Rgba;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`The mask ${name} is damaged (${reason}); give it anew.`, error);
  }
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
    if (kind === 'PLTE') parts.push(chunk('PLTE', palette));
    else if (kind !== 'tRNS') parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function someTransparent(rgba: Rgba, pixels: number): boolean {
  const most = half(rgba) * 2 + 1;
  for (let at = 0; at < pixels; at++) if (rgba[at * 4 + 3] < most) return true;
  return false;
}

function half(rgba: Rgba): number {
  return rgba instanceof Uint16Array ? 32767 : 127;
}

function invalid(message: string, cause?: unknown): StudioError {
  return new StudioError('prompt-invalid', 'user', message, { cause });
}
