import type { DatasetCheck } from '../../../../src-shared/contract/results.ts';
import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import { StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import type { BoxInVideo } from '../../../../src-shared/geometry/geometry.ts';
import { withoutHoles } from '../../../../src-shared/mask/outlines.ts';
import { bitmapFromRle, maskArea, maskBox, maskIou, type RleMask } from '../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, DatasetFrame, DatasetPlan, ReadItem, ReadShape } from './dataset-format.ts';
import { MaskDigest } from './digest.ts';
import { eventLoopTurn, STEPS_A_TURN } from './event-loop-turn.ts';
import { DatasetFiles } from './reading/dataset-files.ts';
import { SkipReport } from './reading/skip-report.ts';

/** Frames that are compared pixel by pixel where reading every one would take as long as tracking. */
const SAMPLE_FRAMES = 60;
/** Text formats round boxes to a hundredth of a pixel at worst. */
const BOX_TOLERANCE_PIXELS = 0.02;

/** What was written, collected while writing. */
export class WrittenMasks {
  readonly digest = new MaskDigest();

  add(frame: DatasetFrame): void {
    for (const { objectId, mask } of frame.masks) {
      if (mask !== null && maskArea(mask) > 0) this.digest.add(frame.frameIndex, String(objectId), mask);
    }
  }
}

export interface VerifyJob {
  readonly format: DatasetFormat;
  readonly plan: DatasetPlan;
  readonly written: WrittenMasks;
  readonly frameAt: (index: FrameIndex) => DatasetFrame;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Reads the written folder back with the reader that imports such datasets and compares. Masks: all of them, exactly (a sample
 * of frames where each mask is a picture file). Polygons and boxes: every one counted, a sample of frames compared within
 * what the format promises. Throws `internal` on any difference.
 */
export async function verifyDataset(job: VerifyJob): Promise<DatasetCheck> {
  const { plan, format, written } = job;
  const exact = plan.shape === 'mask' && format.checksEveryFrame;
  const sample = new Set<number>(spread(plan.frames, SAMPLE_FRAMES));
  const skipped = new SkipReport();
  const back = new MaskDigest();
  const bySample = new Map<number, ReadItem[]>();
  let count = 0;
  const source = {
    files: new DatasetFiles(plan.folder),
    size: plan,
    frameCount: plan.times.frameCount,
    framesPerSec: plan.framesPerSec,
    wholeTracks: false,
    wants: (frame: number) => exact || sample.has(frame),
    skipped,
  };
  for await (const item of format.read(source)) {
    throwIfAborted(job.signal);
    if (item.shape?.kind === 'mask' && maskArea(item.shape.mask) === 0) continue;
    count++;
    if (count % STEPS_A_TURN === 0) {
      job.onProgress(count, written.digest.count);
      // Readers of large values hand out thousands of masks without waiting for anything.
      await eventLoopTurn();
    }
    if (exact && item.shape?.kind === 'mask') back.add(item.frame, item.track ?? '', item.shape.mask);
    else if (sample.has(item.frame)) addTo(bySample, item);
  }
  if (skipped.total > 0)
    throw differs(plan, `${skipped.total} entries could not be read (${skipped.list()[0].reason})`);
  if (exact) {
    if (!back.equals(written.digest)) throw differs(plan, `${back.count} of ${written.digest.count} masks came back`);
    return { masks: back.count, lowestIou: 1 };
  }
  // A picture of an object that is absent is empty and not counted; sampled readers cannot tell, so they are compared below.
  if (plan.shape !== 'mask' && count !== written.digest.count) {
    throw differs(plan, `${count} of ${written.digest.count} objects came back`);
  }
  return compareSample(job, sample, bySample);
}

async function compareSample(
  { plan, frameAt, signal }: VerifyJob,
  sample: ReadonlySet<number>,
  bySample: ReadonlyMap<number, readonly ReadItem[]>,
): Promise<DatasetCheck> {
  let lowestIou: number | null = null;
  let masks = 0;
  for (const index of sample) {
    // Outlines of one frame are compared pixel by pixel.
    await eventLoopTurn();
    throwIfAborted(signal);
    const meant = frameAt(index as FrameIndex).masks.filter(({ mask }) => mask !== null && maskArea(mask) > 0);
    const items = [...(bySample.get(index) ?? [])];
    if (items.length !== meant.length)
      throw differs(plan, `frame ${index} has ${items.length} of ${meant.length} objects`);
    const named = items.every(({ track }) => track !== null);
    meant.forEach(({ objectId, mask }, at) => {
      const item = named ? items.find(({ track }) => track === String(objectId)) : items[at];
      const iou = item?.shape && mask ? agreement(plan, mask, item.shape) : null;
      if (iou === null) throw differs(plan, `object ${objectId} on frame ${index}`);
      if (iou !== 'box') lowestIou = Math.min(lowestIou ?? 1, iou);
    });
    masks += meant.length;
  }
  return { masks, lowestIou };
}

/** The IoU with the stored mask, `box` for boxes that agree; null: more was lost than the format may. */
function agreement(plan: DatasetPlan, mask: RleMask, shape: ReadShape): number | 'box' | null {
  if (shape.kind === 'box') return sameBox(maskBox(mask), shape.box) ? 'box' : null;
  if (plan.shape === 'mask') return maskIou(mask, shape.mask) === 1 ? 1 : null;
  return movedAtMost(withoutHoles(mask), shape.mask, plan.tolerance) ? maskIou(mask, shape.mask) : null;
}

function sameBox(meant: BoxInVideo | null, box: BoxInVideo): boolean {
  const close = (a: number, b: number) => Math.abs(a - b) <= BOX_TOLERANCE_PIXELS;
  if (meant === null) return false;
  const { x, y, width, height } = meant;
  return close(x, box.x) && close(y, box.y) && close(width, box.width) && close(height, box.height);
}

/**
 * True when every pixel that changed lies within `tolerance` pixels of the outline: half a pixel's diagonal further, a pixel
 * of the other kind must be found in the mask as it was meant.
 */
export function movedAtMost(meant: RleMask, back: RleMask, tolerance: number): boolean {
  if (maskIou(meant, back) === 1) return true;
  const { width, height } = meant;
  const before = bitmapFromRle(meant);
  const after = bitmapFromRle(back);
  const reach = tolerance === 0 ? 0 : tolerance + Math.SQRT1_2;
  for (let at = 0; at < before.length; at++) {
    if (before[at] !== after[at] && !hasOtherWithin(before, width, height, at, reach)) return false;
  }
  return true;
}

function hasOtherWithin(bitmap: Uint8Array, width: number, height: number, at: number, reach: number): boolean {
  const x = at % width;
  const y = Math.floor(at / width);
  const steps = Math.floor(reach);
  for (let dy = -steps; dy <= steps; dy++) {
    for (let dx = -steps; dx <= steps; dx++) {
      if (dx * dx + dy * dy > reach * reach) continue;
      const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
      const value = inside ? bitmap[at + dy * width + dx] : 0;
      if (value !== bitmap[at]) return true;
    }
  }
  return false;
}

function addTo(bySample: Map<number, ReadItem[]>, item: ReadItem): void {
  const items = bySample.get(item.frame);
  if (items === undefined) bySample.set(item.frame, [item]);
  else items.push(item);
}

/** Up to `count` of the values, evenly spread, first and last included. */
function spread<T>(values: readonly T[], count: number): readonly T[] {
  if (values.length <= count) return values;
  return Array.from({ length: count }, (_, at) => values[Math.round((at * (values.length - 1)) / (count - 1))]);
}

function differs(plan: DatasetPlan, what: string): StudioError {
  const where = plan.videoName;
  return new StudioError(
    'internal',
    'bug',
    `The dataset of ${where} does not read back as it was meant (${what}); it was removed, report this.`,
  );
}
