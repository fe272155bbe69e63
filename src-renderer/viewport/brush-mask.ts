import type { PointInVideo, Size } from '../../src-shared/geometry/geometry.ts';
import { bitmapFromRle, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** Half covered counts as covered. */
const COVERED = 128;

/** A mask that is being painted, at video size. Strokes are smooth curves through the places that the pointer gave. */
export class BrushMask {
  readonly #size: Size;
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #colour: string;
  #last: PointInVideo | null = null;
  #middle: PointInVideo | null = null;

  /** `start`: what is there already; null: nothing. */
  constructor(size: Size, start: RleMask | null, colour: string) {
    this.#size = size;
    this.#colour = colour;
    this.#canvas = new OffscreenCanvas(size.width, size.height);
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('This browser cannot draw on a canvas.');
    this.#context = context;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    if (start !== null) context.putImageData(this.#imageOf(start), 0, 0);
  }

  /** Takes the pen on to a point; the first point of a stroke is a dab. */
  stroke(to: PointInVideo, radius: number, erase: boolean): void {
    const context = this.#context;
    context.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
    context.strokeStyle = context.fillStyle = this.#colour;
    context.lineWidth = 2 * radius;
    const last = this.#last;
    context.beginPath();
    if (last === null) {
      // A line of no length may draw nothing.
      context.arc(to.x, to.y, radius, 0, 2 * Math.PI);
      context.fill();
    } else {
      const middle = { x: (last.x + to.x) / 2, y: (last.y + to.y) / 2 };
      const from = this.#middle ?? last;
      context.moveTo(from.x, from.y);
      context.quadraticCurveTo(last.x, last.y, middle.x, middle.y);
      context.lineTo(to.x, to.y);
      this.#middle = middle;
      context.stroke();
    }
    this.#last = to;
  }

  /** Over the picture, in video pixels: set the transform first. */
  draw(context: CanvasRenderingContext2D, opacity: number): void {
    context.globalAlpha = opacity;
    context.drawImage(this.#canvas, 0, 0);
    context.globalAlpha = 1;
  }

  toMask(): RleMask {
    const { width, height } = this.#size;
    const { data } = this.#context.getImageData(0, 0, width, height);
    const bitmap = new Uint8Array(width * height);
    for (let at = 0; at < bitmap.length; at++) bitmap[at] = data[at * 4 + 3] >= COVERED ? 1 : 0;
    return rleFromBitmap(bitmap, width, height);
  }

  #imageOf(mask: RleMask): ImageData {
    const { width, height } = this.#size;
    const bitmap = bitmapFromRle(mask);
    const image = new ImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    const rgb = Number.parseInt(this.#colour.slice(1), 16);
    const word = (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
    for (let at = 0; at < bitmap.length; at++) if (bitmap[at] !== 0) words[at] = word;
    return image;
  }
}
