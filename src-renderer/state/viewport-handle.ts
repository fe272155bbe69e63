import type { Viewport } from '../viewport/viewport.ts';

/** Lets commands reach the viewport while it is mounted; without one they do nothing. */
export class ViewportHandle {
  #current: Viewport | null = null;

  get current(): Viewport | null {
    return this.#current;
  }

  attach(viewport: Viewport): () => void {
    this.#current = viewport;
    return () => {
      if (this.#current === viewport) this.#current = null;
    };
  }
}
