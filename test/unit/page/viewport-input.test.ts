import { describe, expect, it } from 'vitest';
import { Concepts } from '../../../src-renderer/state/concepts.ts';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import type { FrameMaskCache } from '../../../src-renderer/viewport/frame-mask-cache.ts';
import type { ViewportActions } from '../../../src-renderer/viewport/gestures/gesture.ts';
import type { Scene } from '../../../src-renderer/viewport/scene.ts';
import type { Viewport } from '../../../src-renderer/viewport/viewport.ts';
import { ViewportInput } from '../../../src-renderer/viewport/viewport-input.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';

/** A viewport of a clip that plays, and what a hand on it does. */
function handOn(tool: Scene['tool'], follows = false) {
  const canvas = Object.assign(new EventTarget(), { focus: () => {}, setPointerCapture: () => {} });
  const scene = {
    video: { width: 100, height: 100 },
    frameIndex: 3,
    markers: [],
    tool,
    excludeNext: false,
    wipe: null,
  };
  const view = { scale: 1, offsetX: 0, offsetY: 0 };
  const viewport = { canvas, scene, view, shownFrame: 3, hover: () => {}, sketch: () => {} };
  const calls: unknown[][] = [];
  const named =
    (_: object, name: string) =>
    (...values: unknown[]) =>
      name.startsWith('add') && calls.push([name, ...values]);
  const actions = new Proxy({}, { get: named as never }) as ViewportActions;
  new ViewportInput(viewport as unknown as Viewport, {} as FrameMaskCache, actions);
  const send = (name: string, x: number, y: number, button = 0) =>
    canvas.dispatchEvent(Object.assign(new Event(name), { button, offsetX: x, offsetY: y, pointerId: 1 }));
  return {
    calls,
    send,
    /** The clip goes on, and the view with an object. */
    play: () => {
      view.offsetX = follows ? 7 : 0;
      viewport.shownFrame = 9;
      scene.frameIndex = 9;
    },
  };
}

describe('an example', () => {
  it('is stored and looked at on the frame on which it was begun', async () => {
    const asked: string[] = [];
    const state = { objects: [], prompts: [], concepts: [], comparisons: [], runs: [] };
    const known = { ...state, concepts: [{ conceptId: 1, phrase: 'example', threshold: 0.5 }] };
    const client = {
      addPrompts: async ({ prompts: [{ frameIndex }] }: { prompts: { frameIndex: number }[] }) => {
        asked.push(`store ${frameIndex}`);
        return known;
      },
      detect: async ({ frameIndex }: { frameIndex: number }) => {
        asked.push(`detect ${frameIndex}`);
        return { instances: [] };
      },
    };
    const session = { sessionId: 's', state: state as unknown as SessionState, times: {} as never };
    const playhead = { frameIndex: 9, rate: 1 };
    const store = new Store<StudioState>({ ...initialState(initialSettings), session, playhead });
    const notices = { guard: (work: () => Promise<void>) => work() };
    const desk = { store, notices, client: () => client, media: () => null } as unknown as Desk;
    await new Concepts(desk).addExample({ x: 0, y: 0, width: 1, height: 1 }, true, 3);
    expect(asked).toEqual(['store 3', 'detect 3']);
  });
});

describe('what is said while the clip plays', () => {
  it('is about the frame that was on screen at the press', () => {
    const point = handOn('point', true);
    point.send('pointerdown', 10, 20);
    point.play();
    point.send('pointerup', 10, 20);
    expect(point.calls).toEqual([['addPoint', { x: 10, y: 20 }, true, 3]]);
    for (const [tool, ...more] of [['box'], ['exemplar', true]] as const) {
      const { calls, send, play } = handOn(tool);
      send('pointerdown', 10, 20);
      play();
      send('pointerup', 30, 50);
      const name = tool === 'box' ? 'addBox' : 'addExample';
      expect(calls).toEqual([[name, { x: 10, y: 20, width: 20, height: 30 }, ...more, 3]]);
    }
  });
});
