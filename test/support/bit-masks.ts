import { type BitMask, bitMaskFromLogits } from '../../src-main/core/tracking/planner/index.ts';

/** Packs a bitmap of width * height bytes, row-major, as the planner packs logits; 0 is background, anything else foreground. */
export function packedMask(bitmap: Uint8Array, width: number, height: number): BitMask {
  const logits = Float32Array.from(bitmap, (pixel) => (pixel === 0 ? -1 : 1));
  return bitMaskFromLogits(logits, width, height);
}

/** Width * height bytes, 0 or 1, row-major. */
export function unpackedMask({ width, height, stride, words }: BitMask): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const column = at % width;
    return (words[Math.floor(at / width) * stride + (column >>> 5)] >>> (column & 31)) & 1;
  });
}
