export {
  type BenchMaterial,
  benchReport,
  compareBenchReports,
  type PhaseTimes,
  readBench,
} from './bench/bench-report.ts';
export { summariseTimes, type Timing } from './bench/timing.ts';
export { Checkpoint, type CocoResult, type ImageResult } from './coco/checkpoint.ts';
export {
  type ImageTimes,
  phaseTable,
  type SummarisedImages,
  summarisedImagesSchema,
  summariseImages,
} from './coco/phase-table.ts';
export { renderHtml } from './document/render-html.ts';
export { renderMarkdown } from './document/render-markdown.ts';
export { renderText } from './document/render-text.ts';
export { checkReportFolder, REPORT_FILE, writeReport, writeWholeFile } from './document/write-report.ts';
export { proposeSame, type SameProposal, type Stretch } from './embed/same-object.ts';
export { meanDirection, similarity, unitVector } from './embed/vectors.ts';
export { type Check, judgeMaskIou, judgeTensor } from './parity/judge.ts';
export {
  type ComparedMasks,
  type ComparedOutput,
  type ParityMaterial,
  parityReport,
} from './parity/parity-report.ts';
export { type TensorDifference, tensorDifference } from './parity/tensor-difference.ts';
