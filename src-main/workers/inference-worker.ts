import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type {
  BoxPrompt,
  ExemplarPrompt,
  MaskPrompt,
  PointPrompt,
  Prompt,
  TextPrompt,
} from '../../src-shared/domain/prompt.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { connectContract, type RpcConnection } from '../../src-shared/rpc/client.ts';
import { type CallContext, type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { transportOverPort } from '../core/base/port-transport.ts';
import { serveThread } from '../core/base/thread.ts';
import { openPackRuntime, type PackRuntime, readPack } from '../core/models/index.ts';
import {
  type DecodeContract,
  decodeContract,
  type InferenceContract,
  inferenceContract,
  type OpenedPack,
  type PropagateEvent,
  type PropagateRequest,
} from '../core/studio/index.ts';
import { type FrameProvider, Tracker } from '../core/tracking/index.ts';
import { FrameRing } from '../core/video/index.ts';

/** Frames decoded ahead of the model. */
const RING_SLOTS = 4;
/** Frames after which a fast pack is due for a snapshot even before its time. */
const SNAPSHOT_FRAMES = 64;

let decode: RpcConnection<DecodeContract> | null = null;
let runtime: PackRuntime | null = null;
let openedAs = '';

function requireRuntime(): PackRuntime {
  if (runtime === null) throw new StudioError('pack-missing', 'bug', 'No model pack is open; open one first.');
  return runtime;
}

async function closePack(): Promise<void> {
  await runtime?.[Symbol.asyncDispose]();
  runtime = null;
}

async function openPack(
  { packFolder, device }: { packFolder: string; device: string },
  { signal }: CallContext,
): Promise<OpenedPack> {
  const pack = await readPack(packFolder);
  const wanted = JSON.stringify([pack.folder, pack.hash, device]);
  if (runtime === null || wanted !== openedAs) {
    await closePack();
    runtime = await openPackRuntime(pack, { device, signal });
    openedAs = wanted;
  }
  runtime.resetCounters();
  const { provider, spec } = runtime;
  return {
    packId: pack.id,
    packHash: pack.hash,
    lowres: spec.lowres,
    provider: provider.kind === 'cpu' ? `cpu (${provider.threads} threads)` : provider.kind,
    notes: provider.notes,
  };
}

/** Frames through a ring that the decode thread fills; one range at a time, in order. */
function framesOf(sourceId: number, size: number): FrameProvider {
  return async function* (range, direction, signal) {
    if (decode === null) throw new StudioError('internal', 'bug', 'The decode thread is not connected.');
    const ring = FrameRing.create(RING_SLOTS, size * size * 3);
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const { first, last } = range;
    let failure: { readonly error: unknown } | null = null;
    const filling = decode.client
      .fill({ sourceId, ring: ring.layout, first, last, direction, size }, { signal: either })
      .catch((error: unknown) => {
        failure = { error };
        stop.abort();
      });
    try {
      for (let count = last - first + 1; count > 0; count--) {
        const slot = await ring.take(either);
        yield { frameIndex: slot.frameIndex, pixels: slot.pixels, release: () => ring.release() };
      }
    } catch (error) {
      await filling;
      throw failure === null || signal?.aborted ? error : (failure as { error: unknown }).error;
    } finally {
      stop.abort();
      await filling;
    }
  };
}

async function* propagate(request: PropagateRequest, { signal }: CallContext): AsyncGenerator<Moved<PropagateEvent>> {
  const model = requireRuntime();
  const frames = framesOf(request.sourceId, model.spec.imageSize);
  const ids = new ObjectIds(request.nextObjectId);
  const tracker = new Tracker({
    model,
    video: request.video,
    policy: request.policy,
    ...(request.memoryPolicy === null ? {} : { memoryPolicy: request.memoryPolicy }),
    allocateObjectId: () => ids.next(),
  });
  const { resume, direction } = request;
  if (resume === null) await givePrompts(tracker, request, frames, signal);
  else await tracker.restore(ids.takeFrom(resume.bytes), request.prompts.filter(isObjectPrompt));
  const range = { first: frameIndex(request.first), last: frameIndex(request.last), direction };
  const turn = new Turn(resume?.direction ?? (direction === 'backward' ? 'backward' : 'forward'));
  let snapshotAt = performance.now();
  let framesSince = 0;
  for await (const frame of tracker.propagate({ ...range, resume: resumePoint(resume), signal }, frames)) {
    const heading = turn.headingAt(frame.frameIndex);
    // The last frame of a pass has no next frame to go on from.
    const endsPass = frame.frameIndex === (heading === 'forward' ? request.last : request.first);
    framesSince++;
    const waited = framesSince >= SNAPSHOT_FRAMES || performance.now() - snapshotAt >= request.snapshotEveryMillis;
    const due = waited && !endsPass;
    const snapshot = due ? ids.addTo(tracker.snapshot('run')) : null;
    if (due) {
      snapshotAt = performance.now();
      framesSince = 0;
    }
    const logits = frame.objects.flatMap((object) => (object.logits === null ? [] : [object.logits.buffer]));
    const transfer = [...new Set(logits), ...(snapshot === null ? [] : [snapshot.buffer])];
    yield new Moved({ frame, direction: heading, snapshot }, transfer);
  }
}

/** Numbers for objects that detections begin. They travel with a snapshot, so that a resumed run gives the same ones. */
class ObjectIds {
  #next: number;

  constructor(next: number) {
    this.#next = next;
  }

  next() {
    return objectId(this.#next++);
  }

  addTo(snapshot: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(4 + snapshot.length);
    new DataView(bytes.buffer).setUint32(0, this.#next, true);
    bytes.set(snapshot, 4);
    return bytes;
  }

  /** Sets the next number from the envelope and returns the tracker's own bytes. */
  takeFrom(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
    this.#next = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    return bytes.slice(4);
  }
}

/** Which way propagation runs, told from the frames it yields. */
class Turn {
  #heading: 'forward' | 'backward';
  #previous: number | null = null;

  constructor(heading: 'forward' | 'backward') {
    this.#heading = heading;
  }

  headingAt(index: number): 'forward' | 'backward' {
    if (this.#previous !== null) this.#heading = index > this.#previous ? 'forward' : 'backward';
    this.#previous = index;
    return this.#heading;
  }
}

function resumePoint(resume: PropagateRequest['resume']) {
  if (resume === null) return undefined;
  const { direction } = resume;
  return { direction, frameIndex: frameIndex(resume.frameIndex + (direction === 'forward' ? 1 : -1)) };
}

type ObjectPrompt = PointPrompt | BoxPrompt | MaskPrompt;
const isObjectPrompt = (prompt: Prompt): prompt is ObjectPrompt => 'objectId' in prompt;
const isConceptPrompt = (prompt: Prompt): prompt is TextPrompt | ExemplarPrompt => 'conceptId' in prompt;

/** Concepts first, then each frame's clicks together, in frame order: the answer to one frame never depends on later ones. */
async function givePrompts(
  tracker: Tracker,
  request: PropagateRequest,
  frames: FrameProvider,
  signal: AbortSignal,
): Promise<void> {
  for (const prompt of request.prompts.filter(isConceptPrompt)) await tracker.describe(prompt);
  const byFrame = Map.groupBy(request.prompts.filter(isObjectPrompt), ({ frameIndex: index }) => index);
  for (const [index, prompts] of [...byFrame].sort(([a], [b]) => a - b)) {
    await tracker.segment({ frameIndex: index, prompts, signal }, frames);
  }
}

const handlers: Handlers<InferenceContract> = {
  connect: async ({ decodePort }) => {
    decode = connectContract(decodeContract, transportOverPort(decodePort));
    return null;
  },
  open: openPack,
  propagate,
  takeStatistics: async () => {
    const model = requireRuntime();
    const statistics = { runMillis: { ...model.runMillis }, runCounts: { ...model.runCounts } };
    model.resetCounters();
    return statistics;
  },
  close: async () => {
    await closePack();
    return null;
  },
};

serveThread(inferenceContract, handlers, async () => {
  await closePack();
  decode?.[Symbol.dispose]();
});
