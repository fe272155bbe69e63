import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSession,
  type NewMask,
  type NewMedia,
  type NewRun,
  type OpenOptions,
  type SessionWriter,
} from '../../../src-main/core/store/index.ts';
import type { RunWish } from '../../../src-main/core/studio/session/what-runs.ts';
import { frameIndex, type ObjectId, objectId, type RunId } from '../../../src-shared/domain/ids.ts';
import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import type { ErrorCode } from '../../../src-shared/errors/studio-error.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';

export const WIDTH = 96;
export const HEIGHT = 54;
export const FRAMES = 4_000;

/** A folder that goes away with its scope. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'masklet-store-'));
  file(name = 'clip.masklet'): string {
    return join(this.path, name);
  }
  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A run over everything, both ways, but for what is said otherwise. */
export function runWish(change: Partial<RunWish> = {}): RunWish {
  return {
    packId: 'p',
    packHash: 'h',
    provider: 'cpu',
    appVersion: '0',
    range: { first: null, last: null },
    direction: 'both',
    policy: 'studio',
    memoryPolicy: null,
    resume: false,
    objectIds: null,
    conceptIds: null,
    until: 'end',
    ...change,
  };
}

/** A video that need not exist. */
export function mediaAt(path: string, changes: Partial<VideoInfo> = {}): NewMedia {
  const timebase = { numerator: 1, denominator: 12_800 };
  const info: VideoInfo = {
    kind: 'file',
    path,
    container: 'mov,mp4,m4a,3gp,3g2,mj2',
    codec: 'h264',
    width: WIDTH,
    height: HEIGHT,
    rotation: 0,
    sampleAspectRatio: { numerator: 1, denominator: 1 },
    pixelFormat: 'yuv420p',
    bitDepth: 8,
    hdr: null,
    interlaced: false,
    frameCount: FRAMES,
    timebase,
    firstPts: 1024,
    lastPts: 1024 + 512 * (FRAMES - 1),
    durationSecs: (FRAMES * 512) / 12_800,
    averageFps: 25,
    variableFrameRate: false,
    audio: [],
    sizeBytes: 5,
    truncated: null,
    notes: [],
    contentHash: 'a'.repeat(64),
    ...changes,
  };
  const framePts = Array.from({ length: info.frameCount }, (_, frame) => 1024 + 512 * frame);
  return { info, mtimeMillis: 1_700_000_000_000, framePts };
}

export const someRun: NewRun = {
  packId: 'pebble',
  packHash: 'b'.repeat(64),
  settings: { policy: 'studio', threshold: 0.5 },
  provider: 'cpu',
  range: { first: frameIndex(0), last: frameIndex(FRAMES - 1) },
  direction: 'both',
  appVersion: '0.1.0',
};

/** A session with `objects` objects and a running run. */
export function startedSession(
  path: string,
  objects = 1,
  options: OpenOptions = {},
  media = mediaAt(`${path}.mp4`),
): { readonly session: SessionWriter; readonly run: RunId; readonly ids: readonly ObjectId[] } {
  const session = createSession(path, media, options);
  const ids = Array.from({ length: objects }, () => session.objects.create().id);
  return { session, run: session.runs.begin(someRun).id, ids };
}

/** Pseudo-random bits that depend on the seed alone. */
export function noiseMask(seed: number, width = WIDTH, height = HEIGHT): RleMask {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const bitmap = Uint8Array.from({ length: width * height }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 31;
  });
  return rleFromBitmap(bitmap, width, height);
}

/** The row that frame and object always have in these tests: every fifth is absent. */
export function rowOf(frame: number, object: number, changes: Partial<NewMask> = {}): NewMask {
  return {
    frameIndex: frameIndex(frame),
    objectId: objectId(object),
    mask: (frame + object) % 5 === 0 ? null : noiseMask(frame * 100 + object),
    scores: {
      predictedIou: ((frame * 31 + object * 7) % 100) / 100,
      objectScoreLogit: frame - object,
      presence: null,
      detection: object % 2 === 0 ? 0.25 : null,
    },
    source: frame === 0 ? 'prompt' : 'tracked',
    provisional: false,
    ...changes,
  };
}

/** The code of the StudioError that `work` throws; fails when it throws anything else or nothing. */
export function codeOf(work: () => unknown): ErrorCode {
  return failureOf(work).code;
}

export function failureOf(work: () => unknown): StudioError {
  try {
    work();
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
