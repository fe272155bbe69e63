import { describe, expect, it } from 'vitest';
import { commandsForKey } from '../../../src-renderer/commands/commands.ts';
import { combinationOf } from '../../../src-renderer/commands/keyboard.ts';
import { nameOf } from '../../../src-renderer/state/name-of.ts';
import { frameAtTicks } from '../../../src-renderer/state/player.ts';
import { pathInAddress } from '../../../src-renderer/state/sessions.ts';
import { readSettings } from '../../../src-renderer/state/settings-storage.ts';
import { smallerPack } from '../../../src-renderer/state/smaller-pack.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import { initialSettings, initialState } from '../../../src-renderer/state/studio-state.ts';
import { bytesText, secsText } from '../../../src-renderer/ui/duration.ts';
import { keyLabel } from '../../../src-renderer/ui/key-label.ts';
import type { PackListing } from '../../../src-shared/contract/report-results.ts';

const key = (name: string, held: Partial<Parameters<typeof combinationOf>[0]> = {}) =>
  combinationOf(
    { key: name, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held },
    false,
  );

describe('keyboard', () => {
  it('names presses as commands do', () => {
    expect(key('g')).toBe('g');
    expect(key('F', { shiftKey: true })).toBe('Shift+f');
    expect(key('?', { shiftKey: true })).toBe('?');
    expect(key('Z', { ctrlKey: true, shiftKey: true })).toBe('Mod+Shift+z');
    expect(key('ArrowLeft', { shiftKey: true })).toBe('Shift+ArrowLeft');
    expect(key('ArrowLeft', { altKey: true })).toBe('Alt+ArrowLeft');
    expect(key(' ')).toBe(' ');
  });

  it('names what Option turned into another character by its place on a Mac, and nothing else', () => {
    const held = { ctrlKey: false, metaKey: false, altKey: true, shiftKey: false };
    const onMac = (name: string, code: string, more = {}) => combinationOf({ key: name, code, ...held, ...more }, true);
    expect([onMac('˙', 'KeyH'), onMac('Dead', 'KeyE'), onMac('≤', 'Comma'), onMac('¡', 'Digit1')]).toEqual([
      'Alt+h',
      'Alt+e',
      'Alt+,',
      'Alt+1',
    ]);
    expect(onMac('ArrowUp', 'ArrowUp')).toBe('Alt+ArrowUp');
    expect(onMac('Ó', 'KeyH', { shiftKey: true })).toBe('Shift+Alt+h');
    // AZERTY: the letter counts where nothing was composed.
    expect(onMac('a', 'KeyQ', { altKey: false })).toBe('a');
    expect(key('q', { altKey: true, code: 'KeyA' })).toBe('Alt+q');
  });

  it('finds the command of a key by preset, and offers it only when it can be done', () => {
    expect(commandsForKey('d', initialSettings).map(({ id }) => id)).toEqual(['track-backward']);
    expect(commandsForKey('d', { ...initialSettings, preset: 'annotator' }).map(({ id }) => id)).toEqual([
      'step-forward',
    ]);
    const empty = initialState(initialSettings);
    expect(commandsForKey('g', initialSettings).some(({ when }) => when(empty))).toBe(false);
    expect(commandsForKey('Mod+o', initialSettings).some(({ when }) => when(empty))).toBe(true);
  });

  it('labels keys for each system', () => {
    expect(keyLabel('Mod+Shift+z', false)).toBe('Ctrl Shift Z');
    expect(keyLabel('Mod+Shift+z', true)).toBe('⌘⇧Z');
    expect(keyLabel('+', false)).toBe('+');
    expect(keyLabel('Alt+ArrowLeft', false)).toBe('Alt ←');
  });
});

describe('store', () => {
  it('tells of changes only, and stops telling', () => {
    const store = new Store({ a: 1, b: 2 });
    let heard = 0;
    const end = store.subscribe(() => heard++);
    store.patch({ a: 1 });
    store.patch({ b: 3 });
    end();
    store.patch({ b: 4 });
    expect(heard).toBe(1);
    expect(store.value).toEqual({ a: 1, b: 4 });
  });
});

describe('a smaller model', () => {
  const pack = (id: string, imageSize: number, change: object = {}) =>
    ({ id, imageSize, tracks: true, problem: null, ...change }) as PackListing;
  it('is the next smaller one that tracks and can be read', () => {
    const packs = [
      pack('large', 1024),
      pack('tiny', 256),
      pack('medium', 512),
      pack('stills', 768, { tracks: false }),
      pack('broken', 896, { problem: 'a file is missing' }),
    ];
    expect(smallerPack(packs, 'large')?.id).toBe('medium');
    expect(smallerPack(packs, 'tiny')).toBe(null);
    expect(smallerPack(packs, 'gone')).toBe(null);
  });
});

describe('settings', () => {
  const storage = (text: string | null) => ({ getItem: () => text }) as unknown as Storage;
  it('start in the person’s language and survive nonsense', () => {
    expect(readSettings(storage(null), ['zh-TW', 'en']).language).toBe('zh-CN');
    expect(readSettings(storage(null), ['fr', 'en-GB']).language).toBe('en');
    expect(readSettings(storage('{"theme":"light","scale":"big","evil":1}'), ['en'])).toEqual({
      ...initialSettings,
      theme: 'light',
    });
    expect(readSettings(storage('not json'), ['en'])).toEqual(initialSettings);
  });
});

describe('small things', () => {
  it('finds the frame on screen at a time', () => {
    const times = { pts: Float64Array.of(0, 40, 100, 140), keyFrames: Uint8Array.of(1, 0, 0, 0) };
    expect([-5, 0, 39, 40, 99, 100, 500].map((ticks) => frameAtTicks(times, ticks))).toEqual([0, 0, 0, 1, 1, 2, 3]);
  });

  it('reads the session of an address and the name of a path', () => {
    expect(pathInAddress('#session=%2Ftmp%2Fa%20b.masklet', 'session')).toBe('/tmp/a b.masklet');
    expect(pathInAddress('#open=%2Ftmp%2Fa%20b.mp4', 'open')).toBe('/tmp/a b.mp4');
    expect(pathInAddress('#open=%2Ftmp%2Fa%20b.mp4', 'session')).toBeNull();
    expect(pathInAddress('', 'open')).toBeNull();
    expect(nameOf('C:\\clips\\match 07.mov')).toBe('match 07.mov');
  });

  it('writes durations and sizes for people', () => {
    expect([0.2, 59.1, 61, 3723].map(secsText)).toEqual(['0:01', '1:00', '1:01', '1:02:03']);
    expect([12, 1500, 84_000_000].map(bytesText)).toEqual(['12 B', '1.5 kB', '84 MB']);
  });
});
