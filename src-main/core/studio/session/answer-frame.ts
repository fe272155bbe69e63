import type { FrameMask } from '../../../../src-shared/contract/results.ts';
import type { ConceptId, FrameIndex } from '../../../../src-shared/domain/ids.ts';
import type { TrackedObject } from '../../../../src-shared/domain/track.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { SessionReader, SessionWriter } from '../../store/index.ts';
import { type ConceptInquiry, exemplarFromPrompt, type SeenInstance } from '../../tracking/index.ts';
import { frameMask, userMasksOf } from './commit-frames.ts';
import { beginComparison } from './comparisons.ts';
import { lockedObjects } from './edit-objects.ts';
import { type LogitGrid, maskOnFrame } from './logit-grid.ts';

/** Answers to prompts on one frame, as the model gave them. */
export interface FrameAnswers {
  readonly frameIndex: FrameIndex;
  readonly objects: readonly TrackedObject[];
  readonly grid: LogitGrid;
}

/**
 * Thresholds answers at video size. A mask prompt is answered as the model reads it. `keep`: those of objects that are not locked become the
 * frame's stored masks, a person's own mask as it was given; results of tracking that they replace can be had back (see `revertChanges`).
 */
export function answerFrame(session: SessionWriter, answers: FrameAnswers, keep: boolean): readonly FrameMask[] {
  const { frameIndex, objects, grid } = answers;
  const { info } = session.media.get();
  const given = keep ? userMasksOf(session) : new Map<string, RleMask>();
  const masks = objects.map((object) => {
    const own = given.get(`${frameIndex}:${object.objectId}`);
    return frameMask(object, own ?? (object.logits === null ? null : maskOnFrame(object.logits, grid, info)));
  });
  if (!keep) return masks;
  const locked = lockedObjects(session);
  const free = masks.filter(({ objectId }) => !locked.has(objectId));
  for (const { objectId } of free) beginComparison(session, objectId);
  session.masks.save(free.map((mask) => ({ ...mask, frameIndex })));
  return masks;
}

/** What a concept's prompts say about one frame: its phrase, if it was asked for by name, and the boxes shown on that frame. */
export function conceptOnFrame(session: SessionReader, id: ConceptId, frameIndex: FrameIndex): ConceptInquiry {
  const concept = session.concepts.all().find((each) => each.id === id);
  if (concept === undefined) {
    throw new StudioError('prompt-invalid', 'user', `This session has no concept ${id}; nothing was changed.`);
  }
  const prompts = session.prompts.ofConcept(id).map(({ prompt }) => prompt);
  const { info } = session.media.get();
  return {
    phrase: prompts.some(({ kind }) => kind === 'text') ? concept.phrase : null,
    exemplars: prompts.flatMap((prompt) =>
      prompt.kind === 'exemplar' && prompt.frameIndex === frameIndex ? [exemplarFromPrompt(prompt, info)] : [],
    ),
  };
}

/** Thresholds what a detector saw at video size. */
export function rasteriseInstances(
  session: SessionReader,
  seen: readonly SeenInstance[],
  grid: LogitGrid,
): readonly RleMask[] {
  const { info } = session.media.get();
  return seen.map(({ logits }) => maskOnFrame(logits, grid, info));
}
