import type { Size } from '../../../../src-shared/geometry/geometry.ts';

/** How pixels become numbers, from pack.json `image`. */
export interface ImageNormalisation {
  readonly size: number;
  /** R, G, B on a 0..1 scale. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * Turns uint8 RGB [S, S, 3] into normalised float32 [3, S, S]: (value / 255 - mean) / std, through one table per channel
 * (half the time of computing it, measured). Source: sam-pipeline 1.1, 3.1.
 */
export class ImageInput {
  /** [3 * S * S]; overwritten by each `fill`. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly #side: number;
  readonly #tables: readonly Float32Array[];

  constructor(image: ImageNormalisation) {
    this.#side = image.size;
    this.data = new Float32Array(3 * image.size * image.size);
    this.#tables = image.mean.map((mean, channel) =>
      Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / image.std[channel]),
    );
  }

  /**
   * `pixels`: 3 * S * S bytes; throws RangeError for another length. Outside `shown` (absent: all of it is picture) the tensor is 0, as
   * the models that pad expect it: after normalising.
   */
  fill(pixels: Uint8Array, shown?: Size): void {
    const side = this.#side;
    const count = side * side;
    if (pixels.length !== 3 * count) throw new RangeError(`${pixels.length} bytes instead of ${3 * count}`);
    const { data } = this;
    const [red, green, blue] = this.#tables;
    for (let at = 0, from = 0; at < count; at++, from += 3) {
      data[at] = red[pixels[from]];
      data[count + at] = green[pixels[from + 1]];
      data[2 * count + at] = blue[pixels[from + 2]];
    }
    if (shown !== undefined) this.#clearOutside(shown);
  }

  #clearOutside({ width, height }: Size): void {
    const side = this.#side;
    for (let channel = 0; channel < 3; channel++) {
      const start = channel * side * side;
      for (let y = 0; y < height; y++) this.data.fill(0, start + y * side + width, start + (y + 1) * side);
      this.data.fill(0, start + height * side, start + side * side);
    }
  }
}
