import type { SoundPeaksPart } from '../../src-shared/contract/results.ts';
import type { EngineClient } from '../client/engine-link.ts';
import type { FrameWish, Host } from '../host/host.ts';
import { Lanes } from '../timeline/lanes.ts';
import { Waveform } from '../timeline/waveform.ts';
import { FrameMaskCache } from '../viewport/frame-mask-cache.ts';
import { FramePictures } from '../viewport/frame-pictures.ts';

const PICTURE_BYTES = 320 * 2 ** 20;
const PROXY_BYTES = 160 * 2 ** 20;
const THUMBNAIL_BYTES = 24 * 2 ** 20;

/** The large things of one open session: what the viewport and the timeline draw from. */
export interface SessionMedia extends Disposable {
  readonly sessionId: string;
  readonly pictures: FramePictures;
  /** Smaller ones, for playing. */
  readonly proxies: FramePictures;
  readonly thumbnails: FramePictures;
  readonly masks: FrameMaskCache;
  /** What was there before corrections, for the frames that they changed. */
  readonly earlier: FrameMaskCache;
  readonly lanes: Lanes;
  readonly waveform: Waveform;
  /** Fires when the session leaves the desk. */
  readonly signal: AbortSignal;
  addPeaks(part: SoundPeaksPart): void;
  /** Called after any of them has something new to draw. */
  subscribe(listener: () => void): () => void;
}

export function createSessionMedia(parts: {
  readonly client: () => EngineClient;
  readonly host: Host;
  readonly sessionId: string;
  readonly frameCount: number;
  readonly durationSecs: number;
  readonly onFailure: (frameIndex: number, sentence: string) => void;
}): SessionMedia {
  const { client, host, sessionId, frameCount, durationSecs, onFailure } = parts;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of [...listeners]) listener();
  };
  const framesOf = (size: FrameWish['size'], limitBytes: number, onFailed: typeof onFailure = () => {}) =>
    new FramePictures({
      load: (frameIndex, signal) => host.loadFrame(client(), { sessionId, frameIndex, size }, signal),
      limitBytes,
      onArrival: changed,
      onFailure: onFailed,
    });
  const pictures = framesOf('full', PICTURE_BYTES, onFailure);
  // Where a small picture does not come, the frame itself says why when it is opened.
  const proxies = framesOf('proxy', PROXY_BYTES);
  const thumbnails = framesOf('thumbnail', THUMBNAIL_BYTES);
  const waveform = new Waveform(durationSecs);
  const leaving = new AbortController();
  return {
    sessionId,
    pictures,
    proxies,
    thumbnails,
    masks: new FrameMaskCache((frameIndex) => client().frameMasks({ sessionId, frameIndex }), changed),
    earlier: new FrameMaskCache((frameIndex) => client().earlierMasks({ sessionId, frameIndex }), changed),
    lanes: new Lanes(frameCount, changed),
    waveform,
    signal: leaving.signal,
    addPeaks: (part) => {
      waveform.add(part);
      changed();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.dispose]: () => {
      leaving.abort();
      listeners.clear();
      for (const each of [pictures, proxies, thumbnails]) each[Symbol.dispose]();
    },
  };
}
