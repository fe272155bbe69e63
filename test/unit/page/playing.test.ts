import { describe, expect, it } from 'vitest';
import { framesAhead, jumpWhenLate } from '../../../src-renderer/state/frames-ahead.ts';
import { chooseFrame, playsProxies, type Shown } from '../../../src-renderer/viewport/choose-frame.ts';

const clip = { rate: 1, shown: null, from: 0, first: 0, last: 99, looping: false };
const ahead = (change: Partial<Parameters<typeof framesAhead>[0]>) => framesAhead({ due: 10, ...clip, ...change });

describe('frames to load while playing', () => {
  it('come one after the other, from where those begin that are in time, and end with the due one', () => {
    expect(ahead({}).slice(0, 3)).toEqual([11, 12, 13]);
    expect(ahead({}).at(-1)).toBe(10);
    expect(ahead({ from: 25 }).slice(0, 2)).toEqual([25, 26]);
    // A little late: what the decoder is at. From before a jump: not.
    expect(ahead({ shown: 6 }).slice(0, 6)).toEqual([6, 7, 8, 9, 11, 12]);
    expect(ahead({ due: 40, shown: 6 }).slice(0, 2)).toEqual([41, 42]);
    expect(ahead({ shown: 90 }).slice(0, 2)).toEqual([11, 12]);
  });

  it('are as many a second when the clip plays faster, the same ones wherever the clock is', () => {
    expect(ahead({ rate: 8 }).slice(0, 3)).toEqual([16, 24, 32]);
    expect(ahead({ rate: 8, due: 15 }).slice(0, 3)).toEqual([16, 24, 32]);
  });

  it('go backwards, stay in the range, and begin again when the clip is looped', () => {
    const back = { from: 99, rate: -1 };
    expect(ahead(back).slice(0, 3)).toEqual([9, 8, 7]);
    expect(ahead({ due: 97 })).toEqual([98, 99, 97]);
    expect(ahead({ ...back, due: 2 })).toEqual([1, 0, 2]);
    expect(ahead({ due: 97, looping: true }).slice(0, 4)).toEqual([98, 99, 0, 1]);
    expect(ahead({ ...back, due: 21, first: 20, looping: true }).slice(0, 3)).toEqual([20, 99, 98]);
  });

  it('begin further on once the screen is late, and not again before those are due', () => {
    const at = { due: 40, shown: 35, rate: 1, from: 0, framesPerSec: 25 };
    expect(jumpWhenLate(at)).toBe(null);
    expect(jumpWhenLate({ ...at, shown: 20 })).toBe(55);
    expect(jumpWhenLate({ ...at, due: 56, shown: 20, from: 55 })).toBe(null);
    expect(jumpWhenLate({ ...at, due: 70, shown: 20, from: 55 })).toBe(85);
    expect(jumpWhenLate({ ...at, due: 40, shown: 60, rate: -1, from: 99 })).toBe(25);
  });
});

/** Frames that are held, by source. */
function held(frames: { pictures?: number[]; proxies?: number[]; thumbnails?: number[]; masks: number[] }) {
  const source = (list: readonly number[] = []) => ({
    has: (frame: number) => list.includes(frame),
    get: (frame: number) => (list.includes(frame) ? ({} as ImageBitmap) : null),
    nearest: (frame: number, passes: (frame: number) => boolean) =>
      list.filter(passes).sort((a, b) => Math.abs(a - frame) - Math.abs(b - frame))[0] ?? null,
  });
  return {
    pictures: source(frames.pictures),
    proxies: source(frames.proxies),
    thumbnails: source(frames.thumbnails),
    masks: { get: (frame: number) => (frames.masks.includes(frame) ? [] : null) },
  };
}

describe('the frame on screen', () => {
  const shown = (frameIndex: number, from: Shown['from'] = 'proxy'): Shown => ({ frameIndex, from });

  it('is the wanted one, full before proxy, once its masks are here too', () => {
    const sources = held({ pictures: [5], proxies: [5, 4], masks: [4, 5] });
    expect(chooseFrame(sources, 5, 1, shown(4))).toEqual(shown(5, 'full'));
    expect(chooseFrame(held({ proxies: [4, 5], masks: [4] }), 5, 1, shown(4))).toEqual(shown(4));
    expect(chooseFrame(held({ pictures: [5], masks: [] }), 5, 0, null)).toEqual(shown(5, 'full'));
  });

  it('is the newest that is due while playing: never one that comes later, never one from before', () => {
    const sources = held({ pictures: [2], proxies: [6, 7, 9], masks: [2, 6, 7, 9] });
    expect(chooseFrame(sources, 8, 1, shown(6))).toEqual(shown(7));
    expect(chooseFrame(sources, 6, 1, shown(6))).toEqual(shown(6));
    expect(chooseFrame(held({ proxies: [5, 9], masks: [5, 9] }), 8, 1, shown(5))).toEqual(shown(5));
    expect(chooseFrame(sources, 8, -1, shown(9))).toEqual(shown(9));
    expect(chooseFrame(sources, 5, -1, shown(9))).toEqual(shown(6));
  });

  it('stays after a jump back until something from there is due', () => {
    expect(chooseFrame(held({ proxies: [90, 3], masks: [90, 3] }), 2, 1, shown(90))).toEqual(shown(90));
    expect(chooseFrame(held({ proxies: [90, 3], masks: [90, 3] }), 4, 1, shown(90))).toEqual(shown(3));
  });

  it('at rest is the nearest, a small picture only where it is much nearer', () => {
    const sources = held({ proxies: [30], thumbnails: [20, 48], masks: [20, 30, 48] });
    expect(chooseFrame(sources, 25, 0, null)).toEqual(shown(30));
    expect(chooseFrame(sources, 50, 0, shown(30))).toEqual(shown(48, 'small'));
  });

  it('is played from proxies where they have all of the video, or the screen has no place for more', () => {
    const video = { width: 1920, height: 1080 };
    expect(playsProxies({ rate: 1, video }, 0.5)).toBe(true);
    expect(playsProxies({ rate: 0, video }, 0.5)).toBe(false);
    expect(playsProxies({ rate: 1, video }, 2)).toBe(false);
    expect(playsProxies({ rate: 1, video: { width: 854, height: 480 } }, 8)).toBe(true);
  });
});
