import type { StoredView } from '../viewport/viewport.ts';

const KEY = 'masklet-view:';
const REST_MILLIS = 300;

/** Remembers where a person was looking in one session, across reloads. */
export class KeptViews {
  readonly #key: string;
  #timer = 0;

  constructor(sessionPath: string) {
    this.#key = `${KEY}${sessionPath}`;
  }

  /** null: the whole picture. Written when the view rests. */
  keep(view: StoredView | null): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      if (view === null) localStorage.removeItem(this.#key);
      else localStorage.setItem(this.#key, JSON.stringify(view));
    }, REST_MILLIS);
  }

  read(): StoredView | null {
    try {
      const view = JSON.parse(localStorage.getItem(this.#key) ?? 'null') as Partial<StoredView> | null;
      const numbers = [view?.scale, view?.centreX, view?.centreY];
      return numbers.every(Number.isFinite) ? (view as StoredView) : null;
    } catch {
      return null;
    }
  }
}
