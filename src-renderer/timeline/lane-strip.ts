const SMALL = 8;
const BLOCK = 64;
const COARSE = BLOCK * BLOCK;

/** One byte a frame, with summaries of 8, 64 and 4096 frames, so that a column of pixels is answered fast however many frames it covers. */
export class LaneStrip {
  readonly #values: Uint8Array;
  readonly #small: Uint8Array;
  readonly #fine: Uint8Array;
  readonly #coarse: Uint8Array;
  readonly #join: (a: number, b: number) => number;
  #from = 0;
  #to = 0;
  #revision = 0;

  /** `join` sums up two bytes; 0 stands for no frame. */
  constructor(frameCount: number, join: (a: number, b: number) => number) {
    this.#values = new Uint8Array(frameCount);
    this.#small = new Uint8Array(Math.ceil(frameCount / SMALL));
    this.#fine = new Uint8Array(Math.ceil(frameCount / BLOCK));
    this.#coarse = new Uint8Array(Math.ceil(frameCount / COARSE));
    this.#join = join;
  }

  /** Rises with every change. */
  get revision(): number {
    return this.#revision;
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

  /** How many of frames first..last (both inclusive) have a byte that is not 0, and lower than `below`. */
  count(first: number, last: number, below = 256): number {
    const values = this.#values;
    let count = 0;
    for (let frame = first; frame <= last; frame++) if (values[frame] !== 0 && values[frame] < below) count++;
    return count;
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

  /**
   * As `over`, for a column of pixels: where it covers several blocks, whole blocks are taken, so that it may see a few frames of its
   * neighbours, less than half a pixel. With many objects of a long clip this is what a repaint costs.
   */
  column(first: number, last: number): number {
    const frames = last - first;
    if (frames < 2 * SMALL) return this.over(first, last);
    this.#sumUp();
    return frames < 2 * BLOCK
      ? this.#blocks(this.#small, SMALL, first, last)
      : this.#blocks(this.#fine, BLOCK, first, last);
  }

  #blocks(sums: Uint8Array, size: number, first: number, last: number): number {
    let joined = 0;
    const lastBlock = Math.floor(last / size);
    for (let block = Math.floor(first / size); block <= lastBlock; block++) joined = this.#join(joined, sums[block]);
    return joined;
  }

  #touch(from: number, to: number): void {
    this.#revision++;
    this.#from = this.#to === 0 ? from : Math.min(this.#from, from);
    this.#to = Math.max(this.#to, to);
  }

  /** Brings the summaries up to date where something has changed. */
  #sumUp(): void {
    if (this.#to === 0) return;
    const firstBlock = Math.floor(this.#from / BLOCK);
    const lastBlock = Math.ceil(this.#to / BLOCK);
    const perFine = BLOCK / SMALL;
    const lastSmall = Math.min(this.#small.length, lastBlock * perFine);
    for (let block = firstBlock * perFine; block < lastSmall; block++) {
      this.#small[block] = this.#joined(this.#values, block * SMALL, SMALL);
    }
    for (let block = firstBlock; block < lastBlock; block++) {
      this.#fine[block] = this.#joined(this.#small, block * perFine, perFine);
    }
    for (let block = Math.floor(firstBlock / BLOCK); block * BLOCK < lastBlock; block++) {
      this.#coarse[block] = this.#joined(this.#fine, block * BLOCK, BLOCK);
    }
    this.#to = 0;
  }

  #joined(values: Uint8Array, first: number, count: number): number {
    let joined = 0;
    const end = Math.min(values.length, first + count);
    for (let at = first; at < end; at++) joined = this.#join(joined, values[at]);
    return joined;
  }
}
