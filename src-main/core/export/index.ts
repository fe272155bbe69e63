export {
  type AnnotatedObject,
  type AnnotateScratch,
  annotateFrame,
  createAnnotateScratch,
} from './annotate/annotate-frame.ts';
export {
  type AnnotateStyle,
  type AnnotateStyleName,
  annotateStyleNames,
  annotateStyles,
} from './annotate/annotate-style.ts';
export type { ColourMatrix, YuvImage } from './annotate/yuv-image.ts';
export { annotatedObjects } from './annotated-objects.ts';
export { checkOutputFile } from './check-output.ts';
export type { DatasetFormatName, OverlapPolicy } from './dataset/dataset-format.ts';
export { evenlySpaced } from './evenly-spaced.ts';
export { type DatasetJob, type DatasetSummary, datasetFormatNames, exportDataset } from './export-dataset.ts';
export { fileFailure } from './file-failure.ts';
export { encodePng, type PngPicture } from './png/encode-png.ts';
export { type ReadMaskOptions, readMaskPng } from './png/read-mask-png.ts';
export type {
  ExportObject,
  FrameTimes,
  MaskReader,
  StoredMask,
  VideoEncoder,
  YuvFrame,
  YuvFrameReader,
} from './ports.ts';
export { type RenderJob, type RenderSummary, renderAnnotated } from './render-annotated.ts';
export { type ContactSheet, type ContactTile, contactSheet } from './sheet/contact-sheet.ts';
export { shownScore } from './shown-score.ts';
