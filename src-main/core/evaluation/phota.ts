import { combineHota, type HotaScore, scoreHota } from './hota.ts';
import type { FrameMasks } from './sequence-jf.ts';
import { trackingFramesFromMasks } from './tracking-frame.ts';

/** One predicted masklet of a phrase, with one score for the whole track. */
export interface ScoredTrack {
  readonly trackId: number;
  /** 0..1 */
  readonly score: number;
}

/** One (video, noun phrase) pair; masks by frame, then by track id. */
export interface PhraseVideo {
  readonly videoId: string;
  readonly phrase: string;
  readonly truth: readonly FrameMasks[];
  readonly prediction: readonly FrameMasks[];
  readonly tracks: readonly ScoredTrack[];
}

export interface PhotaScore {
  /** All pairs pooled: counts summed, association weighted by true positives. */
  readonly pooled: HotaScore;
  readonly perPair: readonly { readonly videoId: string; readonly phrase: string; readonly hota: HotaScore }[];
}

/**
 * pHOTA: every (video, phrase) pair is its own video of one class; tracks with score above (not at) the threshold count, their
 * scores no longer matter; empty masks are dropped. Pairs with neither ground truth nor a surviving track are left out.
 * Source: sam3 eval/saco_veval_evaluators.py, VideoPhraseHotaEvaluator.
 */
export function scorePhota(pairs: readonly PhraseVideo[], scoreThreshold = 0.5): PhotaScore {
  const perPair = pairs
    .map((pair) => {
      const kept = new Set(pair.tracks.filter((track) => track.score > scoreThreshold).map((track) => track.trackId));
      const prediction = pair.prediction.map((masks) => new Map([...masks].filter(([trackId]) => kept.has(trackId))));
      return { pair, frames: trackingFramesFromMasks(pair.truth, prediction) };
    })
    .filter(({ frames }) => frames.some((frame) => frame.truthIds.length + frame.predictionIds.length > 0))
    .map(({ pair, frames }) => ({ videoId: pair.videoId, phrase: pair.phrase, hota: scoreHota(frames) }));
  return { pooled: combineHota(perPair.map(({ hota }) => hota)), perPair };
}
