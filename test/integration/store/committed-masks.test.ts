import { describe, expect, it } from 'vitest';
import { applyPrompts, commitFrames } from '../../../src-main/core/studio/session/index.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { maskArea, maskIou } from '../../../src-shared/mask/rle.ts';
import { HEIGHT, noiseMask, startedSession, TempFolder, WIDTH } from './fixture.ts';

const SIDE = 16;
const at = frameIndex(0);
/** Logits whose foreground is the columns `from` .. `to - 1`. */
const columns = (from: number, to: number) =>
  Float32Array.from({ length: SIDE * SIDE }, (_, index) => (index % SIDE >= from && index % SIDE < to ? 5 : -5));

describe('what a batch of frames becomes on disk', () => {
  it('instances of one phrase share no pixel, what a person prompted may share any', async () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 1);
    using _ = session;
    await applyPrompts(session, [{ kind: 'text', phrase: 'red', frameIndex: at }]);
    const [{ id: conceptId }] = session.concepts.all();
    const object = (id: number, logits: Float32Array<ArrayBuffer>, objectScoreLogit: number) => ({
      ...{ objectId: objectId(id), conceptId: id === 1 ? null : conceptId, source: 'tracked' as const, logits },
      ...{ scores: { ...noScores, objectScoreLogit }, provisional: false },
    });
    const objects = [object(1, columns(0, 16), 9), object(2, columns(0, 11), 1), object(3, columns(5, 16), 3)];
    const batch = { runId: run, direction: 'forward' as const, lowres: SIDE, snapshot: null, keepUserMasks: true };
    commitFrames(session, { ...batch, frames: [{ frameIndex: at, objects, retracted: [] }] });
    const [all, left, right] = session.masks.at(at).map(({ mask }) => mask!);
    expect(maskArea(all)).toBe(WIDTH * HEIGHT);
    expect(maskIou(left, right)).toBe(0);
    // The better score keeps what both saw.
    expect(maskArea(right)).toBeGreaterThan(1.5 * maskArea(left));
  });

  it('a person’s own mask stands as it was given, until a click on its frame corrects it', async () => {
    using folder = new TempFolder();
    const { session, run } = startedSession(folder.file(), 1);
    using _ = session;
    const mask = noiseMask(3);
    const one = objectId(1);
    await applyPrompts(session, [{ kind: 'mask', objectId: one, frameIndex: at, mask }]);
    const objects = [
      {
        objectId: one,
        conceptId: null,
        source: 'prompt' as const,
        logits: columns(0, 16),
        scores: noScores,
        provisional: false,
      },
    ];
    const batch = { runId: run, direction: 'forward' as const, lowres: SIDE, snapshot: null };
    const commit = (keepUserMasks: boolean) => {
      commitFrames(session, { ...batch, keepUserMasks, frames: [{ frameIndex: at, objects, retracted: [] }] });
      return maskArea(session.masks.get(at, one)!.mask!);
    };
    expect(commit(true)).toBe(maskArea(mask));
    expect(commit(false)).toBe(WIDTH * HEIGHT);
    await applyPrompts(session, [
      { kind: 'point', objectId: one, frameIndex: at, point: { x: 1, y: 1 }, include: true },
    ]);
    expect(commit(true)).toBe(WIDTH * HEIGHT);
  });
});
