import { StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { emptyMask } from '../../../../src-shared/mask/rle.ts';
import {
  clickOnLargestError,
  type MaskSequence,
  openEvaluationSource,
  pairFrames,
  regionSimilarity,
  SequenceScorer,
} from '../../evaluation/index.ts';
import { openSessionReader, type SessionReader } from '../../store/index.ts';
import type { ClickAnswer, ClickRequest } from '../threads/report-contract.ts';
import { sessionSequence } from './session-sequence.ts';

/**
 * Scores what a session holds (every annotated frame counts) and says where a person would click next: for each object on its
 * worst frame, at the centre of the largest error. Without a session: on the first frame where each object is.
 */
export async function nextClicks({ sessionPath, truthPath }: ClickRequest, signal: AbortSignal): Promise<ClickAnswer> {
  const truth = await onlySequence(truthPath);
  using session = sessionPath === null ? null : openSessionReader(sessionPath);
  return session === null ? firstClicks(truth, signal) : await corrections(truth, session, signal);
}

async function firstClicks(truth: MaskSequence, signal: AbortSignal): Promise<ClickAnswer> {
  const clicks = new Map<number, ClickAnswer['clicks'][number]>();
  const frames = videoFrames(truth);
  const nothing = emptyMask(truth.width, truth.height);
  for (let at = 0; at < truth.frames.length; at++) {
    throwIfAborted(signal);
    for (const [objectId, mask] of await truth.masksAt(at)) {
      const click = clicks.has(objectId) ? null : clickOnLargestError(nothing, mask);
      if (click !== null) clicks.set(objectId, { objectId, frameIndex: frames[at], ...click });
    }
  }
  return { mean: null, clicks: [...clicks.values()] };
}

async function corrections(truth: MaskSequence, session: SessionReader, signal: AbortSignal): Promise<ClickAnswer> {
  const { sequence } = sessionSequence(session);
  const pairs = pairFrames(truth, sequence)
    .filter((pair) => pair.truth !== null)
    .map(({ prediction }) => prediction);
  const scorer = new SequenceScorer(truth.width, truth.height);
  const worst = new Map<number, { j: number; at: number }>();
  const nothing = emptyMask(truth.width, truth.height);
  for (let at = 0; at < truth.frames.length; at++) {
    throwIfAborted(signal);
    const wanted = await truth.masksAt(at);
    const found = await sequence.masksAt(pairs[at] ?? at);
    scorer.addFrame(wanted, found);
    for (const objectId of new Set([...wanted.keys(), ...worst.keys()])) {
      const j = regionSimilarity(found.get(objectId) ?? nothing, wanted.get(objectId) ?? nothing);
      const known = worst.get(objectId);
      if (known === undefined || j < known.j) worst.set(objectId, { j, at });
    }
  }
  const clicks: ClickAnswer['clicks'][number][] = [];
  for (const [objectId, { at }] of worst) {
    const wanted = (await truth.masksAt(at)).get(objectId) ?? nothing;
    const found = (await sequence.masksAt(pairs[at] ?? at)).get(objectId) ?? nothing;
    const click = clickOnLargestError(found, wanted);
    if (click !== null) clicks.push({ objectId, frameIndex: pairs[at] ?? at, ...click });
  }
  return { mean: scorer.finish().mean, clicks };
}

async function onlySequence(path: string): Promise<MaskSequence> {
  const source = await openEvaluationSource(path);
  const sequence = source.kind === 'videos' && source.sequences.length === 1 ? source.sequences[0] : null;
  if (sequence?.kind === 'masks') return sequence;
  throw new StudioError('usage', 'user', `${path} is not the masks of one video; give a folder of PNG masks.`);
}

/** Frames of the video that the annotated ones are: by number where they say one, as a session numbers them. */
function videoFrames(truth: MaskSequence): number[] {
  const numbers = truth.frames.map((name) => Number(/(\d+)\D*$/.exec(name)?.[1] ?? Number.NaN));
  const consecutive = numbers.every((value, at) => at === 0 || value === numbers[at - 1] + 1);
  return consecutive || numbers.some(Number.isNaN) ? truth.frames.map((_, at) => at) : numbers;
}
