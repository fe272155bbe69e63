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
} from '../core/video/index.ts';

/** Opened sources by id; ids are never reused. A source holds no file or process. */
const sources = new Map<number, VideoSource>();
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

const handlers: Handlers<DecodeContract> = {
  open,
  close: async ({ sourceId }) => {
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
  serve: async ({ port }) => {
    served.use(serveContract(decodeContract, handlers, transportOverPort(port)));
    return null;
  },
};

const served = new DisposableStack();
serveThread(decodeContract, handlers, () => served.dispose());
