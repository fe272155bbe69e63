import { describe, expect, it } from 'vitest';
import { LaneStrip } from '../../../src-renderer/timeline/lane-strip.ts';
import { Lanes } from '../../../src-renderer/timeline/lanes.ts';
import {
  LANE_HEIGHT,
  laneRows,
  mostScroll,
  revealLane,
  rowAt,
  visibleLanes,
} from '../../../src-renderer/timeline/timeline-layout.ts';
import type { TimelineObject } from '../../../src-renderer/timeline/timeline-scene.ts';
import { Waveform } from '../../../src-renderer/timeline/waveform.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { laneBits } from '../../../src-shared/domain/lane.ts';
import { rleFromBitmap } from '../../../src-shared/mask/rle.ts';

const { present, absent, provisional } = laneBits;

function object(number: number, selected = false): TimelineObject {
  const looks = { label: `${number}`, colour: '#ffffff', visible: true, locked: false, changed: false, running: false };
  return { objectId: objectId(number), selected, ...looks };
}

describe('a strip of bytes', () => {
  it('sums up any stretch as a walk over every frame would, also while it changes', () => {
    let seed = 3;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const count = 9000;
    const plain = new Uint8Array(count);
    const strip = new LaneStrip(count, Math.max);
    for (let round = 0; round < 300; round++) {
      if (round % 40 === 0) {
        const values = Uint8Array.from({ length: 700 }, () => random(50));
        const first = random(count - 700);
        plain.set(values, first);
        strip.write(first, values);
      }
      const frame = random(count);
      plain[frame] = random(256);
      strip.set(frame, plain[frame]);
      const first = random(count);
      const last = Math.min(count - 1, first + random([9000, 90, 15][round % 3]));
      expect(strip.over(first, last)).toBe(Math.max(...plain.subarray(first, last + 1)));
      const block = last - first < 16 ? 1 : last - first < 128 ? 8 : 64;
      const rounded = [first - (first % block), last - (last % block) + block - 1];
      expect(strip.column(first, last)).toBe(Math.max(...plain.subarray(rounded[0], rounded[1] + 1)));
    }
  });

  it('keeps the loudest sound of a column, and nothing beyond the clip', () => {
    const waveform = new Waveform(2);
    waveform.add({ first: 0, peaks: Uint8Array.of(0, 255, 51) });
    waveform.add({ first: 199, peaks: Uint8Array.of(102, 255, 255) });
    expect(waveform.loudest(0, 0.03)).toBe(1);
    expect(waveform.loudest(0.02, 0.03)).toBeCloseTo(0.2);
    expect(waveform.loudest(1.5, 9)).toBeCloseTo(0.4);
    expect(waveform.loudest(2.5, 3)).toBe(0);
  });
});

describe('rows of the timeline', () => {
  const many = Array.from({ length: 64 }, (_, index) => object(index + 1, index === 40));

  it('are a lane an object, and only those in sight are drawn', () => {
    const rows = laneRows(many.slice(0, 20), false, false);
    expect(rows).toMatchObject({ top: 72, overview: 0 });
    expect(visibleLanes(rows, 0, 172)).toEqual({ first: 0, last: 3 });
    expect(visibleLanes(rows, 10 * LANE_HEIGHT, 172)).toEqual({ first: 10, last: 13 });
    expect(mostScroll(laneRows(many.slice(0, 2), false, false), 500)).toBe(0);
    expect(laneRows([], true, false).top).toBeGreaterThan(rows.top);
  });

  it('are an overview and the selected lane when there are many, until they are unfolded', () => {
    const folded = laneRows(many, false, false);
    expect(folded.objects.map(({ objectId: id }) => Number(id))).toEqual([41]);
    expect(rowAt(folded, folded.top + 5, 0)).toBe('overview');
    expect(rowAt(folded, folded.top + folded.overview + 5, 0)).toBe(many[40]);
    const open = laneRows(many, false, true);
    expect(open.objects).toHaveLength(64);
    const scrollTop = revealLane(open, 63, 0, 400);
    const { first, last } = visibleLanes(open, scrollTop, 400);
    expect(last).toBe(63);
    expect(last - first).toBeLessThan(12);
    expect(revealLane(open, 63, scrollTop, 400)).toBe(scrollTop);
  });
});

describe('lanes', () => {
  const id = objectId(1);
  const noScores = { predictedIou: null, objectScoreLogit: null, presence: null, detection: null };

  it('take what lies on disk, then what a run commits', () => {
    let changes = 0;
    const lanes = new Lanes(10, () => changes++);
    const states = Uint8Array.of(present, present, 0, absent);
    // Not known is not none: a lane that has not been read yet says nothing of 0 %.
    expect(lanes.trackedShare(id)).toBeNull();
    lanes.load(id, [{ first: frameIndex(1), states, confidences: Uint8Array.of(128, 9, 0, 0) }]);
    expect(lanes.get(id)?.states.at(0)).toBe(0);
    expect(lanes.get(id)?.states.over(0, 9)).toBe(present | absent);
    expect(lanes.get(id)?.confidences.over(0, 9)).toBe(9);
    expect(lanes.trackedShare(id)).toBeCloseTo(0.3);
    const mask = rleFromBitmap(Uint8Array.of(1), 1, 1);
    const row = { objectId: id, mask, source: 'tracked', provisional: true } as const;
    lanes.commit([{ frameIndex: frameIndex(9), masks: [{ ...row, scores: { ...noScores, predictedIou: 1 } }] }]);
    lanes.commit([{ frameIndex: frameIndex(9), masks: [{ ...row, scores: { ...noScores, predictedIou: 1 } }] }]);
    expect(lanes.get(id)?.states.at(9)).toBe(present | provisional);
    expect(lanes.get(id)?.confidences.at(9)).toBe(255);
    expect(lanes.trackedShare(id)).toBeCloseTo(0.4);
    expect([changes, lanes.revision]).toEqual([3, 3]);
  });

  it('remember which stretches are out of date', () => {
    const lanes = new Lanes(10, () => {});
    lanes.markChanged(id, [{ first: 2, last: 4 }]);
    expect(lanes.changedStretches(id)).toEqual([{ first: 2, last: 4 }]);
    lanes.markChanged(id, []);
    expect(lanes.changedStretches(id)).toEqual([]);
  });
});
