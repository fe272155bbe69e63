import { changedFrameFrom, comparisonShown } from '../state/comparing.ts';
import { isBusy } from '../state/edit-rules.ts';
import type { Studio } from '../state/studio.ts';
import type { StudioState } from '../state/studio-state.ts';
import { both, type Command } from './command.ts';

const canCompare = (state: StudioState): boolean => !isBusy(state) && comparisonShown(state) !== null;

/**
 * After a correction, also one that is still on its way to the engine, and on every frame that was prompted: the other way may not be
 * followed yet, the engine knows.
 */
const canRetrack = (state: StudioState): boolean => {
  const { session, selectedObject, playhead, answering } = state;
  if (isBusy(state) || session === null) return false;
  const { objects, comparisons, prompts } = session.state;
  const own = objects.find(({ objectId }) => objectId === selectedObject);
  if (own === undefined) return false;
  const isPrompted = prompts.some(
    ({ prompt }) =>
      'objectId' in prompt && prompt.objectId === selectedObject && prompt.frameIndex === playhead.frameIndex,
  );
  const isCompared = comparisons.some(({ objectId }) => objectId === selectedObject);
  return own.tracking === 'changed' || isCompared || (own.tracking === 'tracked' && (isPrompted || answering));
};

/** What is corrected and not tracked yet has nothing to keep. */
const canKeep = (state: StudioState): boolean => canCompare(state) && !isPending(state);

const isPending = (state: StudioState): boolean => {
  const shown = comparisonShown(state)?.objectId;
  return state.session?.state.objects.find(({ objectId }) => objectId === shown)?.tracking === 'changed';
};

/** After a correction: mending the track, looking at what that changed, keeping or reverting it. */
export const correctionCommands: readonly Command[] = [
  {
    id: 'retrack-here',
    group: 'track',
    edits: true,
    title: 'command.retrackHere',
    keys: both('c'),
    when: canRetrack,
    run: ({ tracking }) => tracking.retrack('forward'),
  },
  {
    id: 'retrack-back',
    group: 'track',
    edits: true,
    title: 'command.retrackBack',
    keys: both('Shift+c'),
    when: canRetrack,
    run: ({ tracking }) => tracking.retrack('backward'),
  },
  {
    id: 'compare',
    group: 'view',
    title: 'command.compare',
    keys: both('Alt+c'),
    when: canCompare,
    run: ({ comparing }) => comparing.toggleWipe(),
  },
  {
    id: 'change-before',
    group: 'play',
    title: 'command.changeBefore',
    keys: both('Alt+,'),
    when: canCompare,
    run: (studio) => goToChange(studio, -1),
  },
  {
    id: 'change-after',
    group: 'play',
    title: 'command.changeAfter',
    keys: both('Alt+.'),
    when: canCompare,
    run: (studio) => goToChange(studio, 1),
  },
  {
    id: 'keep-changes',
    group: 'track',
    edits: true,
    title: 'command.keepChanges',
    keys: both('Mod+Enter'),
    when: canKeep,
    run: ({ store, comparing }) => {
      const shown = comparisonShown(store.value);
      return shown === null ? undefined : comparing.keep(shown.objectId);
    },
  },
  {
    id: 'revert-changes',
    group: 'track',
    edits: true,
    title: 'command.revertChanges',
    keys: both('Mod+Shift+Enter'),
    when: canCompare,
    run: ({ store, comparing }) => {
      const shown = comparisonShown(store.value);
      return shown === null ? undefined : comparing.revert(shown.objectId);
    },
  },
];

function goToChange({ store, player }: Studio, direction: 1 | -1): void {
  const shown = comparisonShown(store.value);
  const frame = shown === null ? null : changedFrameFrom(shown, store.value.playhead.frameIndex, direction);
  if (frame !== null) player.seek(frame);
}
