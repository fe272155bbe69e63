import type { SessionListing } from '../../src-shared/contract/results.ts';
import type { EngineClient } from '../client/engine-link.ts';
import { posters } from './posters.ts';

/** Makes the pictures of sessions that have none in this browser, or an old one: one at a time, since each is a decode. */
export class PosterMaker {
  readonly #client: () => EngineClient;
  readonly #failed = new Set<string>();
  #chain: Promise<void> = Promise.resolve();

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** Resolves with true once there is a newer picture than before. */
  async make(listing: SessionListing): Promise<boolean> {
    const { sessionPath, changedAtMillis, state, videoMissing } = listing;
    const name = `${sessionPath}:${changedAtMillis}`;
    if (state === 'unreadable' || videoMissing || this.#failed.has(name)) return false;
    if (posters.madeAtMillis(sessionPath) >= changedAtMillis) return false;
    const made = this.#chain.then(() => this.#draw(listing, name));
    this.#chain = made.then(() => {});
    return made;
  }

  async #draw({ sessionPath, posterFrame }: SessionListing, name: string): Promise<boolean> {
    try {
      const look = { sessionPath, frameIndex: posterFrame, style: 'overlay', labels: false } as const;
      const { width, height, pixels } = await this.#client().renderStill(look);
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = height;
      canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
      posters.keep(sessionPath, canvas, new DOMRectReadOnly(0, 0, width, height));
      return true;
    } catch {
      // A session without a picture is still a session; it is tried again when it has changed.
      this.#failed.add(name);
      return false;
    }
  }
}
