export { type BlockLead, blockLead, turnsOddSide } from './block-lead.ts';
export { findCuts } from './cuts/find-cuts.ts';
export { type DecodedFrame, type DecodeFramesOptions, decodeFrames } from './decode-frames.ts';
export { encodeJpegs } from './encode/encode-jpegs.ts';
export type { PictureShape } from './encode/frame-pipe.ts';
export {
  type OpenPictureEncoderOptions,
  openPictureEncoder,
  type PictureEncoder,
} from './encode/open-picture-encoder.ts';
export {
  type AnnotatedVideoEncoder,
  type EncodedVideo,
  type OpenVideoEncoderOptions,
  openVideoEncoder,
} from './encode/open-video-encoder.ts';
export { type VideoCodecName, writableCodecs } from './ffmpeg/codec-arguments.ts';
export { firstPicture } from './first-picture.ts';
export { type FittedFrame, readFittedFrame } from './fitted-frame.ts';
export { FrameCache } from './frame-cache.ts';
export { type FilledSlot, FrameRing, type FrameRingLayout } from './frame-ring.ts';
export { type DecodedPicture, readPicture } from './open-picture.ts';
export { openVideo } from './open-video.ts';
export type { OpenVideoOptions } from './open-video-options.ts';
export { createRgbResampler, type RgbResampler, resampleRgb } from './pixels/resample-rgb.ts';
export { type ReadFrameOptions, readFrame } from './read-frame.ts';
export { readSound, SOUND_CHANNELS, SOUND_RATE } from './sound/read-sound.ts';
export { PEAKS_PER_SEC, type SoundPeaks, soundPeaks } from './sound/sound-peaks.ts';
export { FrameTable } from './table/frame-table.ts';
export type { FrameTableData } from './table/frame-table-data.ts';
export { type Environment, findMediaTools, type MediaToolSettings } from './tools/find-media-tools.ts';
export { listCapabilities, type MediaCapabilities } from './tools/list-capabilities.ts';
export type { MediaTool, MediaTools, ToolSource } from './tools/media-tools.ts';
export type { ToolVersion } from './tools/tool-version.ts';
export type { VideoSource } from './video-source.ts';
export { ViewFrames, type ViewFramesOptions } from './view/view-frames.ts';
export { createYuvFrameReader, type PlanarFrame, type PlanarFrameReader, planarBytes } from './yuv-frame-reader.ts';
