import type { ObjectId } from '../../../../src-shared/domain/ids.ts';

/** Plain data, safe for JSON: [id, consecutive matched frames, confirmed]. */
export type ConfirmationState = readonly (readonly [ObjectId, number, boolean])[];

/**
 * Optional rule, off in the released tracker: a track is shown once detections matched it on `frames` frames in a row, its
 * first frame included; it stays confirmed after that. Source: SAM 3 `update_masklet_confirmation_status`.
 */
export class Confirmation {
  readonly #frames: number;
  readonly #runs = new Map<ObjectId, { run: number; confirmed: boolean }>();

  constructor(frames: number) {
    this.#frames = frames;
  }

  /** One frame: `alive` are the ids after it, `matched` those that a detection supported, new ones included. */
  step(alive: readonly ObjectId[], matched: ReadonlySet<ObjectId>): void {
    const living = new Set(alive);
    for (const id of this.#runs.keys()) if (!living.has(id)) this.#runs.delete(id);
    for (const id of alive) {
      const before = this.#runs.get(id) ?? { run: 0, confirmed: false };
      const run = matched.has(id) ? before.run + 1 : 0;
      this.#runs.set(id, { run, confirmed: before.confirmed || run >= this.#frames });
    }
  }

  isConfirmed(id: ObjectId): boolean {
    return this.#runs.get(id)?.confirmed ?? false;
  }

  /** A user vouches for the id. */
  confirm(id: ObjectId): void {
    this.#runs.set(id, { run: this.#frames, confirmed: true });
  }

  snapshot(): ConfirmationState {
    return [...this.#runs].map(([id, { run, confirmed }]) => [id, run, confirmed] as const);
  }

  restore(state: ConfirmationState): void {
    this.#runs.clear();
    for (const [id, run, confirmed] of state) this.#runs.set(id, { run, confirmed });
  }
}
