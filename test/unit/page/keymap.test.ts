import { describe, expect, it } from 'vitest';
import { isOffered } from '../../../src-renderer/commands/command.ts';
import { commandById, commands, commandsForKey } from '../../../src-renderer/commands/commands.ts';
import { commandsWithKey, keysOf, remapped } from '../../../src-renderer/commands/keymap.ts';
import { readSettings } from '../../../src-renderer/state/settings-storage.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import type { Studio } from '../../../src-renderer/state/studio.ts';
import {
  initialSettings,
  initialState,
  type OpenSession,
  type StudioState,
} from '../../../src-renderer/state/studio-state.ts';
import { objectId } from '../../../src-shared/domain/ids.ts';

const play = commandById('play');

describe('keys that a person chose', () => {
  it('replace those of one preset, and are given back', () => {
    const keymap = remapped(initialSettings, 'play', ['Mod+p']);
    const changed = { ...initialSettings, keymap };
    expect(keysOf(play, changed)).toEqual(['Mod+p']);
    expect(commandsForKey('Mod+p', changed)).toEqual([play]);
    expect(commandsForKey(' ', changed)).toEqual([]);
    expect(keysOf(play, { ...changed, preset: 'annotator' })).toEqual([' ']);
    expect(keysOf(play, { ...changed, keymap: remapped(changed, 'play', null) })).toEqual([' ']);
  });

  it('are told apart from those of other commands, except of the crosshair, which takes its keys only while it is out', () => {
    expect(commandsWithKey('g', play, commands, initialSettings).map(({ id }) => id)).toEqual(['track-both']);
    expect(commandsWithKey(' ', play, commands, initialSettings)).toEqual([]);
    const include = commandById('pointer-include');
    expect(commandsWithKey('Enter', play, commands, initialSettings)).toEqual([]);
    expect(commandsWithKey('Enter', include, commands, initialSettings)).toEqual([]);
    const moved = { ...initialSettings, keymap: remapped(initialSettings, 'track-both', ['Mod+p']) };
    expect(commandsWithKey('g', play, commands, moved)).toEqual([]);
  });

  it('survive a restart, and nonsense in their place does no harm', () => {
    const storage = (settings: object) => ({ getItem: () => JSON.stringify(settings) }) as unknown as Storage;
    const keymap = { editor: { play: ['Mod+p'] } };
    expect(readSettings(storage({ keymap }), ['en']).keymap).toEqual(keymap);
    for (const bad of [{ editor: 'x' }, { editor: { play: 'p' } }, { editor: { play: [3] } }, [], null, 7]) {
      expect(readSettings(storage({ keymap: bad }), ['en']).keymap, JSON.stringify(bad)).toEqual({});
    }
  });
});

describe('commands that change the session', () => {
  it('are offered to its editor only', () => {
    const state = initialState(initialSettings);
    const asking = { ...play, when: () => true };
    const editing = { ...asking, edits: true } as const;
    const as = (role: 'editor' | 'viewer') => ({
      ...state,
      presence: { role, free: false, revision: 0, mediaChanged: false },
    });
    expect([
      isOffered(asking, as('viewer')),
      isOffered(editing, as('viewer')),
      isOffered(editing, as('editor')),
    ]).toEqual([true, false, true]);
  });
});

describe('a digit', () => {
  it('selects the object of that number, wherever it stands in the list', () => {
    const objects = [3, 1].map((id) => ({ objectId: objectId(id) }));
    const session = { state: { objects } } as unknown as OpenSession;
    const store = new Store<StudioState>({ ...initialState(initialSettings), session });
    const digits = [1, 2, 3].map((number) => commandById(`object-${number}`));
    expect(digits.map(({ when }) => when(store.value))).toEqual([true, false, true]);
    void digits[2].run({ store } as unknown as Studio);
    expect(store.value.selectedObject).toBe(3);
  });
});
