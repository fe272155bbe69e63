/** The pure planning rules of concept tracking; see `Planner`. */
export { centreInsideMargin, limitNewDetections, type RelativeBox } from './admission.ts';
export {
  type Association,
  type AssociationThresholds,
  associate,
  type ScoredMask,
  type TrackMask,
} from './associate.ts';
export {
  type BitMask,
  bitMaskFromLogits,
  bitMaskIou,
  intersectionArea,
  iouMatrix,
} from './bit-mask.ts';
export { DelayedOutput, type SettledFrame } from './delayed-output.ts';
export { type FillHolesOptions, fillHoles } from './fill-holes.ts';
export { labelParts, type Parts } from './label-parts.ts';
export { maskNms, type NmsThresholds } from './nms.ts';
export { type LastOccluded, type OcclusionInput, suppressOccluded } from './occlusion.ts';
export {
  type FramePlan,
  Planner,
  type PlannerFrame,
  type PlannerOptions,
  type PlannerSnapshot,
  type PlannerTrack,
} from './planner.ts';
export { type LogitGrid, resizeLogits } from './resize-logits.ts';
export { type PlannerDetection, selectDetections } from './select-detections.ts';
export { measureShrinkage, memoryScoreLogit, type Shrinkage, suppressedLogit, suppressLogits } from './shrinkage.ts';
