import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { type RleMask, RleWriter } from '../../../../src-shared/mask/rle.ts';
import { decodeSamples } from './read-mask-png.ts';

/**
 * Reads a picture whose values are ids (palette index or 8- or 16-bit grey; 0 is background): one mask per value that occurs,
 * ascending. Throws `prompt-invalid` as `maskFromPng`.
 */
export function masksFromIndexPng(bytes: Buffer, name: string, expected: Size): ReadonlyMap<number, RleMask> {
  const { rgba } = decodeSamples(bytes, name, expected);
  const { width, height } = expected;
  const writers = new Map<number, { readonly writer: RleWriter; written: number }>();
  const pixels = width * height;
  for (let at = 0; at < pixels; ) {
    const value = rgba[at * 4];
    let end = at + 1;
    while (end < pixels && rgba[end * 4] === value) end++;
    if (value !== 0) {
      const entry = writers.get(value) ?? { writer: new RleWriter(width, height), written: 0 };
      writers.set(value, entry);
      entry.writer.push(0, at - entry.written);
      entry.writer.push(1, end - at);
      entry.written = end;
    }
    at = end;
  }
  const masks = [...writers].sort(([a], [b]) => a - b);
  return new Map(
    masks.map(([value, { writer, written }]) => {
      writer.push(0, pixels - written);
      return [value, writer.finish()];
    }),
  );
}
