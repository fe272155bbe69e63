import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type {
  BoxPrompt,
  ExemplarPrompt,
  MaskPrompt,
  PointPrompt,
  Prompt,
  TextPrompt,
} from '../../src-shared/domain/prompt.ts';
import { MOST_MEMORY_BYTES } from '../../src-shared/domain/run-memory.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { connectContract, type RpcConnection } from '../../src-shared/rpc/client.ts';
import { type CallContext, type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { transportOverPort } from '../core/base/port-transport.ts';
import { serveThread } from '../core/base/thread.ts';
import {
  exerciseGraphs,
  importPack,
  OpenPacks,
  type PackRuntime,
  type PackSpec,
  readPack,
} from '../core/models/index.ts';
import {
  type DecodeContract,
  type DetectRequest,
  decodeContract,
  type FrameSource,
  type InferenceContract,
  inferenceContract,
  type OpenedPack,
  type PropagateEvent,
  type PropagateRequest,
  type SegmentRequest,
} from '../core/studio/threads/index.ts';
import { FrameDesk, type FrameProvider, Tracker } from '../core/tracking/index.ts';
import { FrameRing } from '../core/video/index.ts';
import { RunChecks } from './run-checks.ts';

/** Frames decoded ahead of the model. */
const RING_SLOTS = 4;
/** Frames after which a fast pack is due for a snapshot even before its time. */
const SNAPSHOT_FRAMES = 64;

let decode: RpcConnection<DecodeContract> | null = null;
const packs = new OpenPacks();
const checks = new RunChecks();
/** Who answers questions about single frames of one video with one pack; features and answers only. */
const desks = new Map<string, { readonly packKey: string; readonly sourceId: number; readonly desk: FrameDesk }>();

async function openPack(
  { packFolder, device }: { packFolder: string; device: string },
  { signal }: CallContext,
): Promise<OpenedPack> {
  const pack = await readPack(packFolder);
  const { key, runtime } = await packs.open(pack, device, signal);
  for (const [name, { packKey }] of desks) if (!packs.has(packKey)) desks.delete(name);
  const { provider, spec } = runtime;
  return {
    packKey: key,
    packId: pack.id,
    packHash: pack.hash,
    lowres: spec.lowres,
    imageSize: spec.imageSize,
    imageFit: spec.imageFit,
    provider:
      provider.kind === 'cpu' ? `cpu (${provider.threads} thread${provider.threads === 1 ? '' : 's'})` : provider.kind,
    notes: provider.notes,
    memoryBytes: 4 * (spec.memTokens * spec.memDim + spec.lowres ** 2 + spec.ptrDim),
    capabilities: pack.capabilities,
  };
}

function requireDecode(): RpcConnection<DecodeContract>['client'] {
  if (decode === null) throw new StudioError('internal', 'bug', 'The decode thread is not connected.');
  return decode.client;
}

function deskFor(
  { packKey, sourceId, video }: FrameSource & { readonly packKey: string },
  model: PackRuntime,
): FrameDesk {
  const name = `${sourceId} ${packKey}`;
  const known = desks.get(name);
  if (known !== undefined) return known.desk;
  const desk = new FrameDesk(model, video);
  desks.set(name, { packKey, sourceId, desk });
  return desk;
}

/** One frame, on its own. */
function frameOf(sourceId: number, { imageSize: size, imageFit: fit }: PackSpec): FrameProvider {
  return async function* ({ first }, _direction, signal) {
    const { pixels, shown } = await requireDecode().fittedFrame({ sourceId, frameIndex: first, size, fit }, { signal });
    yield { frameIndex: first, pixels, shown, release: () => {} };
  };
}

async function segment(request: SegmentRequest, { signal }: CallContext) {
  using lease = packs.use(request.packKey);
  const { runtime } = lease;
  const before = totalMillis(runtime);
  const frames = frameOf(request.sourceId, runtime.spec);
  const desk = deskFor(request, runtime);
  for (const memory of request.memories) desk.memories.add(memory);
  const objects = await desk.segment(request.frameIndex, request.inquiries, frames, signal);
  const transfer = objects.flatMap(({ logits }) => (logits === null ? [] : [logits.buffer]));
  return new Moved({ objects, modelMillis: totalMillis(runtime) - before }, transfer);
}

async function detect(request: DetectRequest, { signal }: CallContext) {
  using lease = packs.use(request.packKey);
  const { runtime } = lease;
  const frames = frameOf(request.sourceId, runtime.spec);
  const instances = await deskFor(request, runtime).detect(request.frameIndex, request.concept, frames, signal);
  return new Moved(
    instances,
    instances.map(({ logits }) => logits.buffer),
  );
}

function totalMillis({ runMillis }: PackRuntime): number {
  return Object.values(runMillis).reduce((sum, millis) => sum + millis, 0);
}

/** Frames through a ring that the decode thread fills; one range at a time, in order. */
function framesOf(sourceId: number, size: number): FrameProvider {
  return async function* (range, direction, signal) {
    const client = requireDecode();
    const ring = FrameRing.create(RING_SLOTS, size * size * 3);
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const { first, last } = range;
    let failure: { readonly error: unknown } | null = null;
    const filling = client
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
  using lease = packs.use(request.packKey);
  using check = checks.begin(request.runKey, request.checkEveryFrames, request.framesDone);
  const { runtime: model } = lease;
  model.resetCounters();
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
  else await tracker.restore(ids.takeFrom(resume.bytes), promptsOf(request));
  const start = request.start ?? undefined;
  const range = { first: frameIndex(request.first), last: frameIndex(request.last), direction, start };
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
    yield new Moved({ kind: 'frame', frame, direction: heading, snapshot }, transfer);
    if (await check.hasEnough(signal)) break;
  }
  const memory = tracker.memory(MOST_MEMORY_BYTES);
  yield new Moved({ kind: 'end', memory }, [memory.buffer]);
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

function promptsOf({ settled, rounds }: PropagateRequest): readonly ObjectPrompt[] {
  return [...settled, ...rounds.flat()].filter(isObjectPrompt);
}

/**
 * Objects and concepts of earlier runs come first, then other concepts; then round by round, each frame's clicks together, in frame order: the answer to one frame never depends on another, and
 * that to a round only on the rounds before it.
 */
async function givePrompts(
  tracker: Tracker,
  { bases, settled, storedMasks, rounds }: PropagateRequest,
  frames: FrameProvider,
  signal: AbortSignal,
): Promise<void> {
  for (const { bytes, objectIds, conceptIds } of bases) {
    const said = settled.filter(isObjectPrompt).filter(({ objectId: id }) => objectIds.includes(id));
    tracker.adopt(bytes, objectIds, said);
    await tracker.goOn(bytes, conceptIds);
  }
  for (const prompt of rounds.flat().filter(isConceptPrompt)) await tracker.describe(prompt);
  for (const round of rounds) {
    const byFrame = Map.groupBy(round.filter(isObjectPrompt), ({ frameIndex: index }) => index);
    for (const [index, prompts] of [...byFrame].sort(([a], [b]) => a - b)) {
      const here = storedMasks.filter(({ frameIndex: at }) => at === index);
      const known = new Map(here.map(({ objectId: id, mask }) => [id, mask]));
      await tracker.segment({ frameIndex: index, prompts, storedMasks: known, signal }, frames);
    }
  }
}

const handlers: Handlers<InferenceContract> = {
  connect: async ({ decodePort }) => {
    decode = connectContract(decodeContract, transportOverPort(decodePort));
    return null;
  },
  importPack: async ({ folder, into, known, packId }, { signal }) => {
    const {
      id,
      folder: installed,
      spec,
      manifest,
      capabilities,
    } = await importPack(folder, { into, known, id: packId, signal });
    return { packId: id, folder: installed, arch: manifest.arch, imageSize: spec.imageSize, ...capabilities };
  },
  open: openPack,
  propagate,
  missingMemories: async (request) => {
    using lease = packs.use(request.packKey);
    const { memories } = deskFor(request, lease.runtime);
    return request.runKeys.filter((key) => !memories.has(key));
  },
  goOn: async ({ runKey, enough }) => {
    checks.answer(runKey, enough);
    return null;
  },
  segment,
  detect,
  forget: async ({ sourceId }) => {
    for (const [name, desk] of desks) if (desk.sourceId === sourceId) desks.delete(name);
    return null;
  },
  test: async ({ packKey }) => {
    using lease = packs.use(packKey);
    const startedAt = performance.now();
    await lease.runtime.warmUp(exerciseGraphs);
    return { millis: performance.now() - startedAt };
  },
  takeStatistics: async ({ packKey }) => {
    using lease = packs.use(packKey);
    const { runtime: model } = lease;
    const statistics = { runMillis: { ...model.runMillis }, runCounts: { ...model.runCounts } };
    model.resetCounters();
    return statistics;
  },
  close: async () => {
    desks.clear();
    await packs[Symbol.asyncDispose]();
    return null;
  },
};

serveThread(inferenceContract, handlers, async () => {
  await packs[Symbol.asyncDispose]();
  decode?.[Symbol.dispose]();
});
