import { StudioError, throwIfAborted } from '../../src-shared/errors/studio-error.ts';
import { type CallContext, type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { serveContract } from '../../src-shared/rpc/server.ts';
import { transportOverPort } from '../core/base/port-transport.ts';
import { serveThread } from '../core/base/thread.ts';
import { withProgress } from '../core/base/with-progress.ts';
import { type DecodeContract, decodeContract, type FillRequest, type OpenSourceEvent } from '../core/studio/index.ts';
import {
  decodeFrames,
  FrameRing,
  openVideo,
  readFittedFrame,
  readFrame,
  type VideoSource,
  ViewFrames,
} from '../core/video/index.ts';

/** Encoded pictures kept for each open source. */
const VIEW_BYTES = 192 * 1024 * 1024;
const THUMBNAIL_BYTES = 8 * 1024 * 1024;
const VIEW_READ_AHEAD = 24;

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

function viewOf(sourceId: number, size: 'full' | 'thumbnail'): ViewFrames {
  const key = `${sourceId}:${size}`;
  const held = views.get(key);
  if (held !== undefined) return held;
  const full = { format: 'jpeg', limitBytes: VIEW_BYTES, readAhead: VIEW_READ_AHEAD, serve: 'newest' } as const;
  const small = { format: 'thumbnail', limitBytes: THUMBNAIL_BYTES, readAhead: 0, serve: 'oldest' } as const;
  const view = new ViewFrames(sourceOf(sourceId), size === 'full' ? full : small);
  views.set(key, view);
  return view;
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
  close: async ({ sourceId }) => {
    await closeViews([`${sourceId}:full`, `${sourceId}:thumbnail`]);
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
  serve: async ({ port }) => {
    served.use(serveContract(decodeContract, handlers, transportOverPort(port)));
    return null;
  },
};

const served = new DisposableStack();
serveThread(decodeContract, handlers, async () => {
  served.dispose();
  await closeViews([...views.keys()]);
});
