import { afterEach, describe, expect, it, vi } from 'vitest';
import { fitScale, frameAt, reveal, tickStep, xOfFrame, zoomScale } from '../../../src-renderer/timeline/time-scale.ts';
import { Timeline, type TimelineOptions } from '../../../src-renderer/timeline/timeline.ts';
import type { TimelineScene } from '../../../src-renderer/timeline/timeline-scene.ts';
import { composeOverlay, OverlayRoom, ringWidth } from '../../../src-renderer/viewport/compose-overlay.ts';
import { boxBetween } from '../../../src-renderer/viewport/gestures/box-gesture.ts';
import { markerAt, objectAt } from '../../../src-renderer/viewport/hit-test.ts';
import { maskGroups } from '../../../src-renderer/viewport/mask-groups.ts';
import type { Scene } from '../../../src-renderer/viewport/scene.ts';
import {
  canvasFromVideo,
  fitTransform,
  panBy,
  videoFromCanvas,
  zoomAt,
} from '../../../src-renderer/viewport/view-transform.ts';
import { Viewport, type ViewportOptions } from '../../../src-renderer/viewport/viewport.ts';
import { objectId, promptId } from '../../../src-shared/domain/ids.ts';
import { noScores } from '../../../src-shared/domain/scores.ts';
import { rleFromBitmap } from '../../../src-shared/mask/rle.ts';

const video = { width: 640, height: 360 };
const canvas = { width: 800, height: 600 };

describe('view transform', () => {
  it('fits the whole picture, centred', () => {
    const view = fitTransform(video, canvas, 10);
    expect(view.scale).toBeCloseTo(780 / 640);
    expect(canvasFromVideo(view, { x: 320, y: 180 })).toEqual({ x: 400, y: 300 });
  });

  it('keeps the point under the pointer while zooming, and goes back and forth', () => {
    const view = fitTransform(video, canvas, 0);
    const at = { x: 123, y: 222 };
    const before = videoFromCanvas(view, at);
    const after = videoFromCanvas(zoomAt(view, at, 2.5), at);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it('never loses the picture', () => {
    const view = panBy(fitTransform(video, canvas, 0), 1e6, -1e6, video, canvas);
    expect(view.offsetX).toBeLessThan(canvas.width);
    expect(view.offsetY + video.height * view.scale).toBeGreaterThan(0);
  });
});

describe('overlay', () => {
  const mask = (x0: number, y0: number, x1: number, y1: number) => {
    const bitmap = new Uint8Array(64 * 48);
    for (let y = y0; y < y1; y++) bitmap.fill(1, y * 64 + x0, y * 64 + x1);
    return rleFromBitmap(bitmap, 64, 48);
  };
  const look = (rle: ReturnType<typeof mask>, colour: string, selected = false) => ({
    mask: rle,
    colour,
    selected,
    provisional: false,
  });
  const size = { width: 64, height: 48 };

  it('covers the masks and a ring, not the frame', () => {
    const overlay = composeOverlay([look(mask(10, 10, 20, 30), '#ff0000')], { mode: 'fill', opacity: 0.5 }, size);
    expect(overlay).toMatchObject({ x: 9, y: 9, width: 12, height: 22 });
  });

  it('fills with the opacity asked for, outlines fully, and leaves the rest clear', () => {
    const overlay = composeOverlay([look(mask(10, 10, 20, 30), '#ff8000')], { mode: 'fill', opacity: 0.5 }, size)!;
    const at = (x: number, y: number) => overlay.pixels[(y - overlay.y) * overlay.width + x - overlay.x] >>> 0;
    expect(at(15, 20)).toBe(0x800080ff);
    expect(at(10, 10)).toBe(0xff0080ff);
    expect(at(9, 9)).toBe(0);
  });

  it('mixes overlapping objects instead of hiding one', () => {
    const both = [look(mask(5, 5, 40, 40), '#ff0000'), look(mask(20, 20, 60, 44), '#0000ff')];
    const overlay = composeOverlay(both, { mode: 'fill', opacity: 0.5 }, size)!;
    const pixel = overlay.pixels[(30 - overlay.y) * overlay.width + 30 - overlay.x];
    expect(pixel & 255).toBeGreaterThan(40);
    expect((pixel >>> 16) & 255).toBeGreaterThan(100);
  });

  it('rings a selected object in white and draws a matte in black and white', () => {
    const one = [look(mask(10, 10, 20, 30), '#ff0000', true)];
    const ring = composeOverlay(one, { mode: 'outline', opacity: 0.5 }, size)!;
    expect(ring.pixels[(15 - ring.y) * ring.width + 9 - ring.x]).toBe(0xf0ffffff);
    const matte = composeOverlay(one, { mode: 'matte', opacity: 1 }, size)!;
    expect(new Set(matte.pixels)).toEqual(new Set([0xff000000, 0xffffffff]));
    expect(matte.pixels.filter((pixel) => pixel === 0xffffffff).length).toBe(200);
  });

  it('is painted apart where masks are far from each other, together where they come near', () => {
    const left = look(mask(2, 2, 10, 10), '#ff0000');
    const right = look(mask(40, 30, 60, 44), '#0000ff');
    const bridge = look(mask(9, 9, 41, 31), '#00ff00');
    expect(maskGroups([left, right, look(mask(0, 0, 0, 0), '#ffffff')], 2)).toEqual([[left], [right]]);
    expect(maskGroups([left, right, bridge], 0)).toEqual([[left, right, bridge]]);
    // Outlines and rings must not meet those of another group.
    expect(maskGroups([left, look(mask(12, 2, 20, 10), '#0000ff')], 1)).toHaveLength(2);
    expect(maskGroups([left, look(mask(12, 2, 20, 10), '#0000ff')], 2)).toHaveLength(1);
  });

  it('outlines what has background at the width of the line, on ragged masks that lie over each other, in used room', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return seed % below;
    };
    const room = new OverlayRoom();
    const tall = { width: 60, height: 720 };
    const ring = ringWidth(tall);
    for (let round = 0; round < 20; round++) {
      const bitmap = new Uint8Array(tall.width * tall.height);
      for (let block = 0; block < 12; block++) {
        const [x, y, wide, high] = [random(60), random(700), 1 + random(14), 1 + random(40)];
        for (let row = y; row < Math.min(720, y + high); row++)
          bitmap.fill(1, row * 60 + x, row * 60 + Math.min(60, x + wide));
      }
      for (let flip = 0; flip < 60; flip++) bitmap[random(bitmap.length)] ^= 1;
      const isIn = (x: number, y: number) => x >= 0 && y >= 0 && x < 60 && y < 720 && bitmap[y * 60 + x] === 1;
      const one = [look(rleFromBitmap(bitmap, 60, 720), '#ff0000')];
      const overlay = composeOverlay(one, { mode: 'outline', opacity: 0.5 }, tall, room)!;
      const outlined = new Set<string>();
      overlay.pixels.forEach((pixel, at) => {
        const [x, y] = [overlay.x + (at % overlay.width), overlay.y + Math.floor(at / overlay.width)];
        if (pixel !== 0) outlined.add(`${x},${y}`);
      });
      const expected = new Set<string>();
      for (let y = 0; y < 720; y++)
        for (let x = 0; x < 60; x++) {
          const around = [isIn(x - ring, y), isIn(x + ring, y), isIn(x, y - ring), isIn(x, y + ring)];
          if (isIn(x, y) && !around.every(Boolean)) expected.add(`${x},${y}`);
        }
      expect(outlined).toEqual(expected);
    }
  });

  it('is nothing without masks', () => {
    expect(composeOverlay([], { mode: 'fill', opacity: 0.5 }, size)).toBeNull();
  });
});

describe('hit test', () => {
  const view = { scale: 2, offsetX: 0, offsetY: 0 };
  it('finds markers by what is drawn, in CSS pixels', () => {
    const point = { promptId: promptId(1), frameIndex: 0, colour: '#fff', selected: false, include: true };
    const marker = { ...point, shape: { kind: 'point', at: { x: 50, y: 50 } } } as const;
    const box = {
      ...point,
      promptId: promptId(2),
      shape: { kind: 'box', box: { x: 10, y: 10, width: 20, height: 20 } },
    } as const;
    expect(markerAt([marker, box], view, { x: 108, y: 100 })?.promptId).toBe(1);
    expect(markerAt([marker, box], view, { x: 120, y: 120 })).toBeNull();
    expect(markerAt([marker, box], view, { x: 20, y: 40 })?.promptId).toBe(2);
    expect(markerAt([marker, box], view, { x: 40, y: 40 })).toBeNull();
  });

  it('finds the object under a point, the last one on top', () => {
    const bitmap = new Uint8Array(100).fill(1, 0, 50);
    const mask = rleFromBitmap(bitmap, 10, 10);
    const row = { mask, source: 'tracked', scores: noScores, provisional: false } as const;
    const masks = [
      { ...row, objectId: objectId(1) },
      { ...row, objectId: objectId(2) },
    ];
    expect(objectAt(masks, { x: 3.5, y: 4.9 })).toBe(2);
    expect(objectAt(masks, { x: 3.5, y: 5.1 })).toBeNull();
    expect(objectAt(masks, { x: -1, y: 2 })).toBeNull();
  });

  it('keeps boxes inside the picture and refuses empty ones', () => {
    expect(boxBetween({ x: -5, y: 20 }, { x: 30, y: 900 }, video)).toEqual({ x: 0, y: 20, width: 30, height: 340 });
    expect(boxBetween({ x: -5, y: 20 }, { x: -1, y: 40 }, video)).toBeNull();
  });
});

describe('time scale', () => {
  it('names the frame whose cell is under x, and back', () => {
    const scale = fitScale(1000, 500);
    expect(frameAt(scale, 250, 1000)).toBe(500);
    expect(frameAt(scale, -20, 1000)).toBe(0);
    expect(frameAt(scale, 9999, 1000)).toBe(999);
    for (const frame of [0, 17, 999]) expect(frameAt(scale, xOfFrame(scale, frame + 0.5), 1000)).toBe(frame);
  });

  it('zooms around a place and never further out than the clip', () => {
    const scale = zoomScale(fitScale(1000, 500), 100, 4, 1000, 500);
    expect(frameAt(scale, 100, 1000)).toBe(200);
    expect(zoomScale(scale, 100, 0.001, 1000, 500)).toEqual(fitScale(1000, 500));
  });

  it('scrolls just enough to show a frame', () => {
    const scale = zoomScale(fitScale(1000, 500), 0, 10, 1000, 500);
    expect(reveal(scale, 10, 1000, 500)).toBe(scale);
    const moved = reveal(scale, 900, 1000, 500);
    expect(xOfFrame(moved, 900)).toBeGreaterThanOrEqual(0);
    expect(xOfFrame(moved, 900)).toBeLessThan(500);
  });

  it('labels round numbers at a readable distance', () => {
    for (const framesPerPixel of [0.02, 0.4, 1, 7, 300]) {
      const step = tickStep({ first: 0, framesPerPixel }, 76);
      expect(step / framesPerPixel).toBeGreaterThanOrEqual(76);
      expect([1, 2, 5]).toContain(step / 10 ** Math.floor(Math.log10(step)));
    }
  });
});

/** A page of one canvas on a screen of a pixel ratio; a canvas remembers its last pixels for one CSS pixel. */
function pageOn(ratio: number) {
  const watched: { readonly query: string; readonly tell: () => void }[] = [];
  const layouts: (() => void)[] = [];
  class Canvas extends EventTarget {
    width = 1;
    height = 1;
    readonly clientWidth = 200;
    readonly clientHeight = 100;
    readonly dataset = {};
    readonly style = {};
    painted = 0;
    getContext() {
      const own = { setTransform: (scale: number) => (this.painted = Math.max(this.painted, scale)) };
      const nothing = () => ({ width: 1, addColorStop: () => {} });
      return new Proxy(own, { get: (target, name) => Reflect.get(target, name) ?? nothing, set: () => true });
    }
  }
  const frames: (() => void)[] = [];
  vi.stubGlobal('devicePixelRatio', ratio);
  vi.stubGlobal('document', { createElement: () => new Canvas() });
  vi.stubGlobal('OffscreenCanvas', Canvas);
  vi.stubGlobal('requestAnimationFrame', (paint: () => void) => frames.push(paint));
  vi.stubGlobal('cancelAnimationFrame', () => {});
  vi.stubGlobal('matchMedia', (query: string) => ({
    addEventListener: (_: string, tell: () => void, { signal }: AddEventListenerOptions) => {
      const watch = { query, tell };
      watched.push(watch);
      signal?.addEventListener('abort', () => watched.splice(watched.indexOf(watch), 1));
    },
  }));
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(layOut: () => void) {
        layouts.push(layOut);
      }
      observe() {}
      disconnect() {}
    },
  );
  const canvas = new Canvas();
  return {
    canvas: canvas as unknown as HTMLCanvasElement,
    layOut: () => {
      for (const each of layouts) each();
    },
    paint: () => {
      canvas.painted = 0;
      for (const each of frames.splice(0)) each();
      return canvas.painted;
    },
    /** The window is on another screen; the page is told of it later. */
    move: (to: number) => {
      vi.stubGlobal('devicePixelRatio', to);
      return () => {
        for (const { tell } of [...watched]) tell();
      };
    },
    watched: () => watched.map(({ query }) => query),
  };
}

describe('a window that is moved to a screen of another pixel ratio', () => {
  afterEach(() => vi.unstubAllGlobals());
  const pictures = { has: () => false, nearest: () => null, get: () => ({}), want: () => {}, revision: 0 };
  const masks = { get: () => null, want: () => {} };

  it.each(['viewport', 'timeline'])('is drawn on a %s as large as it was measured, which is measured again', (name) => {
    const { canvas, layOut, paint, move, watched } = pageOn(1);
    const drawing = name === 'viewport' ? viewportOn(canvas) : timelineOn(canvas);
    layOut();
    drawing.repaint();
    expect([canvas.width, paint()]).toEqual([200, 1]);
    const tell = move(2);
    drawing.repaint();
    expect([canvas.width, paint()]).toEqual([200, 1]);
    tell();
    drawing.repaint();
    expect([canvas.width, paint()]).toEqual([400, 2]);
    expect(watched()).toEqual(['(resolution: 2dppx)']);
    move(1)();
    drawing.repaint();
    expect([canvas.width, paint()]).toEqual([200, 1]);
    drawing[Symbol.dispose]();
    expect(watched()).toEqual([]);
  });

  function viewportOn(canvas: HTMLCanvasElement): Viewport {
    const here = { ...pictures, has: () => true, nearest: (at: number) => at };
    const nothing = () => {};
    const told = { onShown: nothing, onZoom: nothing, onView: nothing, wishes: () => ({ urgent: [], others: [] }) };
    const sources = { pictures: here, proxies: here, thumbnails: here, masks: { ...masks, get: () => [] } };
    const viewport = new Viewport(canvas, { ...sources, earlier: masks, ...told } as unknown as ViewportOptions);
    const looks = { overlay: 'off', ghosts: [], markers: [], wipe: null, pointer: null, preview: null, followed: null };
    const scene = { video, frameIndex: 0, rate: 0, tool: 'point', objects: new Map(), brush: {}, ...looks };
    viewport.setScene(scene as unknown as Scene);
    viewport.restore({ scale: 1, centreX: 0, centreY: 0 });
    return viewport;
  }

  function timelineOn(canvas: HTMLCanvasElement): Timeline {
    const lanes = { revision: 0, get: () => null };
    const waveform = { revision: 0 };
    const parts = { lanes, thumbnails: pictures, waveform, actions: {} } as unknown as TimelineOptions;
    const timeline = new Timeline(canvas, parts);
    const marks = { first: null, last: null };
    const looks = { ghosts: [], prompts: new Map(), colours: {}, cuts: new Uint32Array(), marks, ruler: 'frames' };
    const texts = { emptyText: '', overviewText: '', firstFrameNumber: 0, hasSound: false, unfolded: false };
    const times = { pts: new Float64Array(9), keyFrames: new Uint8Array(9) };
    const scene = { frameCount: 9, frameIndex: 0, aspectRatio: 2, objects: [], times, secsOf: () => 0, shownFrame: 0 };
    timeline.setScene({ ...scene, ...looks, ...texts } as unknown as TimelineScene);
    return timeline;
  }
});
