import { join } from 'node:path';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { type StudioPage, sampleClip } from '../../e2e/studio-page.ts';
import { openedSession, startEngine } from '../../support/engine-host.ts';
import { storeMasks } from './store-masks.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const RADIUS = 95;

export interface MaskedSession {
  readonly objects: number;
  readonly frames: number;
  /** 1280 x 720; absent: the sample clip. */
  readonly clip?: string;
  /** Absent: `disc`. */
  readonly maskOf?: (object: number, frame: number) => RleMask;
}

/** Opens a session of a clip with masks of some objects on its first frames. */
export async function openMaskedSession(studio: StudioPage, wish: MaskedSession): Promise<void> {
  await writeMaskedSession(studio.home, wish);
  await studio.page.reload();
  await studio.page.locator('button.session-card').click();
  await studio.shown();
}

async function writeMaskedSession(
  home: string,
  { clip = sampleClip, objects, frames, maskOf = disc }: MaskedSession,
): Promise<void> {
  const path = join(home, 'sessions', 'bench.masklet');
  {
    await using engine = startEngine(home);
    const { sessionId } = await openedSession(engine.client, clip, path);
    await engine.client.closeSession({ sessionId });
  }
  storeMasks(path, frames, objects, { width: WIDTH, height: HEIGHT }, (frame, id) => ({
    frameIndex: frameIndex(frame),
    objectId: id,
    mask: maskOf(id - 1, frame),
    scores: { ...noScores, predictedIou: 0.9, objectScoreLogit: 6 },
    source: 'tracked',
    provisional: false,
  }));
}

/** About 3 % of the picture, somewhere else on every frame. */
export function disc(object: number, frame: number): RleMask {
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  const centreX = 120 + ((object * 271 + frame * 9) % 1040);
  const centreY = 180 + ((object * 173 + frame * 5) % 360);
  for (let y = -RADIUS; y <= RADIUS; y++) {
    const half = Math.floor(Math.sqrt(RADIUS * RADIUS - y * y));
    const row = (centreY + y) * WIDTH + centreX;
    bitmap.fill(1, row - half, row + half);
  }
  return rleFromBitmap(bitmap, WIDTH, HEIGHT);
}
