/**
 * One planar 4:2:0 picture, 8 bits: Y [height, width], then U and V [ceil(height/2), ceil(width/2)], tight rows, one after the
 * other in `data`. Annotating writes into `data`; the caller keeps it.
 */
export interface YuvImage {
  readonly width: number;
  readonly height: number;
  /** true when Y spans 0..255 instead of 16..235. */
  readonly fullRange: boolean;
  readonly matrix: ColourMatrix;
  readonly data: Uint8Array;
}

export type ColourMatrix = 'bt601' | 'bt709';

/** Bytes of a planar 4:2:0 picture. */
export function yuvByteLength(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}
