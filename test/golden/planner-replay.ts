import type {
  Planner,
  PlannerFrame,
  PlannerOptions,
  SettledFrame,
} from '../../src-main/core/tracking/planner/index.ts';
import type { FrameIndex } from '../../src-shared/domain/ids.ts';
import { bitMasks, type Sequence, type SequenceFrame } from './planner-fixtures.ts';

export interface Yield {
  readonly afterFrame: number;
  readonly frame: number;
  readonly ids: readonly number[];
}

/** The planner under test: the real one or a mutant. */
export type PlannerModule = typeof import('../../src-main/core/tracking/planner/index.ts');

export interface Replay {
  readonly frames: readonly SequenceFrame['expected'][];
  readonly yields: readonly Yield[];
}

/** Plays a sequence; with `resumeEvery` the planner is thrown away and restored from JSON every so many frames. */
export function replay(module: PlannerModule, sequence: Sequence, options: PlannerOptions, resumeEvery = 0): Replay {
  let planner = new module.Planner(options);
  let maxId = -1;
  const frames: Replay['frames'][number][] = [];
  const yields: Yield[] = [];
  const collect = (afterFrame: number, settled: readonly SettledFrame[]) => {
    for (const { frameIndex, ids } of settled) yields.push({ afterFrame, frame: frameIndex, ids });
  };
  sequence.frames.forEach((frame, index) => {
    if (resumeEvery > 0 && index % resumeEvery === resumeEvery - 1) {
      const saved = JSON.stringify(planner.snapshot());
      planner = new module.Planner(options);
      planner.restore(JSON.parse(saved));
    }
    const plan = planner.plan(plannerFrame(frame));
    for (const { id } of plan.created) maxId = Math.max(maxId, id);
    frames.push(observed(planner, plan, maxId));
    collect(frame.frame, plan.settled);
  });
  collect(sequence.frames.at(-1)?.frame ?? 0, planner.finish());
  return { frames, yields };
}

export function plannerFrame(frame: SequenceFrame): PlannerFrame {
  const detected = bitMasks(frame.detections.masks);
  const tracked = bitMasks(frame.tracks.masks);
  return {
    frameIndex: frame.frame as FrameIndex,
    detections: frame.detections.scores.map((score, index) => ({ score, mask: detected[index] })),
    tracks: frame.tracks.ids.map((id, index) => ({
      id,
      mask: tracked[index],
      objectScoreLogit: frame.tracks.objectScoreLogits[index],
    })),
  };
}

/** A plan and the state after it, in the words of the fixtures. */
function observed(planner: Planner, plan: ReturnType<Planner['plan']>, maxId: number): SequenceFrame['expected'] {
  const { hotstart, confirmation, lastOccluded } = planner.snapshot();
  const counted = new Map(confirmation?.map(([id, run, done]) => [id, { run, status: done ? 2 : 1 }] as const));
  return {
    newDetections: plan.created.map(({ detection }) => detection),
    newIds: plan.created.map(({ id }) => id),
    dropped: plan.dropped,
    unmatchedTracks: plan.association.unmatchedTracks,
    matched: plan.association.matched,
    highConfidence: plan.association.highConfidence,
    reconditioned: plan.recondition.map(({ track }) => track),
    removed: plan.removed,
    occlusionSuppressed: plan.occlusionSuppressed,
    hidden: plan.hidden,
    state: {
      ids: plan.alive,
      maxId,
      keepAlive: Object.fromEntries(hotstart.keepAlive),
      firstFrame: Object.fromEntries(hotstart.firstFrame),
      unmatchedCount: Object.fromEntries(hotstart.unmatchedCount),
      overlapPairs: [...hotstart.overlapPairs].sort((a, b) => a.keeper - b.keeper || a.other - b.other),
      lastOccluded: Object.fromEntries(lastOccluded),
      removedEver: [...hotstart.removed].sort((a, b) => a - b),
    },
    ...(confirmation !== null && {
      confirmation: {
        ids: plan.alive,
        status: plan.alive.map((id) => counted.get(id)?.status ?? 0),
        consecutive: plan.alive.map((id) => counted.get(id)?.run ?? -1),
      },
    }),
  };
}
