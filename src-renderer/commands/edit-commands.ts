import type { ObjectState } from '../../src-shared/contract/results.ts';
import type { PromptId } from '../../src-shared/domain/ids.ts';
import { chosenObjects } from '../state/chosen-objects.ts';
import { withPanel } from '../state/panels.ts';
import type { Studio } from '../state/studio.ts';
import type { StudioState } from '../state/studio-state.ts';
import { both, type Command, hasObject, hasSession, isIdle } from './command.ts';

const selectNumber = (number: number): Command => ({
  id: `object-${number}`,
  group: 'objects',
  title: 'command.selectObject',
  keys: both(String(number % 10)),
  when: ({ session }) => (session?.state.objects.length ?? 0) >= number,
  run: ({ store }) => {
    const object = store.value.session?.state.objects[number - 1];
    if (object !== undefined) store.patch({ selectedObject: object.objectId, selectedPrompt: null });
  },
});

export const editCommands: readonly Command[] = [
  {
    id: 'undo',
    group: 'app',
    edits: true,
    title: 'command.undo',
    keys: both('Mod+z'),
    when: (state) => isIdle(state) && (state.session?.state.history.undo !== null || state.comingHistory.undo),
    run: ({ prompting }) => prompting.undo(),
  },
  {
    id: 'redo',
    group: 'app',
    edits: true,
    title: 'command.redo',
    keys: both('Mod+Shift+z', 'Mod+y'),
    when: (state) => isIdle(state) && (state.session?.state.history.redo !== null || state.comingHistory.redo),
    run: ({ prompting }) => prompting.redo(),
  },
  {
    id: 'new-object',
    group: 'objects',
    edits: true,
    title: 'command.newObject',
    keys: both('n'),
    when: hasSession,
    run: ({ prompting }) => prompting.newObject(),
  },
  ...Array.from({ length: 10 }, (_, index) => selectNumber(index + 1)),
  {
    id: 'hide-object',
    group: 'objects',
    edits: true,
    title: 'command.hideObject',
    keys: both('h'),
    when: hasObject,
    run: ({ store, objects }) => {
      const object = selectedOf(store.value);
      if (object !== undefined) void objects.change([...chosenObjects(store.value)], { hidden: !object.hidden });
    },
  },
  {
    id: 'solo-object',
    group: 'objects',
    title: 'command.soloObject',
    keys: both('Alt+h'),
    when: hasObject,
    run: ({ store }) => {
      const { solo, selectedObject } = store.value;
      store.patch({ solo: solo === selectedObject ? null : selectedObject });
    },
  },
  {
    id: 'group-objects',
    group: 'objects',
    edits: true,
    title: 'command.groupObjects',
    keys: both('Alt+g'),
    when: hasObject,
    run: ({ store, objects }) =>
      objects.change([...chosenObjects(store.value)], { groupName: freeGroupName(store.value) }),
  },
  {
    id: 'lock-object',
    group: 'objects',
    edits: true,
    title: 'command.lockObject',
    keys: both('Shift+l'),
    when: hasObject,
    run: ({ store, objects }) => {
      const object = selectedOf(store.value);
      if (object !== undefined) void objects.change([...chosenObjects(store.value)], { locked: !object.locked });
    },
  },
  {
    id: 'object-up',
    group: 'objects',
    edits: true,
    title: 'command.objectUp',
    keys: both('Alt+ArrowUp'),
    when: hasObject,
    run: ({ store, objects }) => {
      const { selectedObject } = store.value;
      if (selectedObject !== null) void objects.nudge(selectedObject, -1);
    },
  },
  {
    id: 'object-down',
    group: 'objects',
    edits: true,
    title: 'command.objectDown',
    keys: both('Alt+ArrowDown'),
    when: hasObject,
    run: ({ store, objects }) => {
      const { selectedObject } = store.value;
      if (selectedObject !== null) void objects.nudge(selectedObject, 1);
    },
  },
  {
    id: 'remove-object',
    group: 'objects',
    edits: true,
    title: 'command.removeObject',
    keys: both('Mod+Delete', 'Mod+Backspace'),
    when: (state) => hasObject(state) && isIdle(state),
    run: ({ store, objects }) => objects.remove([...chosenObjects(store.value)]),
  },
  {
    id: 'toggle-exclude',
    group: 'prompt',
    title: 'command.toggleExclude',
    keys: both('x'),
    when: hasObject,
    run: ({ store }) => store.patch({ excludeNext: !store.value.excludeNext, tool: 'point' }),
  },
  {
    id: 'find-text',
    group: 'prompt',
    edits: true,
    title: 'command.findText',
    keys: both('t', '/'),
    when: hasSession,
    run: ({ store }) => {
      const field = () => document.querySelector<HTMLInputElement>('[data-focus="concept"]');
      // At once where it is in sight: what is typed next is the phrase.
      if (field()?.checkVisibility() === true) return field()?.focus();
      store.patch({ panels: withPanel(store.value.panels, 'rail') });
      requestAnimationFrame(() => field()?.focus());
    },
  },
  {
    id: 'remove-prompt',
    group: 'prompt',
    edits: true,
    title: 'command.removePrompt',
    keys: both('Delete', 'Backspace'),
    when: (state) => state.selectedPrompt !== null || promptsHere(state).length > 0,
    run: (studio) => removePrompt(studio),
  },
  {
    id: 'remove-prompts-here',
    group: 'prompt',
    edits: true,
    title: 'command.removePromptsHere',
    keys: both('Shift+Delete'),
    when: (state) => promptsHere(state).length > 0,
    run: ({ store, prompting }) => prompting.removePrompts(promptsHere(store.value)),
  },
  {
    id: 'leave',
    group: 'app',
    title: 'command.leave',
    keys: both('Escape'),
    when: ({ selectedPrompt, selectedObject, excludeNext, concepts, wipe, identity }) =>
      identity !== null ||
      selectedPrompt !== null ||
      selectedObject !== null ||
      excludeNext ||
      concepts.length > 0 ||
      wipe !== null,
    run: ({ store }) => {
      const { selectedPrompt, excludeNext, concepts, wipe, identity } = store.value;
      if (identity !== null) store.patch({ identity: null });
      else if (wipe !== null) store.patch({ wipe: null });
      else if (excludeNext) store.patch({ excludeNext: false });
      else if (selectedPrompt !== null) store.patch({ selectedPrompt: null });
      else if (concepts.length > 0) store.patch({ concepts: [] });
      else store.patch({ selectedObject: null });
    },
  },
];

/** The selected prompt, else the last one said about the selected object on this frame. */
function removePrompt({ store, prompting }: Studio): void {
  const { selectedPrompt } = store.value;
  const target = selectedPrompt ?? promptsHere(store.value).at(-1);
  if (target !== undefined) prompting.removePrompts([target]);
}

function promptsHere({ session, selectedObject, playhead }: StudioState): PromptId[] {
  return (session?.state.prompts ?? [])
    .filter(
      ({ prompt }) =>
        'objectId' in prompt && prompt.objectId === selectedObject && prompt.frameIndex === playhead.frameIndex,
    )
    .map(({ promptId }) => promptId);
}

/** `A`, `B`, ...: short, and the same in every language; a group is renamed in place. */
function freeGroupName({ session }: StudioState): string {
  const taken = new Set(session?.state.objects.map(({ groupName }) => groupName));
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  return letters.find((letter) => !taken.has(letter)) ?? `${taken.size}`;
}

function selectedOf({ session, selectedObject }: StudioState): ObjectState | undefined {
  return session?.state.objects.find(({ objectId }) => objectId === selectedObject);
}
