/** Decoded pictures of one video by frame index: most recently used ones are kept, the wanted one is loaded before its neighbours. */
export interface FramePicturesOptions {
  /** The picture of a frame, and the frame that it names itself. */
  readonly load: (
    frameIndex: number,
    signal: AbortSignal,
  ) => Promise<{ readonly frameIndex: number; readonly picture: Blob }>;
  readonly limitBytes: number;
  /** A picture is here, or will not come. */
  readonly onArrival: (frameIndex: number) => void;
  readonly onFailure: (frameIndex: number, sentence: string) => void;
}

/** Frames to load: the urgent ones alone, because a decode that is asked for another frame meanwhile takes longer. */
export interface FrameWishes {
  readonly urgent: readonly number[];
  readonly others: readonly number[];
  /** What is on its way already and still of use; absent: only what is wished. */
  readonly keeps?: (frameIndex: number) => boolean;
}

const MOST_AT_ONCE = 3;

export class FramePictures implements Disposable {
  readonly #options: FramePicturesOptions;
  readonly #pictures = new Map<number, ImageBitmap>();
  readonly #loading = new Map<number, AbortController>();
  #bytes = 0;
  #urgent: readonly number[] = [];
  #queue: readonly number[] = [];
  #disposed = false;
  #revision = 0;
  #held = false;

  constructor(options: FramePicturesOptions) {
    this.#options = options;
  }

  /** Rises with every picture that comes or goes. */
  get revision(): number {
    return this.#revision;
  }

  /** While held nothing is loaded, what is on its way neither; what is wished stays wished. */
  set isHeld(isHeld: boolean) {
    this.#held = isHeld;
    if (isHeld) {
      for (const abort of this.#loading.values()) abort.abort();
      this.#loading.clear();
    }
    this.#fill();
  }

  get(frameIndex: number): ImageBitmap | null {
    const picture = this.#pictures.get(frameIndex);
    if (picture === undefined) return null;
    this.#pictures.delete(frameIndex);
    this.#pictures.set(frameIndex, picture);
    return picture;
  }

  has(frameIndex: number): boolean {
    return this.#pictures.has(frameIndex);
  }

  /** The held frame closest to this one, of those that pass. */
  nearest(frameIndex: number, passes: (frameIndex: number) => boolean): number | null {
    let best: number | null = null;
    for (const held of this.#pictures.keys()) {
      const nearer = best === null || Math.abs(held - frameIndex) < Math.abs(best - frameIndex);
      if (nearer && passes(held)) best = held;
    }
    return best;
  }

  /** Loads these, in this order, the others once the urgent ones are here; whatever else was being loaded is given up. */
  want({ urgent, others, keeps = () => false }: FrameWishes): void {
    const wanted = new Set([...urgent, ...others]);
    for (const [frameIndex, abort] of this.#loading) {
      if (wanted.has(frameIndex) || keeps(frameIndex)) continue;
      abort.abort();
      this.#loading.delete(frameIndex);
    }
    const isMissing = (frameIndex: number) => !this.#pictures.has(frameIndex);
    this.#urgent = urgent.filter(isMissing);
    this.#queue = others.filter(isMissing);
    this.#fill();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const abort of this.#loading.values()) abort.abort();
    for (const picture of this.#pictures.values()) picture.close();
    this.#loading.clear();
    this.#pictures.clear();
    this.#bytes = 0;
  }

  #fill(): void {
    if (this.#held) return;
    const isMissing = (frameIndex: number) => !this.#pictures.has(frameIndex);
    this.#urgent = this.#urgent.filter(isMissing);
    for (const frameIndex of this.#urgent.length > 0 ? this.#urgent : this.#queue) {
      if (this.#loading.size >= MOST_AT_ONCE) return;
      if (!this.#loading.has(frameIndex) && !this.#pictures.has(frameIndex)) void this.#load(frameIndex);
    }
  }

  async #load(frameIndex: number): Promise<void> {
    const abort = new AbortController();
    this.#loading.set(frameIndex, abort);
    try {
      const loaded = await this.#options.load(frameIndex, abort.signal);
      if (loaded.frameIndex !== frameIndex)
        throw new Error(`Frame ${loaded.frameIndex} came instead of frame ${frameIndex}.`);
      const picture = await createImageBitmap(loaded.picture);
      if (this.#disposed) picture.close();
      else this.#keep(frameIndex, picture);
      if (!abort.signal.aborted) this.#options.onArrival(frameIndex);
    } catch (error) {
      if (!abort.signal.aborted) {
        const others = (each: number) => each !== frameIndex;
        this.#urgent = this.#urgent.filter(others);
        this.#queue = this.#queue.filter(others);
        this.#options.onFailure(frameIndex, error instanceof Error ? error.message : String(error));
      }
    } finally {
      if (this.#loading.get(frameIndex) === abort) this.#loading.delete(frameIndex);
      if (!this.#disposed) this.#fill();
    }
  }

  #keep(frameIndex: number, picture: ImageBitmap): void {
    this.#drop(frameIndex);
    this.#pictures.set(frameIndex, picture);
    this.#revision++;
    this.#bytes += bytesOf(picture);
    for (const oldest of this.#pictures.keys()) {
      if (this.#bytes <= this.#options.limitBytes || oldest === frameIndex) return;
      this.#drop(oldest);
    }
  }

  #drop(frameIndex: number): void {
    const picture = this.#pictures.get(frameIndex);
    if (picture === undefined) return;
    this.#pictures.delete(frameIndex);
    this.#revision++;
    this.#bytes -= bytesOf(picture);
    picture.close();
  }
}

function bytesOf({ width, height }: ImageBitmap): number {
  return width * height * 4;
}
