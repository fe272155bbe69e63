export { fileFailure } from '../base/file-failure.ts';
export {
  type AnnotatedObject,
  type AnnotateScratch,
  annotateFrame,
  createAnnotateScratch,
} from './annotate/annotate-frame.ts';
export {
  type AnnotateStyle,
  annotateStyles,
} from './annotate/annotate-style.ts';
export type { ColourMatrix, YuvImage } from './annotate/yuv-image.ts';
export { annotatedObjects } from './annotated-objects.ts';
export { type ComposedFrame, type ComposedShape, composeFrame } from './compose/compose-frame.ts';
export { ComposeScratch } from './compose/compose-scratch.ts';
export type { CoverState, FrameCover } from './compose/redaction.ts';
export { type Look, resolveLook } from './compose/resolve-look.ts';
export { rgbaOf } from './compose/rgba-of.ts';
export { type Scene, SceneReader } from './compose/scene.ts';
export type { DatasetFormat, ReadItem, ReadShape } from './dataset/dataset-format.ts';
export { datasetFormats } from './dataset/dataset-formats.ts';
export { linkTracks } from './dataset/link-tracks.ts';
export { type ReadDataset, readDataset, recogniseDataset } from './dataset/read-dataset.ts';
export { readJson as readJsonValues } from './dataset/reading/json-stream.ts';
export { evenlySpaced } from './evenly-spaced.ts';
export { type DatasetJob, type DatasetPhase, type DatasetSummary, exportDataset } from './export-dataset.ts';
export { type ExrPicture, encodeExr } from './exr/encode-exr.ts';
export { liesIn } from './lies-in.ts';
export { encodePng, type PngPicture } from './png/encode-png.ts';
export { type ReadMaskOptions, readMaskPng } from './png/read-mask-png.ts';
export type {
  ExportObject,
  FramePictures,
  FrameTimes,
  MaskReader,
  StoredMask,
  VideoEncoder,
  YuvFrame,
  YuvFrameReader,
} from './ports.ts';
export { blankReader } from './render/blank-reader.ts';
export { type ComposedStill, composeStill } from './render/compose-still.ts';
export type { ComposeJob } from './render/composer.ts';
export { createExrEncoder } from './render/exr-encoder.ts';
export { leadMasks } from './render/lead-masks.ts';
export { PictureFolder } from './render/picture-folder.ts';
export { redactionNotes } from './render/redaction-log.ts';
export { type RenderJob, type RenderSummary, renderAnnotated } from './render-annotated.ts';
export { type ContactSheet, type ContactTile, contactSheet } from './sheet/contact-sheet.ts';
export { shownScore } from './shown-score.ts';
