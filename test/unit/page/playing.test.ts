import { describe, expect, it } from 'vitest';
import { framesAhead } from '../../../src-renderer/state/frames-ahead.ts';
import { chooseFrame, playsProxies, type Shown } from '../../../src-renderer/viewport/choose-frame.ts';

const clip = { rate: 1, first: 0, last: 99, looping: false, framesPerSec: 25, loadMillis: 40, atOnce: 3 };
const ahead = (change: Partial<Parameters<typeof framesAhead>[0]>) => framesAhead({ due: 10, ...clip, ...change });

describe('frames to load while playing', () => {
  it('begin with the first that can be here in time, and end with the due one', () => {
    expect(ahead({ loadMillis: 0 }).slice(0, 3)).toEqual([10, 11, 12]);
    expect(ahead({}).slice(0, 3)).toEqual([11, 12, 13]);
    expect(ahead({}).at(-1)).toBe(10);
  });

  it('leave out those between when pictures come slower than the clip runs, the same ones wherever the clock is', () => {
    // 300 ms for one of three: three come every 7.5 frames.
    const slow = { loadMillis: 300 };
    expect(ahead(slow).slice(0, 3)).toEqual([18, 21, 24]);
    expect(ahead({ ...slow, due: 11 }).slice(0, 3)).toEqual([21, 24, 27]);
    expect(ahead({ rate: 8 }).slice(0, 3)).toEqual([18, 21, 24]);
    // However slow one was, the clip does not become a row of stills.
    expect(ahead({ loadMillis: 5000 }).slice(0, 3)).toEqual([21, 24, 27]);
  });

  it('go backwards, stay in the range, and begin again when the clip is looped', () => {
    expect(ahead({ rate: -1 }).slice(0, 3)).toEqual([9, 8, 7]);
    expect(ahead({ due: 97 })).toEqual([98, 99, 97]);
    expect(ahead({ due: 2, rate: -1 })).toEqual([1, 0, 2]);
    expect(ahead({ due: 97, looping: true }).slice(0, 4)).toEqual([98, 99, 0, 1]);
    expect(ahead({ due: 21, first: 20, rate: -1, looping: true }).slice(0, 3)).toEqual([20, 99, 98]);
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
