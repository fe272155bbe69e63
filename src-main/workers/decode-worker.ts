import { cancelled, StudioError, throwIfAborted } from '../../src-shared/errors/studio-error.ts';
import { type CallContext, type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { serveContract } from '../../src-shared/rpc/server.ts';
import { transportOverPort } from '../core/base/port-transport.ts';
import { serveThread } from '../core/base/thread.ts';
import { withProgress } from '../core/base/with-progress.ts';
import {
  type DecodeContract,
  decodeContract,
  type FillRequest,
  type OpenSourceEvent,
  type ViewSize,
} from '../core/studio/threads/index.ts';
import {
  decodeFrames,
  FrameRing,
  findCuts,
  firstPicture,
  openVideo,
  readFittedFrame,
  readFrame,
  readSound,
  soundPeaks,
  type VideoSource,
  ViewFrames,
  type ViewFramesOptions,
} from '../core/video/index.ts';

/** Encoded pictures kept for each open source. */
const VIEW_BYTES = 192 * 1024 * 1024;
const PROXY_BYTES = 96 * 1024 * 1024;
const THUMBNAIL_BYTES = 8 * 1024 * 1024;
const VIEW_READ_AHEAD = 24;
const VIEW_NEAR = 12;
/** The page asks for the two before the frame it rests on one after the other; a decode of its own for each would go through the group twice. */
const VIEW_BACK = 4;
const PROXY_READ_AHEAD = 36;
/** Beginning anew takes as long as decoding about this many. */
const PROXY_NEAR = 150;
const PROXY_BACK = 20;
const VIEW_READ_BEHIND = 240;

/** Opened sources by id; ids are never reused. A source holds no file or process; its views do, while they are looked at. */
const sources = new Map<number, VideoSource>();
const views = new Map<string, ViewFrames>();
let lastSourceId = 0;

function sourceOf(sourceId: number): VideoSource {
  const source = sources.get(sourceId);
  if (source === undefined)
    throw new StudioError('media-missing', 'bug', 'That video is closed already; open it again.');
  return source;
}

function open(input: Parameters<Handlers<DecodeContract>['open']>[0], { signal }: CallContext) {
  return withProgress<OpenSourceEvent, OpenSourceEvent>(async (report) => {
    const source = await openVideo(input.path, {
      tools: input.tools,
      cacheDir: input.cacheFolder,
      signal,
      onProgress: (framesDone, framesExpected) => report({ kind: 'indexing', framesDone, framesExpected }),
    });
    lastSourceId++;
    sources.set(lastSourceId, source);
    const { pts, keyFrames } = source.table.data;
    return { kind: 'opened', sourceId: lastSourceId, info: source.info, table: { pts, keyFrames } };
  });
}

async function fill(
  { sourceId, ring, first, last, direction, size }: FillRequest,
  { signal }: CallContext,
): Promise<null> {
  const target = FrameRing.attach(ring);
  for await (const frame of decodeFrames(sourceOf(sourceId), { first, last, direction, size, signal })) {
    await target.push(frame.frameIndex, frame.pts, frame.pixels, signal);
  }
  throwIfAborted(signal);
  return null;
}

/** Full pictures are for a person who rests and steps, proxies for one who plays, thumbnails for strips. */
const VIEWS = {
  full: {
    format: 'jpeg',
    limitBytes: VIEW_BYTES,
    readAhead: VIEW_READ_AHEAD,
    readBehind: VIEW_READ_BEHIND,
    nearFrames: VIEW_NEAR,
    backFrames: VIEW_BACK,
    serve: 'newest',
  },
  proxy: {
    format: 'proxy',
    limitBytes: PROXY_BYTES,
    readAhead: PROXY_READ_AHEAD,
    readBehind: 0,
    nearFrames: PROXY_NEAR,
    backFrames: PROXY_BACK,
    serve: 'oldest',
  },
  thumbnail: {
    format: 'thumbnail',
    limitBytes: THUMBNAIL_BYTES,
    readAhead: 0,
    readBehind: 0,
    nearFrames: VIEW_NEAR,
    backFrames: 0,
    serve: 'oldest',
  },
} as const satisfies Record<ViewSize, ViewFramesOptions>;

function viewOf(sourceId: number, size: ViewSize): ViewFrames {
  const key = `${sourceId}:${size}`;
  const held = views.get(key);
  if (held !== undefined) return held;
  const view = new ViewFrames(sourceOf(sourceId), VIEWS[size]);
  views.set(key, view);
  return view;
}

interface CutJob {
  readonly cuts: Promise<Uint32Array<ArrayBuffer>>;
  readonly abort: AbortController;
}

/** One decode finds the cuts of a source, whoever asks and leaves. */
const cutJobs = new Map<number, CutJob>();

function cutJobOf(sourceId: number): CutJob {
  const held = cutJobs.get(sourceId);
  if (held !== undefined) return held;
  const abort = new AbortController();
  const job = { cuts: findCuts(sourceOf(sourceId), abort.signal), abort };
  cutJobs.set(sourceId, job);
  // What failed is tried again when it is next asked for.
  job.cuts.catch(() => cutJobs.delete(sourceId));
  return job;
}

/** The caller may leave; the work goes on for others. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(cancelled(signal.reason));
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', leave));
}

async function closeViews(keys: readonly string[]): Promise<void> {
  await Promise.all(
    keys.map(async (key) => {
      const view = views.get(key);
      views.delete(key);
      await view?.[Symbol.asyncDispose]();
    }),
  );
}

const handlers: Handlers<DecodeContract> = {
  open,
  peek: async ({ path, tools, cacheFolder }, { signal }) => ({
    jpeg: await firstPicture(path, { tools, cacheDir: cacheFolder, signal }),
  }),
  close: async ({ sourceId }) => {
    cutJobs.get(sourceId)?.abort.abort();
    cutJobs.delete(sourceId);
    await closeViews(Object.keys(VIEWS).map((size) => `${sourceId}:${size}`));
    sources.delete(sourceId);
    return null;
  },
  fill,
  frame: async ({ sourceId, frameIndex, size }, { signal }) => {
    const { pixels } = await readFrame(sourceOf(sourceId), frameIndex, { signal, size: size ?? undefined });
    return { pixels };
  },
  fittedFrame: async ({ sourceId, frameIndex, size, fit }, { signal }) => {
    const frame = await readFittedFrame(sourceOf(sourceId), frameIndex, size, fit, signal);
    return new Moved(frame, [frame.pixels.buffer]);
  },
  viewFrame: async ({ sourceId, frameIndex, size }, { signal }) => ({
    jpeg: await viewOf(sourceId, size).get(frameIndex, signal),
  }),
  cuts: ({ sourceId }, { signal }) => unlessAborted(cutJobOf(sourceId).cuts, signal),
  soundPeaks: ({ sourceId }, { signal }) => soundPeaks(sourceOf(sourceId), signal),
  sound: async ({ sourceId, firstSample, count }, { signal }) => {
    const samples = await readSound(sourceOf(sourceId), firstSample, count, signal);
    return new Moved(samples, [samples.buffer]);
  },
  serve: async ({ port }) => {
    served.use(serveContract(decodeContract, handlers, transportOverPort(port)));
    return null;
  },
};

const served = new DisposableStack();
serveThread(decodeContract, handlers, async () => {
  served.dispose();
  for (const { abort } of cutJobs.values()) abort.abort();
  await closeViews([...views.keys()]);
});
