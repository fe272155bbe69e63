export { type DecodedFrame, type DecodeFramesOptions, decodeFrames } from './decode-frames.ts';
export type { PictureShape } from './encode/frame-pipe.ts';
export {
  type OpenPictureEncoderOptions,
  openPictureEncoder,
  type PictureEncoder,
} from './encode/open-picture-encoder.ts';
