import { join } from 'node:path';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { type RleMask, rleFromBitmap } from '../../../src-shared/mask/rle.ts';
import { type StudioPage, sampleClip } from '../../e2e/studio-page.ts';
import { openedSession, startEngine } from '../../support/engine-host.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const RADIUS = 95;

/** Opens a session of the sample clip with masks of some objects on its first frames. */
export async function openMaskedSession(studio: StudioPage, objects: number, frames: number): Promise<void> {
  await writeMaskedSession(studio.home, objects, frames);
  await studio.page.reload();
  await studio.page.locator('button.session-card').click();
  await studio.shown();
}

async function writeMaskedSession(home: string, objects: number, frames: number): Promise<void> {
  await using engine = startEngine(home);
  const { sessionId } = await openedSession(engine.client, sampleClip, join(home, 'sessions', 'bench.masklet'));
  const prompts = Array.from({ length: objects * frames }, (_, at) => ({
    kind: 'mask' as const,
    objectId: objectId(1 + (at % objects)),
    frameIndex: frameIndex(Math.floor(at / objects)),
    mask: disc(at % objects, Math.floor(at / objects)),
  }));
  await engine.client.addPrompts({ sessionId, prompts });
  for (let frame = 0; frame < frames; frame++) {
    const wish = { sessionId, frameIndex: frameIndex(frame), objectIds: null, packId: null, device: 'cpu', keep: true };
    await engine.client.segment(wish);
  }
  await engine.client.closeSession({ sessionId });
}

/** About 3 % of the picture, somewhere else on every frame. */
function disc(object: number, frame: number): RleMask {
  const bitmap = new Uint8Array(WIDTH * HEIGHT);
  const centreX = 120 + ((object * 271 + frame * 9) % 1040);
  const centreY = 110 + ((object * 173 + frame * 5) % 500);
  for (let y = -RADIUS; y <= RADIUS; y++) {
    const half = Math.floor(Math.sqrt(RADIUS * RADIUS - y * y));
    const row = (centreY + y) * WIDTH + centreX;
    bitmap.fill(1, row - half, row + half);
  }
  return rleFromBitmap(bitmap, WIDTH, HEIGHT);
}
