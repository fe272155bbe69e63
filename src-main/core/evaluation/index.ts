export { compressCounts, decompressCounts } from '../../../src-shared/mask/coco-counts.ts';
export {
  type CocoRle,
  type CompressedCocoRle,
  cocoCountsFromMask,
  cocoRleFromMask,
  maskFromCocoRle,
} from '../../../src-shared/mask/coco-rle.ts';
export {
  type AnnotatorOverlap,
  type Cgf1AtIou,
  type Cgf1Measures,
  type Cgf1Score,
  type ImageLevelScore,
  type PhrasePair,
  scoreCgf1,
} from './cgf1.ts';
export { type PhraseTruth, phrasePairFromTubes, phrasePairsFromInstances, type Tube } from './cgf1-pairs.ts';
export { type ClearMotScore, combineClearMot, scoreClearMot } from './clear-mot.ts';
export { type CocoScore, type CocoTask, scoreCoco } from './coco-ap.ts';
export { type CocoGroundTruth, type CocoImage, cocoDetectionsFromJson, cocoGroundTruthFromJson } from './coco-json.ts';
export { maskFromPolygons } from './coco-polygon.ts';
export {
  type CocoBox,
  cocoBoxFromMask,
  cocoBoxIou,
  cocoMaskIou,
  mergeMasks,
} from './coco-rle.ts';
export { type EvaluateRequest, evaluate, type NamedSource } from './evaluate.ts';
export { combineHota, HOTA_ALPHAS, type HotaCurves, type HotaMeasure, type HotaScore, scoreHota } from './hota.ts';
export { combineIdentity, type IdentityScore, scoreIdentity } from './identity.ts';
export { type DetectedInstance, instanceIou, type OverlapKind, type TruthInstance } from './instances.ts';
export { IOU_THRESHOLDS } from './iou-thresholds.ts';
export { intersectionArea, type MaskSpans, spansFromMask } from './mask-spans.ts';
export { type PhotaScore, type PhraseVideo, type ScoredTrack, scorePhota } from './phota.ts';
export {
  contourAccuracy,
  contourRadius,
  type RegionContour,
  regionContour,
  regionSimilarity,
} from './region-contour.ts';
export { cgf1Table, describeCoco } from './report/coco-report.ts';
export { scoreVideo, type VideoScore } from './score-video.ts';
export {
  type FrameMasks,
  type JfMean,
  type MeasureSummary,
  type ObjectScore,
  type SequenceScore,
  SequenceScorer,
  scoreDataset,
} from './sequence-jf.ts';
export { clickOnLargestError, type SimulatedClick } from './simulated-click.ts';
export type { BoxSequence, MaskSequence, NamedFrames, TrackFacts } from './sources/mask-sequence.ts';
export { type EvaluationSource, openEvaluationSource } from './sources/open-source.ts';
export { type FramePair, pairFrames } from './sources/pair-frames.ts';
export { readJson } from './sources/read-failure.ts';
export { type TrackingFrame, trackingFramesFromBoxes, trackingFramesFromMasks } from './tracking-frame.ts';
