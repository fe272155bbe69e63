import type { ImageFeatures, ModelFrame, TrackerModel } from './ports.ts';

/** Image features of the last few frames, so that clicking a frame again or tracking from it encodes nothing twice. */
export class FeatureCache {
  readonly #model: TrackerModel;
  readonly #capacity: number;
  readonly #byFrame = new Map<number, ImageFeatures>();

  constructor(model: TrackerModel, capacity = 2) {
    this.#model = model;
    this.#capacity = capacity;
  }

  /** Features of a frame if they are still here. */
  peek(frameIndex: number): ImageFeatures | undefined {
    return this.#byFrame.get(frameIndex);
  }

  /** Features of a frame, encoded when they are not here. Does not release the frame. */
  async of(frame: ModelFrame): Promise<ImageFeatures> {
    const known = this.#byFrame.get(frame.frameIndex);
    const features = known ?? (await this.#model.encodeImage(frame.pixels, frame.shown));
    this.#byFrame.delete(frame.frameIndex);
    this.#byFrame.set(frame.frameIndex, features);
    for (const oldest of this.#byFrame.keys()) {
      if (this.#byFrame.size <= this.#capacity) break;
      this.#byFrame.delete(oldest);
    }
    return features;
  }

  clear(): void {
    this.#byFrame.clear();
  }
}
