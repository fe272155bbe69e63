import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { type FrameProvider, type ModelFrame, Tracker, type TrackerModel } from '../../src-main/core/tracking/index.ts';
import { createRgbResampler } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import type { TrackedObject } from '../../src-shared/domain/track.ts';
import { rleFromLogits } from '../../src-shared/mask/mask-from-logits.ts';
import { maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

export const packsFolder = join(import.meta.dirname, '../../../shared/fixtures/packs');
export const hasFixtures = existsSync(packsFolder);

export interface Step {
  readonly op: 'points' | 'mask' | 'propagate';
  readonly obj: number;
  readonly frame: number;
  readonly points?: readonly (readonly [number, number])[];
  readonly labels?: readonly number[];
  readonly box?: readonly [number, number, number, number];
  readonly mask?: string;
  readonly clearOld?: boolean;
  readonly start?: number;
  readonly end?: number;
  readonly reverse?: boolean;
  /** This propagation and the next, backward one are one call of the shell. */
  readonly oneCall?: boolean;
}

export interface Trajectory {
  readonly name: string;
  /** Folder of packs and their video; absent: the shared fixtures. */
  readonly root?: string;
  readonly width: number;
  readonly height: number;
  readonly numFrames: number;
  readonly steps: readonly Step[];
  readonly settings: {
    readonly refineAsCond: boolean;
    readonly refineUsesMemory: boolean;
    readonly clearAround: boolean;
    readonly memorySelection: boolean;
  };
  readonly results: readonly {
    readonly tensorRow: number;
    readonly source: 'prompt' | 'cached' | 'tracked';
    readonly frame: number;
    readonly obj: number;
    readonly score: number;
    readonly ious: readonly number[];
    readonly maskIndex: number;
  }[];
  readonly logits: Float32Array;
  readonly masks: PNG;
}

/** What a replay measured against the golden; larger is worse, but for `minMaskIou`. */
export interface Deviation {
  readonly logits: number;
  readonly score: number;
  readonly iou: number;
  readonly minMaskIou: number;
}

export function trajectoryNames(packId: string, root = packsFolder): readonly string[] {
  const folder = join(root, packId, 'goldens/trajectories');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export function readTrajectory(packId: string, name: string, root = packsFolder): Trajectory {
  const folder = join(root, packId, 'goldens/trajectories', name);
  const logits = readFileSync(join(folder, 'low_res_logits.f32'));
  return {
    ...JSON.parse(readFileSync(join(folder, 'trajectory.json'), 'utf8')),
    root,
    logits: new Float32Array(new Uint8Array(logits).buffer),
    masks: PNG.sync.read(readFileSync(join(folder, 'masks.png'))),
  };
}

/** Frames at model size, by the resampler that made them: the same pictures serve every replay. */
const resized = new Map<Resample, Map<string, Uint8Array>>();

/** The synthetic video at model size; `resample` is replaceable so that a wrong one can be shown to fail. */
export function videoFrames(
  trajectory: Pick<Trajectory, 'width' | 'height' | 'root'>,
  side: number,
  resample = resamplePillow,
): FrameProvider {
  const cache = resized.get(resample) ?? new Map<string, Uint8Array>();
  resized.set(resample, cache);
  const { width, height, root = packsFolder } = trajectory;
  const pixels = (index: number): Uint8Array => {
    const key = `${root}/${side}/${index}`;
    const known = cache.get(key) ?? resample(readRgb(root, index), width, height, side);
    cache.set(key, known);
    return known;
  };
  return async function* frames(range, direction) {
    const count = range.last - range.first + 1;
    for (let step = 0; step < count; step++) {
      const index = direction === 'forward' ? range.first + step : range.last - step;
      const frame: ModelFrame = { frameIndex: index, pixels: pixels(index), release: () => {} };
      yield frame;
    }
  };
}

export type Resample = (rgb: Uint8Array, width: number, height: number, side: number) => Uint8Array;

function resamplePillow(rgb: Uint8Array, width: number, height: number, side: number): Uint8Array {
  const target = new Uint8Array(side * side * 3);
  createRgbResampler(width, height, side, side).resample(rgb, target);
  return target;
}

function readRgb(root: string, index: number): Uint8Array {
  const png = PNG.sync.read(readFileSync(join(root, 'video/frames', `${String(index).padStart(3, '0')}.png`)));
  const rgb = new Uint8Array(png.width * png.height * 3);
  for (let at = 0; at < png.width * png.height; at++) rgb.set(png.data.subarray(at * 4, at * 4 + 3), at * 3);
  return rgb;
}

/**
 * Carries out the steps under the reference policy and compares every result with its golden as it comes. `enough` ends the replay early:
 * a mistake need not be followed to the end.
 */
export async function replay(
  model: TrackerModel,
  trajectory: Trajectory,
  frames = videoFrames(trajectory, model.spec.imageSize),
  enough: (worst: Deviation) => boolean = () => false,
): Promise<Deviation> {
  const { settings, width, height, numFrames } = trajectory;
  const { refineAsCond, refineUsesMemory, clearAround } = settings;
  const tracker = new Tracker({
    model,
    video: { width, height, frameCount: numFrames },
    policy: 'reference',
    memoryPolicy: settings.memorySelection ? 'selective' : 'standard',
    settings: { refineAsCond, refineUsesMemory, clearAround },
  });
  let worst: Deviation = { logits: 0, score: 0, iou: 0, minMaskIou: 1 };
  let count = 0;
  for (const step of trajectory.steps) {
    for await (const object of carryOut(tracker, trajectory, step, frames)) {
      worst = worse(worst, deviation(trajectory, count++, object, model.spec.lowres));
      if (enough(worst)) return worst;
    }
  }
  if (count !== trajectory.results.length) throw new Error(`${count} results instead of ${trajectory.results.length}`);
  return worst;
}

async function* carryOut(
  tracker: Tracker,
  trajectory: Trajectory,
  step: Step,
  frames: FrameProvider,
): AsyncGenerator<TrackedObject> {
  if (step.op !== 'propagate') {
    const replace = step.clearOld !== false;
    const prompts = promptsOf(step, trajectory.root ?? packsFolder);
    yield* await tracker.segment({ frameIndex: frameIndex(step.frame), prompts, replace }, frames);
    return;
  }
  const lastFrame = trajectory.numFrames - 1;
  const limits = step.reverse
    ? { first: step.end ?? 0, last: step.start ?? lastFrame }
    : { first: step.start ?? 0, last: step.end ?? lastFrame };
  const request = {
    first: frameIndex(limits.first),
    last: frameIndex(limits.last),
    direction: step.reverse ? ('backward' as const) : ('forward' as const),
    start: step.start === undefined ? undefined : frameIndex(step.start),
  };
  for await (const frame of tracker.propagate(request, frames)) yield* frame.objects;
}

function promptsOf(step: Step, root: string) {
  const about = { objectId: objectId(step.obj), frameIndex: frameIndex(step.frame) };
  if (step.op === 'mask') return [{ kind: 'mask' as const, ...about, mask: readMask(join(root, step.mask ?? '')) }];
  const [x0, y0, x1, y1] = step.box ?? [0, 0, 0, 0];
  const box = { kind: 'box' as const, ...about, box: { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } };
  const points = (step.points ?? []).map(([x, y], index) => ({
    kind: 'point' as const,
    ...about,
    point: { x, y },
    include: step.labels?.[index] === 1,
  }));
  return step.box === undefined ? points : [box, ...points];
}

function readMask(path: string): RleMask {
  const png = PNG.sync.read(readFileSync(path));
  const bitmap = new Uint8Array(png.width * png.height);
  for (let at = 0; at < bitmap.length; at++) bitmap[at] = png.data[at * 4] > 127 ? 1 : 0;
  return rleFromBitmap(bitmap, png.width, png.height);
}

function deviation(trajectory: Trajectory, index: number, object: TrackedObject, side: number): Deviation {
  const { width, height } = trajectory;
  const golden = trajectory.results[index];
  if (golden === undefined) throw new Error(`more than ${trajectory.results.length} results`);
  if (object.objectId !== golden.obj)
    throw new Error(`result ${index} is object ${object.objectId}, not ${golden.obj}`);
  const expected = trajectory.logits.subarray(golden.tensorRow * side * side, (golden.tensorRow + 1) * side * side);
  const logits = object.logits ?? new Float32Array(side * side).fill(-1024);
  const mask = rleFromLogits(logits, side, width, height);
  return {
    logits: largestDifference(logits, expected),
    score: Math.abs((object.scores.objectScoreLogit ?? 0) - golden.score),
    iou: Math.abs((object.scores.predictedIou ?? 0) - golden.ious[golden.maskIndex]),
    minMaskIou: maskIou(mask, goldenMask(trajectory, golden.tensorRow)),
  };
}

function worse(a: Deviation, b: Deviation): Deviation {
  return {
    logits: Math.max(a.logits, b.logits),
    score: Math.max(a.score, b.score),
    iou: Math.max(a.iou, b.iou),
    minMaskIou: Math.min(a.minMaskIou, b.minMaskIou),
  };
}

function goldenMask({ masks, width, height }: Trajectory, row: number): RleMask {
  const bitmap = new Uint8Array(width * height);
  for (let at = 0; at < bitmap.length; at++) bitmap[at] = masks.data[(row * width * height + at) * 4] > 127 ? 1 : 0;
  return rleFromBitmap(bitmap, width, height);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let at = 0; at < a.length; at++) largest = Math.max(largest, Math.abs(a[at] - b[at]));
  return largest;
}
