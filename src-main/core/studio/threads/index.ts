/** The contracts between the engine and its threads, and nothing that a thread would have to load besides. */
export {
  type DecodeContract,
  decodeContract,
  type FillRequest,
  type OpenSourceEvent,
  type ViewSize,
} from './decode-contract.ts';
export {
  type ContactSheetRequest,
  type DatasetEntry,
  type DatasetRequest,
  type ExportContract,
  exportContract,
  type ReadDatasetEvent,
  type ReadDatasetRequest,
  type RenderRequest,
  type StillRequest,
} from './export-contract.ts';
export {
  type DetectRequest,
  type FrameSource,
  type InferenceContract,
  inferenceContract,
  type OpenedPack,
  type PropagateEvent,
  type PropagateRequest,
  type SegmentRequest,
} from './inference-contract.ts';
export { type ReportThreadContract, reportThreadContract } from './report-contract.ts';
export { type StoreContract, storeContract } from './store-contract.ts';
