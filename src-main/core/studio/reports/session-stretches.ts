import { frameIndex } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { meanDirection, type Stretch } from '../../reports/index.ts';
import { openSessionReader, type SessionReader } from '../../store/index.ts';
import { openVideo, readFrame } from '../../video/index.ts';
import type { MediaRequest } from '../threads/report-contract.ts';
import type { Embedder } from './embedder.ts';

/** Absences up to this many frames are flicker or a short occlusion, not a gap. */
const SHORT_GAP = 5;

interface Sample {
  readonly frame: number;
  readonly stretch: number;
}

/**
 * Every object's stretches of a session with how they look: `samples` frames of each, evenly spaced, embedded and averaged. Each
 * frame is decoded once. Stretches whose masks are all empty do not exist. Errors as `openSessionReader` and `openVideo`.
 */
export async function sessionStretches(
  sessionPath: string,
  media: MediaRequest,
  embedder: Embedder,
  samples: number,
  onFrame: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<Stretch[]> {
  using session = openSessionReader(sessionPath);
  const spans = objectSpans(session);
  const wanted = spans.flatMap(({ first, last }, stretch) =>
    spread(first, last, samples).map((frame): Sample => ({ frame, stretch })),
  );
  const byFrame = [...Map.groupBy(wanted, ({ frame }) => frame)].sort(([a], [b]) => a - b);
  const vectors = spans.map((): Float32Array[] => []);
  if (byFrame.length === 0) return [];
  const source = await openSource(session, media, signal);
  for (const [done, [frame, here]] of byFrame.entries()) {
    const { pixels } = await readFrame(source, frame, { signal });
    const { width, height } = source.info;
    const masks = here.map(
      ({ stretch }) => session.masks.get(frameIndex(frame), spans[stretch].objectId)?.mask ?? null,
    );
    const shown = here.filter((_, at) => masks[at] !== null);
    const found = await embedder.embed(
      { width, height, pixels },
      masks.filter((mask) => mask !== null),
    );
    for (const [at, vector] of found.entries()) if (vector !== null) vectors[shown[at].stretch].push(vector);
    onFrame(done + 1, byFrame.length);
  }
  return spans.flatMap(({ objectId, name, first, last }, at) =>
    vectors[at].length === 0 ? [] : [{ objectId, name, first, last, vector: meanDirection(vectors[at]) }],
  );
}

/** Where each object is there, with short gaps closed. */
function objectSpans(session: SessionReader) {
  return session.objects.all().flatMap(({ id, name }) => {
    const spans: { objectId: typeof id; name: string; first: number; last: number }[] = [];
    for (const { state, first, last } of session.masks.coverage(id)) {
      if (state !== 'present') continue;
      const previous = spans.at(-1);
      if (previous !== undefined && first - previous.last - 1 <= SHORT_GAP) previous.last = last;
      else spans.push({ objectId: id, name, first, last });
    }
    return spans;
  });
}

/** At most `count` frames of a stretch, ends included when there are two or more. */
function spread(first: number, last: number, count: number): number[] {
  const length = last - first + 1;
  const wanted = Math.min(count, length);
  if (wanted === 1) return [first + (length >> 1)];
  return Array.from({ length: wanted }, (_, at) => first + Math.round((at * (length - 1)) / (wanted - 1)));
}

async function openSource(session: SessionReader, { tools, cacheFolder }: MediaRequest, signal: AbortSignal) {
  const { info } = session.media.get();
  if (session.media.presence() === 'missing') {
    throw new StudioError(
      'media-missing',
      'user',
      `The video ${info.path} is not where it was; put it back, or name its new place once: masklet track NEW_PLACE --session SESSION.`,
    );
  }
  const source = await openVideo(info.path, { tools, cacheDir: cacheFolder, signal });
  session.media.require(() => source.info.contentHash);
  session.media.requireShownAs(source.info);
  return source;
}
