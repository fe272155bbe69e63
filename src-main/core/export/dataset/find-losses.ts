import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import { throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { maskArea } from '../../../../src-shared/mask/rle.ts';
import { traceRings } from '../../../../src-shared/mask/trace-rings.ts';
import type { DatasetFormat, DatasetFrame, DatasetPlan } from './dataset-format.ts';
import { eventLoopTurn, STEPS_A_TURN } from './event-loop-turn.ts';
import { datasetFrame, type FrameChoice } from './frame-source.ts';

/** Formats that hold one outline an object. */
const ONE_OUTLINE: ReadonlySet<string> = new Set(['cvat-video', 'yolo-seg']);

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
 * What will be lost, before anything is written: what the layout cannot hold at all, and what these masks
 * would lose, counted. Looks at every frame only when the answer depends on the masks.
 */
export async function findLosses(
  format: DatasetFormat,
  plan: DatasetPlan,
  choice: FrameChoice,
  watch: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<readonly EngineNote[]> {
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
  const always = format.losses(plan).map((code) => engineNote(code));
  return [...always, ...frameLosses(format, plan, choice), ...maskLosses(format, plan, counted)];
}

/** Frames that stand alone: those left out, and those where a tracked thing would count as background. */
function frameLosses(format: DatasetFormat, plan: DatasetPlan, choice: FrameChoice): EngineNote[] {
  if (!format.framesStandAlone) return [];
  const partly = plan.frames.filter((frame) =>
    plan.objects.some(({ objectId }) => !choice.masks.isTracked(frame, objectId)),
  ).length;
  const leftOut = choice.onlyReviewed ? 'frames-unreviewed' : 'frames-untracked';
  return [
    ...(plan.untrackedFrames > 0 ? [engineNote(leftOut, { frames: plan.untrackedFrames })] : []),
    ...(partly > 0 ? [engineNote('background-partly', { frames: partly })] : []),
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

function maskLosses(format: DatasetFormat, plan: DatasetPlan, counted: Counted): EngineNote[] {
  const losses: EngineNote[] = [];
  const { overlapPixels, overlapFrames, hiddenMasks, holes, holedMasks, partedMasks, unreviewed } = counted;
  if (unreviewed > 0) losses.push(engineNote('masks-unreviewed', { masks: unreviewed }));
  if (overlapPixels > 0) {
    const winner = plan.overlap === 'topmost' ? 'overlap-topmost' : 'overlap-score';
    losses.push(engineNote(winner, { pixels: overlapPixels, frames: overlapFrames }));
  }
  if (hiddenMasks > 0) losses.push(engineNote('masks-hidden', { masks: hiddenMasks }));
  if (holes > 0) losses.push(engineNote('holes-filled', { format: format.name, holes, masks: holedMasks }));
  if (partedMasks > 0 && ONE_OUTLINE.has(format.name)) {
    losses.push(engineNote('masks-joined', { masks: partedMasks }));
  }
  if (plan.shape === 'polygon' && plan.tolerance > 0) {
    losses.push(engineNote('outlines-move', { pixels: plan.tolerance }));
  }
  return losses;
}
