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
  readonly #pixels: number;
  readonly #tables: readonly Float32Array[];

  constructor(image: ImageNormalisation) {
    this.#pixels = image.size * image.size;
    this.data = new Float32Array(3 * this.#pixels);
    this.#tables = image.mean.map((mean, channel) =>
      Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean) / image.std[channel]),
    );
  }

  /** `pixels`: 3 * S * S bytes; throws RangeError for another length. */
  fill(pixels: Uint8Array): void {
    const count = this.#pixels;
    if (pixels.length !== 3 * count) throw new RangeError(`${pixels.length} bytes instead of ${3 * count}`);
    const { data } = this;
    const [red, green, blue] = this.#tables;
    for (let at = 0, from = 0; at < count; at++, from += 3) {
      data[at] = red[pixels[from]];
      data[count + at] = green[pixels[from + 1]];
      data[2 * count + at] = blue[pixels[from + 2]];
    }
  }
}
