import { describe, expect, test } from 'vitest';
import { judge, judgeFollowed } from '../../src-main/core/tracking/guards.ts';
import { MemoryBank, type MemoryEntry } from '../../src-main/core/tracking/memory-bank.ts';
import { settingsFor } from '../../src-main/core/tracking/track-settings.ts';
import { fakeSpec } from './tracking-fake-model.ts';

/** Of the studio policy: whole frame above 0.9, a jump above 4 times, doubt below an IoU of 0.3. */
const guards = settingsFor('studio', fakeSpec).guards!;
const PIXELS = 100;

function seen(area: number, more: Partial<MemoryEntry> = {}): MemoryEntry {
  return {
    ...{ frameIndex: 9, area, logits: new Float32Array(PIXELS), pointer: new Float32Array(1) },
    ...{ scoreLogit: 2, ious: new Float32Array(4), iou: 0.9, memScore: 0.5, motionScore: null },
    ...{ tokens: new Float32Array(1), fromUser: false },
    ...more,
  };
}

/** An object that was given with `given` pixels and then had `tracked` ones. */
function bankOf(given: number, ...tracked: readonly MemoryEntry[]): MemoryBank {
  const bank = new MemoryBank();
  bank.condition(seen(given, { frameIndex: 0, fromUser: true }));
  tracked.forEach((entry, index) => {
    bank.follow({ ...entry, frameIndex: index + 1 });
  });
  return bank;
}

describe('the studio’s second opinion', () => {
  test.each([
    ['a mask like the one before', bankOf(20), seen(22), 'trusted'],
    ['no pixel, or a model that says it is not there', bankOf(20), seen(0), 'lost'],
    ['a score of zero', bankOf(20), seen(20, { scoreLogit: 0 }), 'lost'],
    ['the whole frame, of a small object', bankOf(20), seen(95), 'lost'],
    ['the whole frame, of an object that has been large', bankOf(20, seen(60)), seen(95), 'trusted'],
    ['a doubtful mask of the same size', bankOf(20), seen(20, { iou: 0.1 }), 'doubtful'],
    ['a doubtful mask that jumped', bankOf(10), seen(50, { iou: 0.1 }), 'lost'],
    [
      'a doubtful mask beside one that was not remembered',
      bankOf(10, seen(40, { tokens: null })),
      seen(50, { iou: 0.1 }),
      'lost',
    ],
    ['a doubtful mask after the object was away', bankOf(20, seen(0)), seen(40, { iou: 0.1 }), 'doubtful'],
    ['anything, with nothing to compare it with', new MemoryBank(), seen(95), 'trusted'],
  ] as const)('%s', (_, bank, observation, verdict) => {
    expect(judge(observation, bank, guards)).toBe(verdict);
    expect(judge(observation, bank, null)).toBe('trusted');
  });

  test('a sudden fall counts only on frames after the one that was believed', () => {
    const strict = { ...guards, fallen: [{ area: 0.5, frames: 3 }] };
    const track = { bank: bankOf(40), lastTrusted: { frameIndex: 9, area: 40 } };
    const at = (frameIndex: number, heading: 1 | -1) => judgeFollowed(seen(5, { frameIndex }), track, heading, strict);
    expect([8, 9, 10, 12, 13].map((frame) => at(frame, 1))).toEqual(['trusted', 'trusted', 'lost', 'lost', 'trusted']);
    expect([5, 6, 8, 9, 10].map((frame) => at(frame, -1))).toEqual(['trusted', 'lost', 'lost', 'trusted', 'trusted']);
  });
});
