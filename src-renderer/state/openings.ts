import { throwIfAborted } from '../../src-shared/errors/studio-error.ts';
import type { Store } from './store.ts';
import type { Opening, StudioState } from './studio-state.ts';

/** One thing that is being opened; it is stopped when it ends, however that is. */
export interface Work {
  readonly signal: AbortSignal;
  card: Opening;
}

interface Stoppable extends Work {
  readonly stop: AbortController;
}

/** What is being opened, one for the desk and beside it files for the library; which card is shown, and what Cancel ends. */
export class Openings {
  readonly #store: Store<StudioState>;
  #forDesk: Stoppable | null = null;
  #forLibrary: Stoppable | null = null;
  #lastDrop: Promise<unknown> = Promise.resolve();
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(store: Store<StudioState>) {
    this.#store = store;
  }

  /** Opens something for the desk. A newer one ends it, and begins after its end; so do Cancel and `leaveDesk`. */
  forDesk<T>(card: Opening, open: (work: Work) => Promise<T>): Promise<T> {
    this.leaveDesk();
    const work = workOf(card);
    this.#forDesk = work;
    return this.#shown(work, () =>
      this.inTurn(() => {
        throwIfAborted(work.signal);
        return open(work);
      }),
    );
  }

  /** Opens files for the library, after those before them, whatever comes onto the desk meanwhile. Only Cancel ends it. */
  forLibrary(card: Opening, open: (work: Work) => Promise<void>): Promise<void> {
    const drop = this.#lastDrop.then(() => {
      const work = workOf(card);
      this.#forLibrary = work;
      return this.#shown(work, () => open(work));
    });
    this.#lastDrop = drop.catch(() => {});
    return drop;
  }

  /** Openings and closings wait for each other: opened while it is being closed, a session would be joined and then be gone. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(change);
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  changeCard(work: Work, change: Partial<Opening>): void {
    work.card = { ...work.card, ...change };
    this.#showCard();
  }

  /** Ends what the card shows. */
  cancel(): void {
    this.#front?.stop.abort();
    this.#showCard();
  }

  /** Nothing comes onto the desk any more. */
  leaveDesk(): void {
    this.#forDesk?.stop.abort();
    this.#showCard();
  }

  async #shown<T>(work: Stoppable, open: () => Promise<T>): Promise<T> {
    this.#showCard();
    try {
      return await open();
    } catch (error) {
      // Whatever it ended with after it was stopped is nobody's news.
      throwIfAborted(work.signal);
      throw error;
    } finally {
      work.stop.abort();
      this.#showCard();
    }
  }

  /** The work under way whose card is shown. */
  get #front(): Stoppable | null {
    return [this.#forDesk, this.#forLibrary].find((work) => work?.signal.aborted === false) ?? null;
  }

  #showCard(): void {
    this.#store.patch({ opening: this.#front?.card ?? null });
  }
}

function workOf(card: Opening): Stoppable {
  const stop = new AbortController();
  return { stop, signal: stop.signal, card };
}
