import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

/** A float buffer that grows and is reused between calls: inputs of a graph are copied into it, never allocated per frame. */
export class Scratch {
  #data = new Float32Array(0);

  /** `length` zeros; valid until the next call. */
  zeros(length: number): Float32Array<ArrayBuffer> {
    if (this.#data.length < length) this.#data = new Float32Array(Math.max(length, 2 * this.#data.length));
    else this.#data.fill(0, 0, length);
    return this.#data.subarray(0, length);
  }
}

/** Copies row `row` of `width` numbers; throws `internal` for another length, which would write over its neighbour. */
export function putRow(target: Float32Array, row: number, width: number, source: Float32Array): void {
  if (source.length !== width) {
    throw new StudioError(
      'internal',
      'bug',
      `A model input of ${source.length} numbers was given instead of ${width}.`,
    );
  }
  target.set(source, row * width);
}
