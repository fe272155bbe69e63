import type { YuvColour } from './yuv-colour.ts';
import type { YuvImage } from './yuv-image.ts';

/**
 * Draws anti-aliased pixels of one colour into a 4:2:0 picture. Luma is blended at once; the alpha of the (up to) four luma
 * pixels of a chroma sample is gathered and blended by `flush`, so an edge tints its chroma by exactly its coverage.
 * Pixels outside the picture are ignored. Call `flush` before another colour draws.
 */
export class Ink {
  readonly width: number;
  readonly height: number;
  readonly #data: Uint8Array;
  readonly #chromaWidth: number;
  readonly #chromaSize: number;
  /** Sum of alpha (0..1020) per chroma sample; zero between colours. */
  readonly #gathered: Uint16Array;
  #touched = new Int32Array(1024);
  #touchedCount = 0;
  #y = 0;
  #u = 0;
  #v = 0;

  constructor(image: YuvImage, gathered: Uint16Array) {
    this.width = image.width;
    this.height = image.height;
    this.#data = image.data;
    this.#chromaWidth = Math.ceil(image.width / 2);
    this.#chromaSize = this.#chromaWidth * Math.ceil(image.height / 2);
    this.#gathered = gathered;
  }

  use(colour: YuvColour): void {
    this.#y = Math.round(colour.y);
    this.#u = Math.round(colour.u);
    this.#v = Math.round(colour.v);
  }

  /** Blends one luma pixel; `alpha` is a whole number 0..255. */
  dot(x: number, y: number, alpha: number): void {
    if (alpha <= 0 || x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = y * this.width + x;
    this.#data[at] = blendOf255(this.#data[at], this.#y, alpha);
    const sample = (y >> 1) * this.#chromaWidth + (x >> 1);
    if (this.#gathered[sample] === 0) this.#touch(sample);
    this.#gathered[sample] += alpha;
  }

  /** Pixels [fromX, toX) of a row; `alpha` as for a dot. */
  row(y: number, fromX: number, toX: number, alpha: number): void {
    if (alpha <= 0 || y < 0 || y >= this.height) return;
    const data = this.#data;
    const gathered = this.#gathered;
    const over = this.#y;
    const luma = y * this.width;
    const chroma = (y >> 1) * this.#chromaWidth;
    const first = Math.max(0, fromX);
    const last = Math.min(this.width, toX);
    for (let at = first; at < last; at++) data[luma + at] = blendOf255(data[luma + at], over, alpha);
    // Both columns of a sample at once, save at the ends.
    for (let at = first; at < last; ) {
      const sample = chroma + (at >> 1);
      const next = Math.min(last, (at | 1) + 1);
      if (gathered[sample] === 0) this.#touch(sample);
      gathered[sample] += alpha * (next - at);
      at = next;
    }
  }

  /** `count` luma pixels of a row from `x` on, each with its own alpha 0..255 from `alphas[from ..]`. */
  dots(y: number, x: number, count: number, alphas: Uint8Array, from: number): void {
    if (y < 0 || y >= this.height) return;
    const data = this.#data;
    const gathered = this.#gathered;
    const over = this.#y;
    const luma = y * this.width;
    const chroma = (y >> 1) * this.#chromaWidth;
    const last = Math.min(this.width, x + count);
    const shift = from - x;
    for (let at = Math.max(0, x); at < last; at++) {
      const alpha = alphas[at + shift];
      if (alpha === 0) continue;
      data[luma + at] = blendOf255(data[luma + at], over, alpha);
      const sample = chroma + (at >> 1);
      if (gathered[sample] === 0) this.#touch(sample);
      gathered[sample] += alpha;
    }
  }

  /** Blends the gathered chroma and forgets it. */
  flush(): void {
    const uStart = this.width * this.height;
    const vStart = uStart + this.#chromaSize;
    const evenSides = this.width % 2 === 0 && this.height % 2 === 0;
    for (let index = 0; index < this.#touchedCount; index++) {
      const sample = this.#touched[index];
      const whole = evenSides ? 1020 : this.#wholeOf(sample);
      const alpha = Math.min(whole, this.#gathered[sample]);
      this.#gathered[sample] = 0;
      this.#data[uStart + sample] = blend(this.#data[uStart + sample], this.#u, alpha, whole);
      this.#data[vStart + sample] = blend(this.#data[vStart + sample], this.#v, alpha, whole);
    }
    this.#touchedCount = 0;
  }

  /** Alpha of a chroma sample that is covered: 255 for each of its luma pixels, of which an odd side has fewer. */
  #wholeOf(sample: number): number {
    const row = Math.floor(sample / this.#chromaWidth);
    const column = sample - row * this.#chromaWidth;
    const across = column * 2 + 1 < this.width ? 2 : 1;
    const down = row * 2 + 1 < this.height ? 2 : 1;
    return 255 * across * down;
  }

  #touch(sample: number): void {
    if (this.#touchedCount === this.#touched.length) {
      const grown = new Int32Array(this.#touched.length * 2);
      grown.set(this.#touched);
      this.#touched = grown;
    }
    this.#touched[this.#touchedCount++] = sample;
  }
}

/** `blend` with a whole of 255, which needs no division. */
function blendOf255(under: number, over: number, alpha: number): number {
  const sum = under * (255 - alpha) + over * alpha + 128;
  return (sum + (sum >> 8)) >> 8;
}

function blend(under: number, over: number, alpha: number, whole: number): number {
  const sum = under * (whole - alpha) + over * alpha + (whole >> 1);
  // Chroma of even pictures has one whole, and a product is quicker than a quotient: sums below 2 ** 18 are half a step away from the next.
  return (whole === 1020 ? (sum + 0.5) * (1 / 1020) : sum / whole) | 0;
}
