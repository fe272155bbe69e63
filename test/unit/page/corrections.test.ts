import { describe, expect, it } from 'vitest';
import { correctionCommands } from '../../../src-renderer/commands/correction-commands.ts';
import { changedFrameFrom, correctedFrame, correctionShown } from '../../../src-renderer/state/comparing.ts';
import { weakObjects } from '../../../src-renderer/state/concepts.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import { retrackRange } from '../../../src-renderer/state/tracking.ts';
import { composeOverlay } from '../../../src-renderer/viewport/compose-overlay.ts';
import { canvasFromVideo, centredOn } from '../../../src-renderer/viewport/view-transform.ts';
import type { ConceptState, ObjectState } from '../../../src-shared/contract/results.ts';
import { conceptId, frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../../src-shared/mask/rle.ts';

const SIZE = { width: 40, height: 30 };
const RED = '#ff0000';
const BLUE = '#0000ff';
const square = (left: number, top: number, side: number) => {
  const bitmap = new Uint8Array(SIZE.width * SIZE.height);
  for (let y = top; y < top + side; y++) bitmap.fill(1, y * SIZE.width + left, y * SIZE.width + left + side);
  return rleFromBitmap(bitmap, SIZE.width, SIZE.height);
};
const look = (left: number, colour: string, provisional = false) => ({
  mask: square(left, 5, 16),
  colour,
  selected: false,
  provisional,
});

describe('changed stretches', () => {
  const comparison = {
    objectId: objectId(1),
    changed: [
      { first: frameIndex(3), last: frameIndex(5) },
      { first: frameIndex(9), last: frameIndex(9) },
    ],
    changedFrameCount: 4,
  };
  it('are visited one after the other, from within one too', () => {
    expect([0, 3, 4, 9].map((frame) => changedFrameFrom(comparison, frame, 1))).toEqual([3, 9, 9, null]);
    expect([12, 9, 4, 3].map((frame) => changedFrameFrom(comparison, frame, -1))).toEqual([9, 3, 3, null]);
  });
});

describe('re-tracking', () => {
  const desk = (change: Partial<StudioState>): StudioState => {
    const prompts = [{ promptId: 1, prompt: { kind: 'point', objectId: objectId(1), frameIndex: 30 } }];
    const session = { sessionId: 's', state: { prompts }, times: {} } as unknown as StudioState['session'];
    const playhead = { frameIndex: 30, rate: 0 };
    return { ...initialState(initialSettings), session, playhead, cuts: Uint32Array.of(20, 60), ...change };
  };

  it('is offered wherever the object was prompted, also after what it changed was kept', () => {
    const offers = (frame: number, tracking: string, role?: string, answering = false) => {
      const objects = [{ objectId: 1, tracking }];
      const prompts = [{ promptId: 1, prompt: { kind: 'point', objectId: 1, frameIndex: 30 } }];
      const session = { sessionId: 's', state: { objects, prompts, comparisons: [] }, times: {} };
      const playhead = { frameIndex: frame, rate: 0 };
      const state = desk({
        session: session as never,
        playhead,
        selectedObject: objectId(1),
        presence: { role } as never,
        answering,
      });
      return correctionCommands.find(({ id }) => id === 'retrack-here')!.when!(state);
    };
    expect([offers(30, 'tracked'), offers(31, 'tracked'), offers(31, 'changed'), offers(30, 'new')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    // The correction itself is on its way.
    expect(offers(31, 'tracked', undefined, true)).toBe(true);
  });

  it('is asked for on the bar of an object that has a prompt to track from', () => {
    const shown = (tracking: string, prompted: number) => {
      const prompts = [{ promptId: 1, prompt: { kind: 'point', objectId: prompted, frameIndex: 30 } }];
      const session = { sessionId: 's', state: { objects: [{ objectId: 1, tracking }], prompts }, times: {} };
      return correctionShown(desk({ session: session as never, selectedObject: objectId(1) }))?.objectId ?? null;
    };
    expect([shown('changed', 1), shown('tracked', 1), shown('changed', 2)]).toEqual([1, null, null]);
  });

  it('begins where the object was corrected, wherever the playhead is', () => {
    const from = (frame: number, stale: readonly (readonly [number, number])[]) => {
      const prompts = [0, 30, 40].map((at) => ({ prompt: { kind: 'point', objectId: 1, frameIndex: at } }));
      const objects = [{ objectId: 1, stale: stale.map(([first, last]) => ({ first, last })) }];
      const session = { sessionId: 's', state: { objects, prompts }, times: {} };
      return correctedFrame(desk({ session: session as never, playhead: { frameIndex: frame, rate: 0 } }), objectId(1));
    };
    // The prompts on 0 and 40 were tracked.
    expect([0, 12, 30, 40].map((frame) => from(frame, [[1, 39]]))).toEqual([30, 30, 30, 30]);
    expect([30, 40].map((frame) => from(frame, [[1, 99]]))).toEqual([30, 40]);
    expect([30, 31].map((frame) => from(frame, []))).toEqual([30, 40]);
  });

  it('ends with the shot of the correction, or at a mark that comes first', () => {
    const to = (direction: 'forward' | 'backward', change: Partial<StudioState> = {}) =>
      retrackRange(desk(change), objectId(1), direction);
    expect(to('forward')).toEqual({ first: 30, last: 59 });
    expect(to('backward')).toEqual({ first: 20, last: 30 });
    expect(to('forward', { cuts: new Uint32Array() })).toEqual({ first: 30, last: null });
    expect(to('forward', { marks: { first: null, last: 40 } })).toEqual({ first: 30, last: 40 });
    expect(to('backward', { marks: { first: 5, last: null } })).toEqual({ first: 20, last: 30 });
    // A cut on the corrected frame begins its shot.
    expect(to('backward', { cuts: Uint32Array.of(30) })).toEqual({ first: 30, last: 30 });
    expect(to('forward', { cuts: Uint32Array.of(30) })).toEqual({ first: 30, last: null });
  });
});

describe('thresholds', () => {
  it('hide found objects with a lower score, and never one that no concept found or whose score is not known', () => {
    const object = (id: number, concept: number | null, best: number | null) =>
      ({ objectId: objectId(id), conceptId: concept, bestDetection: best }) as ObjectState;
    const objects = [
      object(1, 1, 0.4),
      object(2, 1, 0.6),
      object(3, null, null),
      object(4, 1, null),
      object(5, 2, 0.4),
    ];
    const concepts = [{ conceptId: conceptId(1), threshold: 0.5 }] as ConceptState[];
    expect([...weakObjects(objects, concepts)]).toEqual([1]);
  });
});

describe('outlines', () => {
  const at = (pixels: Uint32Array, x: number, y: number, overlay: { x: number; y: number; width: number }) =>
    (pixels[(y - overlay.y) * overlay.width + x - overlay.x] & 0xffffff) >>> 0;

  it('of overlapping objects both show where the other one is filled', () => {
    const overlay = composeOverlay([look(2, RED), look(10, BLUE)], { mode: 'fill', opacity: 1 }, SIZE)!;
    // The right side of the red square lies inside the blue one, and the other way round.
    expect(at(overlay.pixels, 17, 12, overlay)).toBe(0x0000ff);
    expect(at(overlay.pixels, 10, 12, overlay)).toBe(0xff0000);
  });

  it('have gaps while a mask is provisional', () => {
    const edge = (provisional: boolean) => {
      const overlay = composeOverlay([look(2, RED, provisional)], { mode: 'outline', opacity: 1 }, SIZE)!;
      return Array.from({ length: 16 }, (_, row) => at(overlay.pixels, 2, 5 + row, overlay));
    };
    expect(new Set(edge(false))).toEqual(new Set([0x0000ff]));
    expect(new Set(edge(true))).toEqual(new Set([0x0000ff, 0]));
  });
});

describe('the view', () => {
  it('is centred on a place at a scale', () => {
    const view = centredOn({ x: 30, y: 20 }, 4, { width: 200, height: 100 });
    expect(canvasFromVideo(view, { x: 30, y: 20 })).toEqual({ x: 100, y: 50 });
    expect(view.scale).toBe(4);
  });
});
