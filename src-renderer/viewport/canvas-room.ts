import type { Size } from '../../src-shared/geometry/geometry.ts';

/**
 * Gives a canvas as many pixels as its place on the screen has: when it is laid out otherwise, and when the window comes to a screen of
 * another pixel ratio. Until it has been measured again it is painted with the ratio that it was measured with.
 */
export class CanvasRoom implements Disposable {
  readonly #canvas: HTMLCanvasElement;
  readonly #onMeasured: () => void;
  readonly #resize: ResizeObserver;
  #size: Size = { width: 0, height: 0 };
  #ratio = 1;
  #listening = new AbortController();

  constructor(canvas: HTMLCanvasElement, onMeasured: () => void) {
    this.#canvas = canvas;
    this.#onMeasured = onMeasured;
    this.#resize = new ResizeObserver(() => this.#measure());
    this.#resize.observe(canvas);
  }

  /** In CSS pixels; nothing before the canvas was laid out. */
  get size(): Size {
    return this.#size;
  }
  /** Pixels of the canvas for one CSS pixel. */
  get ratio(): number {
    return this.#ratio;
  }

  [Symbol.dispose](): void {
    this.#resize.disconnect();
    this.#listening.abort();
  }

  #measure(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#size = { width, height };
    this.#ratio = devicePixelRatio;
    this.#canvas.width = Math.max(1, Math.round(width * this.#ratio));
    this.#canvas.height = Math.max(1, Math.round(height * this.#ratio));
    this.#watchRatio();
    this.#onMeasured();
  }

  /** A query tells once that this ratio is left; the next one is asked for what the ratio is then. */
  #watchRatio(): void {
    this.#listening.abort();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const query = matchMedia(`(resolution: ${this.#ratio}dppx)`);
    query.addEventListener('change', () => this.#measure(), { signal });
  }
}
