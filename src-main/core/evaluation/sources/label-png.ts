import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';
import { davisPalette } from '../../../../src-shared/datasets/davis-palette.ts';
import { type RleMask, rleFromBitmap } from '../../../../src-shared/mask/rle.ts';
import { unreadable } from './read-failure.ts';

/** A picture whose pixel values are object ids. */
export interface LabelPicture {
  readonly width: number;
  readonly height: number;
  /** Row-major; 0 is background. */
  readonly labels: Uint16Array;
}

const SIGNATURE = '89504e470d0a1a0a';
const PALETTE = 3;
const COLOUR = 2;
const WHITE = 255;

/**
 * Reads a label picture: palette indices, grey values of 1 to 16 bits, or colours of the PASCAL VOC palette that DAVIS uses.
 * A grey or colour picture of nothing but black and white is a binary mask: white is object 1.
 * Throws `file-unreadable` for anything else.
 */
export function readLabelPng(bytes: Buffer, path: string): LabelPicture {
  if (bytes.length < 33 || bytes.toString('hex', 0, 8) !== SIGNATURE) throw unreadable(path, 'is not a PNG picture');
  const bitDepth = bytes[24];
  const colourType = bytes[25];
  const indexed = colourType === PALETTE;
  let png: { width: number; height: number; data: Uint8Array | Uint16Array };
  try {
    png = PNG.sync.read(indexed ? withIndexPalette(bytes) : bytes, { skipRescale: true });
  } catch (cause) {
    throw unreadable(path, `is damaged (${(cause as Error).message})`, cause);
  }
  const { width, height, data } = png;
  const labels = new Uint16Array(width * height);
  const coloured = (colourType & COLOUR) !== 0 && !indexed;
  for (let at = 0, from = 0; at < labels.length; at++, from += 4) {
    labels[at] = coloured ? colourLabel(data[from], data[from + 1], data[from + 2], path) : data[from];
  }
  if (!indexed) unifyWhite(labels, coloured ? WHITE : 2 ** bitDepth - 1);
  return { width, height, labels };
}

/** Masks by label, ids ascending; background is none. */
export function masksFromLabels({ width, height, labels }: LabelPicture): Map<number, RleMask> {
  const ids = [...new Set(labels)].filter((id) => id !== 0).sort((a, b) => a - b);
  const bitmap = new Uint8Array(labels.length);
  return new Map(
    ids.map((id) => {
      for (let at = 0; at < labels.length; at++) bitmap[at] = labels[at] === id ? 1 : 0;
      return [id, rleFromBitmap(bitmap, width, height)];
    }),
  );
}

/** Everything that is not background, as one mask. */
export function foregroundOf({ width, height, labels }: LabelPicture): RleMask {
  return rleFromBitmap(
    Uint8Array.from(labels, (label) => (label === 0 ? 0 : 1)),
    width,
    height,
  );
}

function unifyWhite(labels: Uint16Array, white: number): void {
  if (white === 1 || labels.some((label) => label !== 0 && label !== white)) return;
  for (let at = 0; at < labels.length; at++) if (labels[at] === white) labels[at] = 1;
}

/** Colour -> index. */
const palette = davisPalette();
const vocIndices = new Map(
  Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = palette.subarray(index * 3);
    return [(red << 16) | (green << 8) | blue, index] as const;
  }),
);

function colourLabel(red: number, green: number, blue: number, path: string): number {
  const colour = (red << 16) | (green << 8) | blue;
  if (colour === 0xffffff) return WHITE;
  const index = vocIndices.get(colour);
  if (index !== undefined) return index;
  const shown = `#${colour.toString(16).padStart(6, '0')}`;
  throw unreadable(path, `has the colour ${shown}, which is no object of the DAVIS palette; save it as a palette PNG`);
}

/** pngjs gives colours, not indices: a palette in which entry i is (i, 0, 0) makes its red channel the index. */
function withIndexPalette(bytes: Buffer): Buffer {
  const parts: Buffer[] = [bytes.subarray(0, 8)];
  const palette = Buffer.alloc(256 * 3);
  for (let index = 0; index < 256; index++) palette[index * 3] = index;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    if (kind === 'PLTE') parts.push(chunk(kind, palette));
    else if (kind !== 'tRNS') parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
