import { throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { maskArea } from '../../../../src-shared/mask/rle.ts';
import { traceRings } from '../../../../src-shared/mask/trace-rings.ts';
import type { DatasetFormat, DatasetFrame, DatasetPlan } from './dataset-format.ts';
import { eventLoopTurn, STEPS_A_TURN } from './event-loop-turn.ts';
import { datasetFrame, type FrameChoice } from './frame-source.ts';

/** What was counted in the masks themselves. */
interface Counted {
  masks: number;
  unreviewed: number;
  overlapPixels: number;
  overlapFrames: number;
  hiddenMasks: number;
  holes: number;
  holedMasks: number;
  partedMasks: number;
}

/**
 * What will be lost, one sentence each, before anything is written: what the layout cannot hold at all, and what these masks
 * would lose, counted. Looks at every frame only when the answer depends on the masks.
 */
export async function findLosses(
  format: DatasetFormat,
  plan: DatasetPlan,
  choice: FrameChoice,
  watch: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<readonly string[]> {
  const counted: Counted = {
    masks: 0,
    unreviewed: 0,
    overlapPixels: 0,
    overlapFrames: 0,
    hiddenMasks: 0,
    holes: 0,
    holedMasks: 0,
    partedMasks: 0,
  };
  const exclusive = choice.overlap !== 'keep';
  if (exclusive || plan.shape === 'polygon' || choice.onlyReviewed) {
    for (let done = 0; done < plan.frames.length; done++) {
      throwIfAborted(watch.signal);
      if (done % STEPS_A_TURN === STEPS_A_TURN - 1) await eventLoopTurn();
      const everything = datasetFrame({ ...choice, overlap: 'keep', onlyReviewed: false }, plan.frames[done]);
      const frame = datasetFrame(choice, plan.frames[done]);
      counted.unreviewed += presentIn(everything) - presentIn(frame);
      if (exclusive) countOverlaps(counted, everything, frame);
      if (plan.shape === 'polygon') countShapes(counted, frame);
      watch.onProgress(done + 1, plan.frames.length);
    }
  }
  return [...format.losses(plan), ...frameLosses(format, plan, choice), ...sentences(format, plan, counted)];
}

/** Frames that stand alone: those left out, and those where a tracked thing would count as background. */
function frameLosses(format: DatasetFormat, plan: DatasetPlan, choice: FrameChoice): string[] {
  if (!format.framesStandAlone) return [];
  const partly = plan.frames.filter((frame) =>
    plan.objects.some(({ objectId }) => !choice.masks.isTracked(frame, objectId)),
  ).length;
  const why = choice.onlyReviewed ? 'have not been reviewed completely' : 'have not been tracked';
  return [
    ...(plan.untrackedFrames > 0 ? [`${plan.untrackedFrames} frames ${why} and are left out.`] : []),
    ...(partly > 0
      ? [`On ${partly} frames not every object was tracked; what is not, counts as background there.`]
      : []),
  ];
}

function presentIn({ masks }: DatasetFrame): number {
  return masks.filter(({ mask }) => mask !== null).length;
}

function countOverlaps(counted: Counted, before: DatasetFrame, after: DatasetFrame): void {
  const kept = new Map(after.masks.map(({ objectId, mask }) => [objectId, mask === null ? 0 : maskArea(mask)]));
  let lost = 0;
  for (const { objectId, mask } of before.masks) {
    const area = mask === null ? 0 : maskArea(mask);
    const left = kept.get(objectId) ?? area;
    lost += area - left;
    if (area > 0 && left === 0) counted.hiddenMasks++;
  }
  counted.overlapPixels += lost;
  if (lost > 0) counted.overlapFrames++;
}

function countShapes(counted: Counted, frame: DatasetFrame): void {
  for (const { mask } of frame.masks) {
    if (mask === null) continue;
    const { outers, holes } = traceRings(mask);
    counted.holes += holes.length;
    if (holes.length > 0) counted.holedMasks++;
    if (outers.length > 1) counted.partedMasks++;
  }
}

function sentences(format: DatasetFormat, plan: DatasetPlan, counted: Counted): string[] {
  const lines: string[] = [];
  const { overlapPixels, overlapFrames, hiddenMasks, holes, holedMasks, partedMasks, unreviewed } = counted;
  if (unreviewed > 0) lines.push(`${unreviewed} masks that nobody has reviewed are left out.`);
  if (overlapPixels > 0) {
    const winner = plan.overlap === 'topmost' ? 'the object with the higher number' : 'the better score';
    lines.push(`${overlapPixels} overlapping pixels on ${overlapFrames} frames go to ${winner}.`);
  }
  if (hiddenMasks > 0) lines.push(`${hiddenMasks} masks are covered completely by another and vanish.`);
  if (holes > 0)
    lines.push(`${format.name} polygons cannot hold the ${holes} holes of ${holedMasks} masks; they are filled.`);
  if (partedMasks > 0 && format.name === 'yolo-seg') {
    lines.push(`${partedMasks} masks in several parts become one outline whose parts are joined by lines.`);
  }
  if (plan.shape === 'polygon' && plan.tolerance > 0) {
    lines.push(`Outlines may move by up to ${plan.tolerance} pixels; tolerance 0 keeps them exact.`);
  }
  return lines;
}
