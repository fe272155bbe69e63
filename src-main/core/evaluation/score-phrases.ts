import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { maskArea, type RleMask } from '../../../src-shared/mask/rle.ts';
import { type Cgf1Score, type PhrasePair, scoreCgf1 } from './cgf1.ts';
import { phrasePairFromTubes, type Tube } from './cgf1-pairs.ts';
import { type PhotaScore, type PhraseVideo, scorePhota } from './phota.ts';
import type { MaskSequence, TrackFacts } from './sources/mask-sequence.ts';
import { pairFrames } from './sources/pair-frames.ts';
import type { AskedPhrase } from './sources/ytvis-json.ts';

/** cgF1 counts tracks at or above this score; pHOTA those above it. */
const SCORE_THRESHOLD = 0.5;

export interface PhraseScore {
  readonly phota: PhotaScore;
  readonly cgf1: Cgf1Score;
  readonly pairCount: number;
}

/**
 * pHOTA and video cgF1 over (video, phrase) pairs, where a track's category is its phrase. `asked`: the pairs that count, with
 * those where nothing is there; null: every pair that either side has. Tracks without a score count as certain. The masks of one
 * benchmark are in memory at once.
 */
export async function scorePhrases(
  videos: readonly { readonly truth: MaskSequence; readonly prediction: MaskSequence }[],
  asked: readonly AskedPhrase[] | null,
  signal: AbortSignal,
): Promise<PhraseScore> {
  const phrases: PhraseVideo[] = [];
  const pairs: PhrasePair[] = [];
  for (const { truth, prediction } of videos) {
    throwIfAborted(signal);
    const wanted = await tubesOf(truth, null);
    const positions = pairFrames(truth, prediction).map((pair) => pair.prediction);
    const found = await tubesOf(prediction, positions);
    const names =
      asked === null
        ? [...new Set([...wanted, ...found].map(({ facts }) => facts.category))]
        : asked.filter(({ video }) => video === truth.name).map(({ phrase }) => phrase);
    for (const phrase of names) {
      const ours = found.filter(({ facts }) => facts.category === phrase);
      const theirs = wanted.filter(({ facts }) => facts.category === phrase);
      const kept = ours.filter(({ facts }) => (facts.score ?? 1) >= SCORE_THRESHOLD);
      pairs.push(
        phrasePairFromTubes(
          kept.map(({ tube }) => tube),
          [theirs.map(({ tube }) => tube)],
        ),
      );
      phrases.push({
        videoId: truth.name,
        phrase,
        truth: framesOf(theirs, truth.frames.length),
        prediction: framesOf(ours, truth.frames.length),
        tracks: ours.map(({ id, facts }) => ({ trackId: id, score: facts.score ?? 1 })),
      });
    }
  }
  return { phota: scorePhota(phrases, SCORE_THRESHOLD), cgf1: scoreCgf1(pairs), pairCount: pairs.length };
}

interface TrackTube {
  readonly id: number;
  readonly facts: TrackFacts;
  readonly tube: Tube;
}

/** Tracks by frame of the ground truth; `positions` says where its frames lie in this sequence, null: at the same place. */
async function tubesOf(sequence: MaskSequence, positions: readonly (number | null)[] | null): Promise<TrackTube[]> {
  const tubes = new Map<number, Map<number, RleMask>>();
  const count = positions?.length ?? sequence.frames.length;
  for (let at = 0; at < count; at++) {
    const position = positions === null ? at : positions[at];
    if (position === null) continue;
    for (const [id, mask] of await sequence.masksAt(position)) {
      const isEmpty = maskArea(mask) === 0;
      // Who lists a track says that it is there, with or without a pixel.
      if (isEmpty && sequence.tracks?.has(id) !== true) continue;
      const tube = tubes.get(id) ?? new Map<number, RleMask>();
      tubes.set(id, isEmpty ? tube : tube.set(at, mask));
    }
  }
  return [...tubes].map(([id, tube]) => ({
    id,
    facts: sequence.tracks?.get(id) ?? { category: 'object', score: null },
    tube,
  }));
}

function framesOf(tracks: readonly TrackTube[], count: number): ReadonlyMap<number, RleMask>[] {
  return Array.from({ length: count }, (_, frame) => {
    const masks = new Map<number, RleMask>();
    for (const { id, tube } of tracks) {
      const mask = tube.get(frame);
      if (mask !== undefined) masks.set(id, mask);
    }
    return masks;
  });
}
