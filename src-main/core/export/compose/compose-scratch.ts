import { type AnnotateScratch, createAnnotateScratch } from '../annotate/annotate-frame.ts';
import { CoarseScratch } from './coarse.ts';
import { Matte } from './matte.ts';

/** Working memory of `composeFrame` for the frames of one video: made when first needed, used again for every frame. */
export class ComposeScratch {
  readonly coarse = new CoarseScratch();
  #annotate: AnnotateScratch | null = null;
  #matte: Matte | null = null;
  #outputs: readonly [Uint8Array, Uint8Array] | null = null;
  #turn = 0;

  annotate(width: number, height: number): AnnotateScratch {
    this.#annotate ??= createAnnotateScratch(width, height);
    return this.#annotate;
  }

  matte(width: number, height: number): Matte {
    this.#matte ??= new Matte(width, height);
    return this.#matte;
  }

  /** One of two buffers in turn: the last picture may still be on its way out while the next is composed. */
  output(bytes: number): Uint8Array {
    if (this.#outputs?.[0].length !== bytes) this.#outputs = [new Uint8Array(bytes), new Uint8Array(bytes)];
    this.#turn = 1 - this.#turn;
    return this.#outputs[this.#turn];
  }
}
