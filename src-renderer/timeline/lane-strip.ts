const BLOCK = 64;
const COARSE = BLOCK * BLOCK;

/** One byte a frame, with summaries of 64 and 4096 frames, so that a column of pixels is answered fast however many frames it covers. */
export class LaneStrip {
  readonly #values: Uint8Array;
  readonly #fine: Uint8Array;
  readonly #coarse: Uint8Array;
  readonly #join: (a: number, b: number) => number;
  #from = 0;
  #to = 0;

  /** `join` sums up two bytes; 0 stands for no frame. */
  constructor(frameCount: number, join: (a: number, b: number) => number) {
    this.#values = new Uint8Array(frameCount);
    this.#fine = new Uint8Array(Math.ceil(frameCount / BLOCK));
    this.#coarse = new Uint8Array(Math.ceil(frameCount / COARSE));
    this.#join = join;
  }

  at(frame: number): number {
    return this.#values[frame];
  }

  set(frame: number, value: number): void {
    this.#values[frame] = value;
    this.#touch(frame, frame + 1);
  }

  write(first: number, values: Uint8Array): void {
    this.#values.set(values, first);
    this.#touch(first, first + values.length);
  }

  /** Joined over frames first..last, both inclusive. */
  over(first: number, last: number): number {
    this.#sumUp();
    let joined = 0;
    let frame = first;
    while (frame <= last) {
      if (frame % COARSE === 0 && frame + COARSE - 1 <= last) {
        joined = this.#join(joined, this.#coarse[frame / COARSE]);
        frame += COARSE;
      } else if (frame % BLOCK === 0 && frame + BLOCK - 1 <= last) {
        joined = this.#join(joined, this.#fine[frame / BLOCK]);
        frame += BLOCK;
      } else joined = this.#join(joined, this.#values[frame++]);
    }
    return joined;
  }

  #touch(from: number, to: number): void {
    this.#from = this.#to === 0 ? from : Math.min(this.#from, from);
    this.#to = Math.max(this.#to, to);
  }

  /** Brings the summaries up to date where something has changed. */
  #sumUp(): void {
    if (this.#to === 0) return;
    const firstBlock = Math.floor(this.#from / BLOCK);
    const lastBlock = Math.ceil(this.#to / BLOCK);
    for (let block = firstBlock; block < lastBlock; block++) {
      this.#fine[block] = this.#joined(this.#values, block * BLOCK);
    }
    for (let block = Math.floor(firstBlock / BLOCK); block * BLOCK < lastBlock; block++) {
      this.#coarse[block] = this.#joined(this.#fine, block * BLOCK);
    }
    this.#to = 0;
  }

  #joined(values: Uint8Array, first: number): number {
    let joined = 0;
    const end = Math.min(values.length, first + BLOCK);
    for (let at = first; at < end; at++) joined = this.#join(joined, values[at]);
    return joined;
  }
}
