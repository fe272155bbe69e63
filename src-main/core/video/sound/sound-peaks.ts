import { analysisCache } from '../analysis-cache.ts';
import { soundCommand } from '../ffmpeg/sound-command.ts';
import { ToolProcess } from '../ffmpeg/tool-process.ts';
import type { VideoSource } from '../video-source.ts';

/** Loudest sample of each hundredth of a second. */
export const PEAKS_PER_SEC = 100;
const RATE = 8000;
const SAMPLES = RATE / PEAKS_PER_SEC;

export interface SoundPeaks {
  /** Number of the first peak; peak n covers n .. n+1 hundredths of a second after the first frame. */
  readonly first: number;
  /** 0 silence .. 255 full scale. */
  readonly peaks: Uint8Array<ArrayBuffer>;
}

/** The waveform of the first sound track in pieces, ascending; nothing when there is no sound. Kept by content. Errors: cancelled. */
export async function* soundPeaks(source: VideoSource, signal: AbortSignal): AsyncGenerator<SoundPeaks, void> {
  const cache = analysisCache(source, 'peaks');
  const held = await cache.read();
  if (held !== null) {
    yield { first: 0, peaks: held };
    return;
  }
  const command = soundCommand(source, { rate: RATE, channels: 1, first: 0, count: null });
  if (command === null) return;
  await using tool = new ToolProcess(command, { signal, background: true });
  const all: Uint8Array[] = [];
  const counter = new PeakCounter();
  let first = 0;
  for await (const chunk of tool.stdout as AsyncIterable<Buffer>) {
    const peaks = counter.take(chunk);
    if (peaks.length === 0) continue;
    all.push(peaks);
    yield { first, peaks };
    first += peaks.length;
  }
  const exit = await tool.ended;
  if (signal.aborted) throw tool.failure('cancelled', '', exit);
  // Sound that ends early is drawn as far as it goes, and looked at again next time.
  if (exit.code === 0) await cache.write(Buffer.concat(all));
}

/** Turns a stream of 16-bit little-endian samples, cut anywhere, into peaks. */
export class PeakCounter {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): Uint8Array<ArrayBuffer> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const count = Math.floor(bytes.length / (SAMPLES * 2));
    const peaks = new Uint8Array(count);
    for (let peak = 0; peak < count; peak++) {
      let loudest = 0;
      for (let at = peak * SAMPLES; at < (peak + 1) * SAMPLES; at++) {
        const value = Math.abs(bytes.readInt16LE(at * 2));
        if (value > loudest) loudest = value;
      }
      peaks[peak] = Math.min(255, loudest >> 7);
    }
    this.#rest = bytes.subarray(count * SAMPLES * 2);
    return peaks;
  }
}
