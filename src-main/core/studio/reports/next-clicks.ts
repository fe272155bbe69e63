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
 * worst frame, at the centre of the largest error. In a session without masks that is the first frame where the object is.
 * Throws `usage` when the ground truth is not the masks of this video.
 */
export async function nextClicks({ sessionPath, truthPath }: ClickRequest, signal: AbortSignal): Promise<ClickAnswer> {
  const truth = await onlySequence(truthPath);
  using session = openSessionReader(sessionPath);
  return await corrections(truth, session, signal);
}

async function corrections(truth: MaskSequence, session: SessionReader, signal: AbortSignal): Promise<ClickAnswer> {
  const { sequence } = sessionSequence(session);
  const frames = videoFrames(truth, sequence);
  const scorer = new SequenceScorer(truth.width, truth.height);
  const worst = new Map<number, { j: number; at: number }>();
  const nothing = emptyMask(truth.width, truth.height);
  for (let at = 0; at < truth.frames.length; at++) {
    throwIfAborted(signal);
    const wanted = await truth.masksAt(at);
    const found = await sequence.masksAt(frames[at]);
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
    const found = (await sequence.masksAt(frames[at])).get(objectId) ?? nothing;
    const click = clickOnLargestError(found, wanted);
    if (click !== null) clicks.push({ objectId, frameIndex: frames[at], ...click });
  }
  return { mean: scorer.finish().mean, clicks };
}

async function onlySequence(path: string): Promise<MaskSequence> {
  const source = await openEvaluationSource(path);
  const sequence = source.kind === 'videos' && source.sequences.length === 1 ? source.sequences[0] : null;
  if (sequence?.kind === 'masks') return sequence;
  throw new StudioError('usage', 'user', `${path} is not the masks of one video; give a folder of PNG masks.`);
}

/** For each frame of the ground truth the one of the video, as they are paired for scoring. */
function videoFrames(truth: MaskSequence, video: MaskSequence): readonly number[] {
  if (truth.width !== video.width || truth.height !== video.height) {
    throw misfit(`is ${truth.width}x${truth.height}, the video ${video.width}x${video.height}`);
  }
  return pairFrames(truth, video)
    .filter((pair) => pair.truth !== null)
    .map(({ name, prediction }) => {
      if (prediction === null) throw misfit(`has a frame ${name}, which the video does not have`);
      return prediction;
    });
}

function misfit(how: string): StudioError {
  return new StudioError('usage', 'user', `The ground truth ${how}; nothing was clicked, give masks of this video.`);
}
