import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NewMask } from '../../../src-main/core/store/index.ts';
import { appPaths } from '../../../src-main/core/studio/index.ts';
import { findMediaTools } from '../../../src-main/core/video/index.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { openedSession, startEngine } from '../../support/engine-host.ts';
import { benchFolder } from './bench-folder.ts';
import { storeMasks } from './store-masks.ts';

const WIDTH = 64;
const HEIGHT = 36;
const LOOP_FRAMES = 250;
const SIZE = { width: WIDTH, height: HEIGHT };
const DISCS = 32;

/**
 * A session of a long clip with a mask of every object on every frame, made once through the engine and the store's own writes and kept
 * under `test/out`. Picture and masks are tiny: rows, lanes and tables have the size of the real thing, blobs have not.
 */
export async function longSession(home: string, frames: number, objects: number): Promise<string> {
  const folder = benchFolder();
  const video = longVideo(frames);
  if (!existsSync(video)) await makeClip(folder, video, frames);
  const path = join(appPaths({ MASKLET_HOME: home }).sessions, `long-${frames}-${objects}.masklet`);
  if (existsSync(path)) return path;
  mkdirSync(join(path, '..'), { recursive: true });
  const draft = path.replace('.masklet', '-draft.masklet');
  rmSync(draft, { force: true });
  {
    await using engine = startEngine(home);
    const { sessionId } = await openedSession(engine.client, video, draft);
    await engine.client.closeSession({ sessionId });
  }
  fill(draft, frames, objects);
  renameSync(draft, path);
  return path;
}

export function longVideo(frames: number): string {
  return join(benchFolder(), `long-${frames}.mp4`);
}

async function makeClip(folder: string, video: string, frames: number): Promise<void> {
  const { ffmpeg } = await findMediaTools();
  const run = (args: readonly string[]) => execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args]);
  const loop = join(folder, 'loop.mp4');
  const source = `testsrc2=size=${WIDTH}x${HEIGHT}:rate=25`;
  const code = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '125', '-pix_fmt', 'yuv420p'];
  run(['-f', 'lavfi', '-i', source, '-frames:v', String(LOOP_FRAMES), ...code, loop]);
  run(['-stream_loop', '-1', '-i', loop, '-frames:v', String(frames), '-c', 'copy', video]);
}

function fill(path: string, frames: number, objects: number): void {
  const masks = discs();
  storeMasks(path, frames, objects, SIZE, (frame, id) => rowOf(frame, id, masks));
}

/** Objects come and go, and their confidence rises and falls. */
function rowOf(frame: number, id: NewMask['objectId'], masks: readonly RleMask[]): NewMask {
  const phase = frame / 900 + id;
  const away = Math.sin(phase) < -0.8;
  const scores = { ...noScores, predictedIou: 0.7 + 0.29 * Math.sin(3.1 * phase), objectScoreLogit: away ? -6 : 6 };
  return {
    frameIndex: frameIndex(frame),
    objectId: id,
    mask: away ? null : masks[(frame + 7 * id) % DISCS],
    scores,
    source: 'tracked',
    provisional: false,
  };
}

function discs(): readonly RleMask[] {
  return Array.from({ length: DISCS }, (_, at) => {
    const bitmap = new Uint8Array(WIDTH * HEIGHT);
    for (let y = 0; y < 9; y++) bitmap.fill(1, (y + (at % 24)) * WIDTH + at, (y + (at % 24)) * WIDTH + at + 9);
    return rleFromBitmap(bitmap, WIDTH, HEIGHT);
  });
}
