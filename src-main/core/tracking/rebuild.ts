import type { ConceptId, FrameIndex, ObjectId } from '../../../src-shared/domain/ids.ts';
import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { promptMaskFromRle } from './mask-resize.ts';
import type { Heading } from './memory-bank.ts';
import { answerMasks } from './object-step.ts';
import { ObjectTrack } from './object-track.ts';
import type { ImageFeatures } from './ports.ts';
import { type Keepsake, remember } from './remember.ts';
import type { TrackerState } from './tracker-state.ts';

/** A stored mask from which an object's memory of a frame is made anew. */
export interface StoredObservation {
  readonly objectId: ObjectId;
  readonly conceptId: ConceptId | null;
  readonly frameIndex: FrameIndex;
  /** At video size, with at least one pixel. */
  readonly mask: RleMask;
  readonly predictedIou: number | null;
  readonly objectScoreLogit: number | null;
  /** The frame conditions the object (a detection made or confirmed it). A user's prompts are answered again instead. */
  readonly conditioning: boolean;
  /** Direction of the pass that stored it. */
  readonly heading: Heading;
}

/**
 * Makes memory of one frame from stored masks, where no exact snapshot exists: the mask is encoded as it was shown, the pointer comes from the
 * mask-prompt path. Close to what tracking had, not equal to it: logits were lost in storing.
 */
export async function rebuildFrame(
  state: TrackerState,
  features: ImageFeatures,
  stored: readonly StoredObservation[],
): Promise<void> {
  if (stored.length === 0) return;
  const { maskPromptSize } = state.model.spec;
  const masks = stored.map(({ mask }) => promptMaskFromRle(mask, maskPromptSize));
  const given = await answerMasks(state.model, features, stored[0].frameIndex, masks);
  const keepsakes = stored.map((each, index): Keepsake => {
    const track =
      state.objects.get(each.objectId) ?? new ObjectTrack(each.objectId, each.conceptId, state.video.frameCount);
    state.objects.set(each.objectId, track);
    state.ids.note(each.objectId);
    track.visit(each.frameIndex, each.heading);
    const scoreLogit = each.objectScoreLogit ?? given[index].scoreLogit;
    const iou = each.predictedIou ?? 1;
    const observation = { ...given[index], scoreLogit, iou };
    const memory = { logits: observation.logits, binarize: each.conditioning, objectScoreLogit: scoreLogit };
    return { track, observation, memory, conditioning: each.conditioning, fromUser: false };
  });
  await remember(state, features, keepsakes, null);
}
