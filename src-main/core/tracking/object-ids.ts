import { type ObjectId, objectId } from '../../../src-shared/domain/ids.ts';

/** Gives ids to objects that detections begin. An id is never given twice, not even after its object was withdrawn. */
export class ObjectIds {
  readonly #allocate: (() => ObjectId) | null;
  #highest = 0;

  /** `allocate`: the session's own counter; null: count on from the highest id noted. */
  constructor(allocate: (() => ObjectId) | null) {
    this.#allocate = allocate;
  }

  get highest(): number {
    return this.#highest;
  }

  /** Takes note of an id that exists. */
  note(id: number): void {
    this.#highest = Math.max(this.#highest, id);
  }

  next(): ObjectId {
    const id = this.#allocate?.() ?? objectId(this.#highest + 1);
    this.note(id);
    return id;
  }
}
