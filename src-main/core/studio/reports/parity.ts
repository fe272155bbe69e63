import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { frameIndex, objectId } from '../../../../src-shared/domain/ids.ts';
import type { TrackedObject } from '../../../../src-shared/domain/track.ts';
import { StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { rleFromLogits } from '../../../../src-shared/mask/mask-from-logits.ts';
import { emptyMask, maskIou, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { exerciseGraphs, type PackRuntime, parseDevice, squarePicture } from '../../models/index.ts';
import { type ComparedMasks, type ComparedOutput, parityReport } from '../../reports/index.ts';
import { FrameDesk, Tracker } from '../../tracking/index.ts';
import type { ParityRequest } from '../threads/report-contract.ts';
import { GraphRecorder } from './graph-recorder.ts';
import { type MeasuredPack, machineFacts, openMeasured } from './measured-pack.ts';
import { openPictureSource, type PictureSource } from './picture-source.ts';
import type { Progress } from './report-job.ts';

/** Places that are clicked, as fractions of its sides: an object each. */
const CLICKS = [
  [0.5, 0.5],
  [0.3, 0.6],
  [0.7, 0.4],
] as const;

/** The same inputs through two packs or on two devices: every graph call by call, then the masks at the end of the way. */
export async function measureParity(request: ParityRequest, progress: Progress, signal: AbortSignal): Promise<Report> {
  if (request.packFolder === request.otherPackFolder && request.device === request.otherDevice) throw sameSides();
  await using opened = new AsyncDisposableStack();
  const reference = await openMeasured(request.packFolder, { device: request.device, signal });
  opened.use(reference.runtime);
  const other = await openMeasured(request.otherPackFolder, { device: request.otherDevice, signal });
  opened.use(other.runtime);
  if (sideName(reference, request.device) === sideName(other, request.otherDevice)) throw sameSides();
  const frames = await openPictureSource(request, request.frames, signal);
  const compared = await compare(reference, other, frames, progress, signal);
  return parityReport({
    facts: [
      ['reference', reference.name],
      ['compared', other.name],
      ['inputs', `${frames.count} frames of ${frames.name}`],
      await machineFacts(),
    ],
    ...compared,
    thresholds: request.thresholds,
    notes: [...reference.notes, ...other.notes],
  });
}

/** What decides the numbers: `auto` and a copy of the folder are only other names, another card of a kind is not. */
function sideName({ kind, runtime }: MeasuredPack, device: string): string {
  const asked = parseDevice(device);
  const card = asked.kind === 'auto' ? 0 : asked.index;
  return `${runtime.pack.hash} ${kind === 'backbone' ? runtime.provider : runtime.provider.kind} ${card}`;
}

function sameSides(): StudioError {
  return new StudioError(
    'usage',
    'user',
    'Both sides are the same pack on the same device; give --to another device or --other another pack.',
  );
}

interface Compared {
  readonly outputs: readonly ComparedOutput[];
  readonly masks: ComparedMasks | null;
}

async function compare(
  reference: MeasuredPack,
  other: MeasuredPack,
  frames: PictureSource,
  progress: Progress,
  signal: AbortSignal,
): Promise<Compared> {
  if (reference.kind === 'backbone' && other.kind === 'backbone') {
    if (reference.runtime.dims !== other.runtime.dims || sideOf(reference) !== sideOf(other))
      throw differ(reference, other);
    const recorder = new GraphRecorder();
    let done = 0;
    for await (const picture of frames.pictures(null, signal)) {
      const square = squarePicture(picture, reference.runtime.pack.manifest.image);
      const [ours] = await reference.runtime.embedSquares([square]);
      const [theirs] = await other.runtime.embedSquares([square]);
      recorder.add('backbone', 'embedding', ours, theirs);
      progress('comparing', ++done, frames.count);
    }
    return { outputs: recorder.outputs(), masks: null };
  }
  if (reference.kind !== 'segmenter' || other.kind !== 'segmenter' || !sameShape(reference.runtime, other.runtime)) {
    throw differ(reference, other);
  }
  const outputs = await compareGraphs(reference.runtime, other.runtime, frames, progress, signal);
  const masks = await compareMasks(reference.runtime, other.runtime, frames, progress, signal);
  return { outputs, masks };
}

function sideOf(pack: MeasuredPack): number {
  return pack.kind === 'backbone' ? pack.runtime.pack.manifest.image.size : pack.runtime.spec.imageSize;
}

function sameShape(a: PackRuntime, b: PackRuntime): boolean {
  const shape = ({ spec, pack }: PackRuntime) =>
    JSON.stringify([
      spec.imageSize,
      spec.lowres,
      spec.memTokens,
      spec.memDim,
      spec.ptrDim,
      Object.keys(pack.manifest.graphs).sort(),
    ]);
  return shape(a) === shape(b);
}

function differ(a: MeasuredPack, b: MeasuredPack): StudioError {
  return new StudioError(
    'usage',
    'user',
    `The packs "${a.runtime.pack.id}" and "${b.runtime.pack.id}" do not have the same graphs and sizes, so their numbers cannot be compared; give two variants of one model.`,
  );
}

/** What the reference feeds its graphs is replayed on the other, so that an early difference does not spoil the later graphs. */
async function compareGraphs(
  reference: PackRuntime,
  other: PackRuntime,
  frames: PictureSource,
  progress: Progress,
  signal: AbortSignal,
): Promise<ComparedOutput[]> {
  const recorder = new GraphRecorder();
  const phrase = samplePhrase(reference);
  let done = 0;
  for await (const { pixels } of frames.pictures(reference.spec.imageSize, signal)) {
    throwIfAborted(signal);
    reference.listen((role, feeds, outputs) => recorder.record(role, feeds, outputs));
    await exerciseGraphs(reference, { pixels, phrase });
    reference.listen(null);
    for (const call of recorder.takeCalls()) {
      const outputs = await other.replay(call.role, call.feeds);
      for (const [name, values] of call.outputs)
        recorder.add(call.role, name, values, outputs[name].data as Float32Array);
    }
    progress('comparing graphs', ++done, frames.count);
  }
  return recorder.outputs();
}

/** A word that the pack knows; null for a pack without text. */
function samplePhrase({ pack }: PackRuntime): string | null {
  const { text } = pack.manifest;
  if (text === null || pack.capabilities.whyNoConcepts !== null) return null;
  if (text.kind === 'clip') return 'person';
  return (Array.isArray(text.words) ? text.words : Object.keys(text.words))[0];
}

async function compareMasks(
  reference: PackRuntime,
  other: PackRuntime,
  frames: PictureSource,
  progress: Progress,
  signal: AbortSignal,
): Promise<ComparedMasks> {
  const [follow, word] =
    reference.pack.capabilities.whyNoTracking === null
      ? ([track, 'tracking'] as const)
      : ([clickEveryFrame, 'clicking'] as const);
  const ours = await follow(reference, frames, (done) => progress(`${word}, reference`, done, frames.count), signal);
  const theirs = await follow(other, frames, (done) => progress(`${word}, compared`, done, frames.count), signal);
  const objects = CLICKS.map(([x, y], at) => ({
    name: `clicked at ${x}, ${y}`,
    iou: ours.map((masks, frame) => maskIou(masks[at], theirs[frame][at])),
  }));
  return { objects };
}

/** Masks by frame, then by click. */
async function track(
  model: PackRuntime,
  source: PictureSource,
  onFrame: (done: number) => void,
  signal: AbortSignal,
): Promise<RleMask[][]> {
  const { width, height } = source;
  const tracker = new Tracker({ model, video: { width, height, frameCount: source.count }, policy: 'reference' });
  const frames = source.provider(model.spec.imageSize);
  const prompts = clicksOn(0, width, height);
  await tracker.segment({ frameIndex: frameIndex(0), prompts, signal }, frames);
  const range = { first: frameIndex(0), last: frameIndex(source.count - 1), direction: 'forward' as const };
  const masks: RleMask[][] = [];
  for await (const { objects } of tracker.propagate({ ...range, signal }, frames)) {
    masks.push(masksOf(objects, model, width, height));
    onFrame(masks.length);
  }
  return masks;
}

/** The same for packs that do not track: each frame by itself, as the square that the graphs were compared on. */
async function clickEveryFrame(
  model: PackRuntime,
  source: PictureSource,
  onFrame: (done: number) => void,
  signal: AbortSignal,
): Promise<RleMask[][]> {
  const side = model.spec.imageSize;
  const desk = new FrameDesk(model, { width: side, height: side, frameCount: source.count });
  const masks: RleMask[][] = [];
  for await (const { pixels } of source.pictures(side, signal)) {
    const index = frameIndex(masks.length);
    const frame = async function* () {
      yield { frameIndex: index, pixels, release: () => {} };
    };
    const inquiries = clicksOn(index, side, side).map((click) => ({
      objectId: click.objectId,
      settled: [],
      rounds: [[click]],
      storedMask: null,
      runKey: null,
    }));
    const objects = await desk.segment(index, inquiries, frame, signal);
    masks.push(masksOf(objects, model, side, side));
    onFrame(masks.length);
  }
  return masks;
}

function clicksOn(frame: number, width: number, height: number) {
  return CLICKS.map(([x, y], at) => ({
    kind: 'point' as const,
    objectId: objectId(at + 1),
    frameIndex: frameIndex(frame),
    point: { x: Math.floor(x * width), y: Math.floor(y * height) },
    include: true,
  }));
}

/** By click; an object that is not there has an empty mask. */
function masksOf(
  objects: readonly Pick<TrackedObject, 'objectId' | 'logits'>[],
  { spec }: PackRuntime,
  width: number,
  height: number,
): RleMask[] {
  return CLICKS.map((_, at) => {
    const logits = objects.find((object) => object.objectId === at + 1)?.logits ?? null;
    return logits === null ? emptyMask(width, height) : rleFromLogits(logits, spec.lowres, width, height);
  });
}
