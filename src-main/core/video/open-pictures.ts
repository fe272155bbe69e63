import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import type { DecodePlan } from './decode-plan.ts';
import { refuseHugePicture } from './picture-limits.ts';
import type { PictureFolder } from './pictures.ts';
import { NO_EXTRAS } from './source-extras.ts';
import { orientationNotes } from './source-notes.ts';
import { displayedSize } from './still-format.ts';
import type { CachedOpening } from './table/frame-table-cache.ts';

const PICTURES_PER_SEC = 25;

/** A folder of pictures plays at 25 per second; its table needs no decoding. */
export function openPictures(path: string, contentHash: string, folder: PictureFolder): CachedOpening<DecodePlan> {
  const { names, format, width, height, orientation, sizeBytes } = folder;
  refuseHugePicture(path, width, height);
  const frameCount = names.length;
  const timebase = { numerator: 1, denominator: PICTURES_PER_SEC };
  const info: VideoInfo = {
    kind: 'sequence',
    path,
    container: 'folder',
    codec: format === 'png' ? 'png' : 'mjpeg',
    ...displayedSize(width, height, orientation.rotation),
    rotation: orientation.rotation,
    sampleAspectRatio: { numerator: 1, denominator: 1 },
    pixelFormat: format === 'png' ? 'rgb24' : 'yuvj420p',
    bitDepth: 8,
    hdr: null,
    interlaced: false,
    frameCount,
    timebase,
    firstPts: 0,
    lastPts: frameCount - 1,
    durationSecs: frameCount / PICTURES_PER_SEC,
    averageFps: PICTURES_PER_SEC,
    variableFrameRate: false,
    audio: [],
    sizeBytes,
    truncated: null,
    notes: [
      `A folder of pictures has no timing of its own; it is played at ${PICTURES_PER_SEC} frames per second.`,
      ...orientationNotes(orientation),
    ],
    contentHash,
  };
  const plan: DecodePlan = {
    media: { kind: 'pictures', format, names },
    storedWidth: width,
    storedHeight: height,
    ...orientation,
    colour: { matrix: format === 'png' ? 'rgb' : 'bt601', fullRange: true, hdr: null },
    tags: { space: null, primaries: null, transfer: null },
    seek: 'start',
  };
  const pts = Float64Array.from({ length: frameCount }, (_, index) => index);
  const keyFrames = new Uint8Array(frameCount).fill(1);
  return { info, plan, extras: NO_EXTRAS, table: { timebase, pts, lastDuration: 1, keyFrames, trustworthy: true } };
}
