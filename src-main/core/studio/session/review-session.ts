import type { ReviewInput } from '../../../../src-shared/contract/schemas.ts';
import { frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { SessionWriter } from '../../store/index.ts';
import { resolveRange } from './resolve-range.ts';

/**
 * Writes down what a person said about stretches, as one undoable step. `openOnly`: only on stored masks that nobody has looked over
 * yet. Throws `prompt-invalid` (no such object), `range-invalid`.
 */
export function reviewSession(
  session: SessionWriter,
  says: readonly ReviewInput[],
  reviewer: string,
  openOnly: boolean,
): void {
  const { frameCount } = session.media.get().info;
  const label = says.length === 1 ? `Review: ${says[0].verdict ?? 'open again'}` : `Review ${says.length} stretches`;
  session.journal.step(label, () => {
    for (const { objectId, range, verdict } of says) {
      const object = session.objects.get(objectId);
      if (object === null || object.deleted) {
        throw new StudioError('prompt-invalid', 'user', `This session has no object ${objectId}; nothing was changed.`);
      }
      const whole = resolveRange(range, frameCount);
      const parts = openOnly ? openParts(session, objectId, whole) : [whole];
      for (const part of parts) {
        if (verdict === null) session.reviews.clear(objectId, part);
        else session.reviews.say(objectId, part, verdict, reviewer, label);
      }
    }
  });
}

/** Tracked stretches of an object that nobody has looked over. */
function openParts(session: SessionWriter, objectId: ReviewInput['objectId'], range: FrameRange): FrameRange[] {
  const reviewed = session.reviews.reviewed(objectId);
  return joined(session.masks.coverage(objectId, range)).flatMap((span) => without(span, reviewed));
}

function joined(spans: readonly FrameRange[]): FrameRange[] {
  const result: { first: FrameRange['first']; last: FrameRange['last'] }[] = [];
  for (const { first, last } of spans) {
    const previous = result.at(-1);
    if (previous !== undefined && previous.last + 1 === first) previous.last = last;
    else result.push({ first, last });
  }
  return result;
}

/** What is left of a stretch without others, which are ascending and apart. */
function without({ first, last }: FrameRange, taken: readonly FrameRange[]): FrameRange[] {
  const left: FrameRange[] = [];
  let from: number = first;
  for (const span of taken) {
    if (span.last < from || span.first > last) continue;
    if (span.first > from) left.push({ first: frameIndex(from), last: frameIndex(span.first - 1) });
    from = span.last + 1;
  }
  if (from <= last) left.push({ first: frameIndex(from), last });
  return left;
}
