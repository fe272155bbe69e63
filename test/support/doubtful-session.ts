/** A tracked session with known faults, written straight into its file: what a review has to find, without a model. */
import { openSessionWriter } from '../../src-main/core/store/index.ts';
import { noteTracked, promptsByOwner, saidOf } from '../../src-main/core/studio/session/owner-records.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

export const FAULTS = { gone: 60, back: 80, swap: 120, doubtful: 150 } as const;
const SIDE = 120;

/**
 * Ball and Box on every frame. Ball is absent from `gone` until it is `back`; from `swap` on the two have traded places; Box is doubtful
 * on six frames from `doubtful` on.
 */
export function writeFaults(path: string): void {
  using session = openSessionWriter(path);
  const { info } = session.media.get();
  session.objects.create({ name: 'Ball' });
  session.objects.create({ name: 'Box' });
  for (const [id, x, y] of [
    [1, 160, 160],
    [2, 960, 460],
  ]) {
    const place = { objectId: objectId(id), frameIndex: frameIndex(0), point: { x, y } };
    session.prompts.add({ kind: 'point', include: true, ...place });
  }
  const run = session.runs.begin({
    packId: 'pebble',
    packHash: 'made',
    settings: null,
    provider: 'cpu',
    range: { first: frameIndex(0), last: frameIndex(info.frameCount - 1) },
    direction: 'both',
    appVersion: 'test',
  });
  const rows = Array.from({ length: info.frameCount * 2 }, (_, index) => {
    const frame = index >> 1;
    const id = (index % 2) + 1;
    const way = (id === 1) === frame < FAULTS.swap ? ballAt(frame) : boxAt(frame);
    const absent = id === 1 && frame >= FAULTS.gone && frame < FAULTS.back;
    const doubtful = id === 2 && frame >= FAULTS.doubtful && frame < FAULTS.doubtful + 6;
    return {
      frameIndex: frameIndex(frame),
      objectId: objectId(id),
      mask: absent ? null : square(info.width, info.height, way),
      scores: {
        predictedIou: absent ? null : doubtful ? 0.2 : 0.9,
        objectScoreLogit: absent ? -6 : 5,
        presence: null,
        detection: null,
      },
      source: 'tracked' as const,
      provisional: false,
    };
  });
  session.masks.commitBatch({
    rows,
    progress: { runId: run.id, direction: 'forward', lastFrame: frameIndex(info.frameCount - 1) },
  });
  session.runs.finish(run.id, 'done');
  const said = Object.fromEntries([...promptsByOwner(session)].map(([owner, prompts]) => [owner, saidOf(prompts)]));
  const covered = { first: 0, last: info.frameCount - 1, direction: 'both' as const };
  noteTracked(session, said, { facts: 'made', runId: run.id, covered, mends: false });
}

const ballAt = (frame: number) => ({ x: 100 + 2 * frame, y: 100 });
const boxAt = (frame: number) => ({ x: 900 - 2 * frame, y: 400 });

function square(width: number, height: number, { x, y }: { readonly x: number; readonly y: number }): RleMask {
  const bitmap = new Uint8Array(width * height);
  for (let row = y; row < y + SIDE; row++) bitmap.fill(1, row * width + x, row * width + x + SIDE);
  return rleFromBitmap(bitmap, width, height);
}
