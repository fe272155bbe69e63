import type { SoundPeaksPart } from '../../src-shared/contract/results.ts';
import { LaneStrip } from './lane-strip.ts';

export const PEAKS_PER_SEC = 100;

/** Loudness over clip time, filled from the left as it is read. */
export class Waveform {
  readonly #strip: LaneStrip;
  readonly #count: number;
  #revision = 0;

  constructor(durationSecs: number) {
    this.#count = Math.max(1, Math.ceil(durationSecs * PEAKS_PER_SEC));
    this.#strip = new LaneStrip(this.#count, Math.max);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Sound after the last frame is left out. */
  add({ first, peaks }: SoundPeaksPart): void {
    this.#strip.write(first, peaks.subarray(0, Math.max(0, this.#count - first)));
    this.#revision++;
  }

  /** Loudest between two times, 0..1. */
  loudest(fromSecs: number, toSecs: number): number {
    const first = Math.max(0, Math.floor(fromSecs * PEAKS_PER_SEC));
    const last = Math.min(this.#count - 1, Math.max(first, Math.ceil(toSecs * PEAKS_PER_SEC) - 1));
    return first > last ? 0 : this.#strip.over(first, last) / 255;
  }
}
