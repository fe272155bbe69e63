import { fillRounded, type PixelBox, type Surface } from '../annotate/draw-rectangle.ts';
import { typefaceAt } from '../annotate/font/typeface.ts';
import type { Rgb } from '../annotate/yuv-colour.ts';

/** An 8-bit RGB picture that can be drawn on: [height, width, 3], tight rows. */
export class RgbCanvas implements Surface {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  #colour: Rgb = { r: 0, g: 0, b: 0 };

  constructor(width: number, height: number, background: Rgb) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 3);
    for (let at = 0; at < this.pixels.length; at += 3) {
      this.pixels[at] = background.r;
      this.pixels[at + 1] = background.g;
      this.pixels[at + 2] = background.b;
    }
  }

  dot(x: number, y: number, alpha: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height || alpha <= 0) return;
    const at = (y * this.width + x) * 3;
    this.pixels[at] = mix(this.pixels[at], this.#colour.r, alpha);
    this.pixels[at + 1] = mix(this.pixels[at + 1], this.#colour.g, alpha);
    this.pixels[at + 2] = mix(this.pixels[at + 2], this.#colour.b, alpha);
  }

  row(y: number, fromX: number, toX: number, alpha: number): void {
    for (let x = fromX; x < toX; x++) this.dot(x, y, alpha);
  }

  rounded(box: PixelBox, radius: number, colour: Rgb): void {
    this.#colour = colour;
    fillRounded(this, box, radius, 1);
  }

  /** Writes left-aligned text; returns its width in pixels. */
  text(text: string, x: number, baseline: number, capPixels: number, colour: Rgb): number {
    this.#colour = colour;
    const face = typefaceAt(capPixels);
    face.draw(text, x, baseline, (px, py, alpha) => this.dot(px, py, alpha));
    return face.measure(text);
  }

  /** Places a picture of the same layout; its corners are rounded by what is under it. */
  picture(pixels: Uint8Array, box: PixelBox, radius: number): void {
    const dot = (x: number, y: number, alpha: number) => {
      const from = ((y - box.y) * box.width + (x - box.x)) * 3;
      this.#colour = { r: pixels[from], g: pixels[from + 1], b: pixels[from + 2] };
      this.dot(x, y, alpha);
    };
    const row = (y: number, fromX: number, toX: number, alpha: number) => {
      for (let x = fromX; x < toX; x++) dot(x, y, alpha);
    };
    fillRounded({ dot, row }, box, radius, 1);
  }
}

function mix(under: number, over: number, alpha: number): number {
  return Math.round((under * (255 - alpha) + over * alpha) / 255);
}
