/** +1: time runs forward in this pass; -1: backward. */
export type Heading = 1 | -1;

/** What the model said about one object on one frame. Arrays are never written after it is made. */
export interface Observation {
  readonly frameIndex: number;
  /** [L * L] logits of the chosen mask, foreground > 0. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** Foreground pixels of `logits`. */
  readonly area: number;
  /** [ptrDim] */
  readonly pointer: Float32Array<ArrayBuffer>;
  /** Raw visibility logit. */
  readonly scoreLogit: number;
  /** [4] predicted IoU of every mask token. */
  readonly ious: Float32Array<ArrayBuffer>;
  /** Predicted IoU of the mask that was chosen. */
  readonly iou: number;
  /** SAM 3 memory selection: certainty of visibility times best predicted IoU, 0..1. */
  readonly memScore: number;
  /** IoU of the mask's box with the predicted box (SAMURAI); null while the motion model is not settled. */
  readonly motionScore: number | null;
}

/** An observation as the bank keeps it. */
export interface MemoryEntry extends Observation {
  /** [T * memDim]; null: the frame is known (for corrections and scores) but is not to be remembered. */
  readonly tokens: Float32Array<ArrayBuffer> | null;
  /** A user's prompt made it; a detection may not displace it. */
  readonly fromUser: boolean;
}

/**
 * One object's memory: conditioning frames (prompted or confirmed, kept until removed) and tracked frames (kept while some rule may
 * still recall them). Both keep the order in which frames were last stored, which decides ties as the reference's dictionaries do.
 */
export class MemoryBank {
  readonly #conditioning = new Map<number, MemoryEntry>();
  readonly #tracked = new Map<number, MemoryEntry>();

  get conditioning(): ReadonlyMap<number, MemoryEntry> {
    return this.#conditioning;
  }

  get tracked(): ReadonlyMap<number, MemoryEntry> {
    return this.#tracked;
  }

  /** The entry of a frame, whichever way it came to be. */
  at(frameIndex: number): MemoryEntry | undefined {
    return this.#conditioning.get(frameIndex) ?? this.#tracked.get(frameIndex);
  }

  /** Makes the frame a conditioning frame; a tracked entry of it is forgotten. */
  condition(entry: MemoryEntry): void {
    this.#tracked.delete(entry.frameIndex);
    this.#conditioning.set(entry.frameIndex, entry);
  }

  /** Remembers a tracked frame; the frame stops being a conditioning frame if it was one. */
  follow(entry: MemoryEntry): void {
    this.#conditioning.delete(entry.frameIndex);
    this.#tracked.delete(entry.frameIndex);
    this.#tracked.set(entry.frameIndex, entry);
  }

  forget(frameIndex: number): void {
    this.#conditioning.delete(frameIndex);
    this.#tracked.delete(frameIndex);
  }

  /** Drops tracked frames within `radius` frames: they may carry the mask that was just corrected. */
  clearAround(frameIndex: number, radius: number): void {
    for (const frame of [...this.#tracked.keys()]) {
      if (Math.abs(frame - frameIndex) <= radius) this.#tracked.delete(frame);
    }
  }

  /** Drops conditioning frames that detections made within `radius` frames, so that the user's frame dominates. */
  clearDetectedAround(frameIndex: number, radius: number): void {
    for (const [frame, { fromUser }] of [...this.#conditioning]) {
      if (!fromUser && frame !== frameIndex && Math.abs(frame - frameIndex) <= radius) this.#conditioning.delete(frame);
    }
  }

  /** Forgets the longest-stored tracked frames outside `needed` until at most `spare` of those remain. */
  prune(needed: ReadonlySet<number>, spare: number): void {
    let unneeded = 0;
    for (const frame of this.#tracked.keys()) if (!needed.has(frame)) unneeded++;
    for (const frame of this.#tracked.keys()) {
      if (unneeded <= spare) return;
      if (needed.has(frame)) continue;
      this.#tracked.delete(frame);
      unneeded--;
    }
  }

  /** The same for conditioning frames that detections made; a user's frames are never dropped here. */
  pruneDetected(needed: ReadonlySet<number>, spare: number): void {
    const dropped = [...this.#conditioning.values()]
      .filter(({ frameIndex, fromUser }) => !fromUser && !needed.has(frameIndex))
      .map(({ frameIndex }) => frameIndex);
    for (const frame of dropped.slice(0, Math.max(0, dropped.length - spare))) this.#conditioning.delete(frame);
  }
}
