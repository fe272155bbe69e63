import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { liesIn, type MaskReader } from '../../core/export/index.ts';
import { openSessionReader, type SessionReader } from '../../core/store/index.ts';
import { searchedFrames, unfoundPhrases } from '../../core/studio/session/index.ts';
import type {
  ContactSheetRequest,
  DatasetRequest,
  RenderRequest,
  StillRequest,
} from '../../core/studio/threads/index.ts';
import { openVideo, type VideoSource } from '../../core/video/index.ts';

/** What every export needs: the session, read-only, and its video. Disposing closes the session. */
export interface Material extends Disposable {
  readonly session: SessionReader;
  readonly source: VideoSource;
}

/** Throws `media-missing`, `media-changed` (another video, or one that is turned otherwise now). */
export async function openMaterial(
  request: RenderRequest | StillRequest | DatasetRequest | ContactSheetRequest,
  signal: AbortSignal,
): Promise<Material> {
  const session = openSessionReader(request.sessionPath);
  try {
    const { info } = session.media.get();
    const missing = () =>
      new StudioError(
        'media-missing',
        'user',
        `The video ${info.path} is not where it was; masks and prompts are kept. Put it back, or name its new place once: masklet track NEW_PLACE --session SESSION.`,
      );
    if (session.media.presence() === 'missing') throw missing();
    const source = await openVideo(info.path, { tools: request.tools, cacheDir: request.cacheFolder, signal });
    session.media.require(() => source.info.contentHash);
    session.media.requireShownAs(source.info);
    return { session, source, [Symbol.dispose]: () => session[Symbol.dispose]() };
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  }
}

/** Stored masks in the shape the exporters read; removed objects have none. */
export function maskReader(session: SessionReader): MaskReader {
  const phrases = new Map(session.concepts.all().map(({ id, phrase }) => [id, phrase]));
  const objects = session.objects.all().map(({ id, name, colour, className, conceptId }) => ({
    objectId: id,
    name,
    colour,
    searched: searchedFrames(session, id),
    className: className ?? (conceptId === null ? null : (phrases.get(conceptId) ?? null)),
  }));
  const tracked = new Map(objects.map(({ objectId }) => [objectId, session.masks.coverage(objectId)]));
  const reviewed = new Map(objects.map(({ objectId }) => [objectId, session.reviews.reviewed(objectId)]));
  return {
    objects,
    unfoundPhrases: unfoundPhrases(session),
    isTracked: (index, objectId) => liesIn(tracked.get(objectId) ?? [], index),
    masksAt: (index) =>
      session.masks
        .at(index)
        .filter(({ objectId }) => tracked.has(objectId))
        .map((record) => ({
          ...record,
          reviewed: record.source === 'prompt' || liesIn(reviewed.get(record.objectId) ?? [], index),
        })),
  };
}
