import type { FrameIndex } from '../../../src-shared/domain/ids.ts';
import type { Size } from '../../../src-shared/geometry/geometry.ts';
import type { AnnotatedObject } from './annotate/annotate-frame.ts';
import { checkMaskSize } from './check-mask-size.ts';
import type { MaskReader } from './ports.ts';
import { shownScore } from './shown-score.ts';

/** The stored masks of one frame as they are drawn; `session-mismatch` when a mask has another size than the frame. */
export function annotatedObjects(masks: MaskReader, frameIndex: FrameIndex, frame: Size): readonly AnnotatedObject[] {
  return masks.masksAt(frameIndex).map((stored) => {
    const { mask, objectId } = stored;
    checkMaskSize(stored, frame);
    const object = masks.objects.find((known) => known.objectId === objectId);
    return {
      objectId,
      mask,
      name: object?.name ?? '',
      colour: object?.colour ?? '#ffffff',
      score: shownScore(stored.scores),
      provisional: stored.provisional ?? false,
    };
  });
}
