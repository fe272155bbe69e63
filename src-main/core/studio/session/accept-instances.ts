import type { ConceptId, FrameIndex } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { SessionWriter } from '../../store/index.ts';
import { checkMask, checkPlace } from './apply-prompts.ts';

/** Instances of a concept on a frame that a person takes for objects. */
export interface AcceptedInstances {
  readonly conceptId: ConceptId;
  readonly frameIndex: FrameIndex;
  readonly masks: readonly RleMask[];
}

/** Makes an object of each, prompted with its mask and named after the concept; one undoable step. Throws `prompt-invalid`, `frame-out-of-range`. */
export function acceptInstances(session: SessionWriter, { conceptId, frameIndex, masks }: AcceptedInstances): void {
  const concept = session.concepts.all().find(({ id }) => id === conceptId);
  if (concept === undefined) {
    throw new StudioError('prompt-invalid', 'user', `This session has no concept ${conceptId}; nothing was changed.`);
  }
  const { info } = session.media.get();
  for (const mask of masks) checkMask(mask, info, `of “${concept.phrase}”`);
  session.journal.step(masks.length === 1 ? 'Accept instance' : `Accept ${masks.length} instances`, () => {
    const round = session.prompts.nextRound();
    for (const mask of masks) {
      const { id } = session.objects.create({ name: concept.phrase, conceptId });
      const prompt = { kind: 'mask', objectId: id, frameIndex, mask } as const;
      checkPlace(prompt, info);
      session.prompts.add(prompt, round);
    }
  });
}
