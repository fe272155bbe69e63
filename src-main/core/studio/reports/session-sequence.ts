import { basename, extname } from 'node:path';
import { frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { MaskSequence, TrackFacts } from '../../evaluation/index.ts';
import type { SessionReader } from '../../store/index.ts';

/** A session's masks as the evaluation reads them; it stays open as long as the sequence is used. */
export function sessionSequence(session: SessionReader): {
  readonly sequence: MaskSequence;
  readonly notes: readonly string[];
} {
  const { info } = session.media.get();
  const { frameCount, width, height } = info;
  const phrases = new Map(session.concepts.all().map(({ id, phrase }) => [id, phrase]));
  // As exports have it: a name is no class.
  const tracks = new Map<number, TrackFacts>(
    session.objects.all().flatMap(({ id, className, conceptId }) => {
      const category = className ?? (conceptId === null ? undefined : phrases.get(conceptId));
      return category === undefined ? [] : [[id as number, { category, score: null }] as const];
    }),
  );
  const tracked = session.masks.framesTracked();
  const missing = frameCount - tracked;
  return {
    sequence: {
      kind: 'masks',
      name: basename(info.path, extname(info.path)),
      width,
      height,
      frames: Array.from({ length: frameCount }, (_, at) => String(at).padStart(5, '0')),
      tracks,
      masksAt: (position) =>
        new Map(
          session.masks
            .at(frameIndex(position))
            .flatMap(({ objectId, mask }) => (mask === null ? [] : [[objectId as number, mask] as const])),
        ),
    },
    notes:
      missing > 0
        ? [`${basename(session.path)}: ${missing} of ${frameCount} frames have not been tracked and count as empty.`]
        : [],
  };
}
