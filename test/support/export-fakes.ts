import type {
  DatasetJob,
  ExportObject,
  FramePictures,
  FrameTimes,
  MaskReader,
  StoredMask,
  VideoEncoder,
  YuvFrameReader,
} from '../../src-main/core/export/index.ts';
import { defaultDatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

/** A filled disc as a mask. */
export function discMask(width: number, height: number, cx: number, cy: number, radius: number): RleMask {
  const bitmap = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (Math.hypot(x - cx, y - cy) <= radius) bitmap[y * width + x] = 1;
  }
  return rleFromBitmap(bitmap, width, height);
}

/** Every pixel drawn by a fixed recurrence: the worst case for runs. */
export function speckledMask(width: number, height: number, seed: number): RleMask {
  let state = seed;
  const bitmap = Uint8Array.from({ length: width * height }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) & 1;
  });
  return rleFromBitmap(bitmap, width, height);
}

export function storedMask(id: number, mask: RleMask | null, more: Partial<StoredMask> = {}): StoredMask {
  return { objectId: objectId(id), mask, source: 'tracked', scores: noScores, ...more };
}

export function exportObject(id: number, name: string, colour = '#3880f3'): ExportObject {
  return { objectId: objectId(id), name, colour };
}

export function fakeMasks(
  objects: readonly ExportObject[],
  masksAt: (frame: number) => readonly StoredMask[],
): MaskReader {
  return { objects, masksAt, isTracked: (frame, id) => masksAt(frame).some(({ objectId: each }) => each === id) };
}

/** 30 fps in ticks of 1/15360, starting at tick 1024. */
export function fakeTimes(frameCount: number): FrameTimes {
  return { timebase: { numerator: 1, denominator: 15360 }, frameCount, ptsOf: (index) => 1024 + index * 512 };
}

/** Grey frames in one reused buffer, as a real reader may give them. */
export function fakeReader(width: number, height: number, available: number): YuvFrameReader {
  const data = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2));
  return {
    width,
    height,
    fullRange: false,
    matrix: 'bt709',
    reach: 0,
    async *frames(range) {
      for (let index = range.first as number; index <= range.last && index < available; index++) {
        data.fill(128);
        yield { frameIndex: frameIndex(index), pts: index * 10, data };
      }
    },
  };
}

export interface RecordingEncoder extends VideoEncoder {
  readonly frames: { readonly pts: number; readonly data: Uint8Array }[];
  readonly calls: string[];
}

export function recordingEncoder(
  failAt = Number.POSITIVE_INFINITY,
  error = new Error('encoder died'),
): RecordingEncoder {
  const frames: { readonly pts: number; readonly data: Uint8Array }[] = [];
  const calls: string[] = [];
  return {
    frames,
    calls,
    async write(data, pts) {
      if (frames.length === failAt) throw error;
      frames.push({ pts, data: data.slice() });
    },
    async finish() {
      calls.push('finish');
    },
    async abort() {
      calls.push('abort');
    },
  };
}

/** Pictures of one byte: enough to see where they go. */
export const fakePictures: FramePictures = {
  async *pictures(frames) {
    for (const index of frames) yield { frameIndex: index, bytes: Uint8Array.of(index & 255) };
  },
};

/** A dataset job with everything that tests of masks do not care about. */
export function datasetJob(
  more: Partial<DatasetJob> & Pick<DatasetJob, 'format' | 'masks' | 'width' | 'height' | 'folder'>,
  frames = 4,
): DatasetJob {
  return {
    options: defaultDatasetOptions,
    times: fakeTimes(frames),
    pictures: fakePictures,
    framesPerSec: 30,
    range: { first: frameIndex(0), last: frameIndex(frames - 1) },
    sourcePath: 'a folder/my clip.mp4',
    overwrite: false,
    provenance: { app: 'test' },
    signal: new AbortController().signal,
    ...more,
  };
}
