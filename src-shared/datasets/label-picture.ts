import { type RleMask, RleWriter } from '../mask/rle.ts';
import { davisPalette } from './davis-palette.ts';

/** The decoded samples of a picture. */
export interface PictureSamples {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** Whether a sample is a palette index, a grey value or a colour. */
  readonly kind: 'index' | 'grey' | 'colour';
  /** [height, width, 4], unscaled; red is the palette index or the grey value. */
  readonly rgba: Uint8Array | Uint16Array;
}

/** A picture whose pixel values are object ids. */
export interface LabelPicture {
  readonly width: number;
  readonly height: number;
  /** Row-major; 0 is background, and what has an unknown colour. */
  readonly labels: Uint16Array;
  /** Colours that stand for no object, as `#rrggbb`. */
  readonly unknownColours: readonly string[];
}

const WHITE = 255;

/**
 * The object ids of a picture: palette indices, grey values of 1 to 16 bits (also in a picture with three equal channels), or
 * colours of the PASCAL VOC palette that DAVIS uses. A grey or colour picture of nothing but black and white is a binary mask:
 * white is object 1.
 */
export function labelPicture(samples: PictureSamples): LabelPicture {
  return samples.kind === 'colour' ? fromColours(samples) : fromValues(samples);
}

function fromValues({ width, height, bitDepth, kind, rgba }: PictureSamples): LabelPicture {
  const labels = new Uint16Array(width * height);
  for (let at = 0; at < labels.length; at++) labels[at] = rgba[at * 4];
  if (kind !== 'index') unifyWhite(labels, 2 ** bitDepth - 1);
  return { width, height, labels, unknownColours: [] };
}

function fromColours(samples: PictureSamples): LabelPicture {
  const { width, height, bitDepth, rgba } = samples;
  const labels = new Uint16Array(width * height);
  const shift = bitDepth - 8;
  const unknown = new Set<number>();
  let isGrey = true;
  for (let at = 0, from = 0; at < labels.length; at++, from += 4) {
    const [red, green, blue] = [rgba[from] >> shift, rgba[from + 1] >> shift, rgba[from + 2] >> shift];
    const label = labelOfColour(red, green, blue);
    if (label === null) unknown.add(packed(red, green, blue));
    else labels[at] = label;
    isGrey &&= red === green && green === blue;
  }
  if (unknown.size > 0 && isGrey) return fromValues(samples);
  // White is one object of several where other colours are.
  if (unknown.size === 0) unifyWhite(labels, WHITE);
  const unknownColours = [...unknown].map((colour) => `#${colour.toString(16).padStart(6, '0')}`);
  return { width, height, labels, unknownColours };
}

/** The label of a colour of 8 bits a channel; null: it stands for no object. */
export function labelOfColour(red: number, green: number, blue: number): number | null {
  return byColour.get(packed(red, green, blue)) ?? null;
}

/** Masks by label, ids ascending; background is none. */
export function masksFromLabels({ width, height, labels }: LabelPicture): Map<number, RleMask> {
  const writers = new Map<number, { readonly writer: RleWriter; written: number }>();
  for (let at = 0; at < labels.length; ) {
    const label = labels[at];
    let end = at + 1;
    while (end < labels.length && labels[end] === label) end++;
    if (label !== 0) {
      const entry = writers.get(label) ?? { writer: new RleWriter(width, height), written: 0 };
      writers.set(label, entry);
      entry.writer.push(0, at - entry.written);
      entry.writer.push(1, end - at);
      entry.written = end;
    }
    at = end;
  }
  return new Map(
    [...writers]
      .sort(([a], [b]) => a - b)
      .map(([label, { writer, written }]) => {
        writer.push(0, labels.length - written);
        return [label, writer.finish()];
      }),
  );
}

function unifyWhite(labels: Uint16Array, white: number): void {
  if (white === 1 || labels.some((label) => label !== 0 && label !== white)) return;
  for (let at = 0; at < labels.length; at++) if (labels[at] === white) labels[at] = 1;
}

const packed = (red: number, green: number, blue: number) => (red << 16) | (green << 8) | blue;
const palette = davisPalette();
const byColour = new Map(
  Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = palette.subarray(index * 3);
    return [packed(red, green, blue), index] as const;
  }),
);
byColour.set(0xffffff, WHITE);
