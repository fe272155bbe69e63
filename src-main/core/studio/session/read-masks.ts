import type { FrameMask, FrameMasks } from '../../../../src-shared/contract/results.ts';
import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import { frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { MaskRecord, SessionReader } from '../../store/index.ts';
import { resolveRange } from './resolve-range.ts';

/** Stored masks of one frame, in object id order. */
export function masksAt(
  session: SessionReader,
  index: FrameIndex,
  objectIds: readonly ObjectId[] | null = null,
): FrameMasks {
  const rows = session.masks.at(index).filter(({ objectId }) => objectIds?.includes(objectId) ?? true);
  return { frameIndex: index, masks: rows.map(toFrameMask) };
}

/** Stored masks of a range, frame by frame, ascending; frames without any are left out. Memory stays flat. */
export function* masksIn(
  session: SessionReader,
  wish: { readonly first: number | null; readonly last: number | null },
  objectIds: readonly ObjectId[] | null,
): Generator<FrameMasks> {
  const { first, last } = resolveRange(wish, session.media.get().info.frameCount);
  for (let index = first as number; index <= last; index++) {
    const frame = masksAt(session, frameIndex(index), objectIds);
    if (frame.masks.length > 0) yield frame;
  }
}

function toFrameMask({ objectId, mask, source, scores, provisional }: MaskRecord): FrameMask {
  return { objectId, mask, source, scores, provisional };
}
