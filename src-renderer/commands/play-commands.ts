import type { Studio } from '../state/studio.ts';
import type { Marks, StudioState } from '../state/studio-state.ts';
import { both, type Command, hasSession } from './command.ts';

const step = (frames: number) => (studio: Studio) => studio.player.step(frames);

const hasSound = ({ session }: StudioState): boolean => (session?.state.video.audio.length ?? 0) > 0;

export const playCommands: readonly Command[] = [
  {
    id: 'play',
    group: 'play',
    title: 'command.play',
    keys: both(' '),
    when: hasSession,
    run: ({ player }) => player.toggle(),
  },
  {
    id: 'pause',
    group: 'play',
    title: 'command.pause',
    keys: both('k'),
    when: hasSession,
    run: ({ player }) => player.pause(),
  },
  {
    id: 'shuttle-back',
    group: 'play',
    title: 'command.shuttleBack',
    keys: both('j'),
    when: hasSession,
    run: ({ player }) => player.shuttle(-1),
  },
  {
    id: 'shuttle-forward',
    group: 'play',
    title: 'command.shuttleForward',
    keys: both('l'),
    when: hasSession,
    run: ({ player }) => player.shuttle(1),
  },
  {
    id: 'step-back',
    group: 'play',
    title: 'command.stepBack',
    keys: { editor: [',', 'ArrowLeft'], annotator: ['a', ',', 'ArrowLeft'] },
    when: hasSession,
    run: step(-1),
  },
  {
    id: 'step-forward',
    group: 'play',
    title: 'command.stepForward',
    keys: { editor: ['.', 'ArrowRight'], annotator: ['d', '.', 'ArrowRight'] },
    when: hasSession,
    run: step(1),
  },
  {
    id: 'step-back-ten',
    group: 'play',
    title: 'command.stepBackTen',
    keys: both('Shift+ArrowLeft'),
    when: hasSession,
    run: step(-10),
  },
  {
    id: 'step-forward-ten',
    group: 'play',
    title: 'command.stepForwardTen',
    keys: both('Shift+ArrowRight'),
    when: hasSession,
    run: step(10),
  },
  {
    id: 'clip-start',
    group: 'play',
    title: 'command.clipStart',
    keys: both('Home'),
    when: hasSession,
    run: ({ player }) => player.seek(0),
  },
  {
    id: 'clip-end',
    group: 'play',
    title: 'command.clipEnd',
    keys: both('End'),
    when: hasSession,
    run: ({ player }) => player.seek(Number.MAX_SAFE_INTEGER),
  },
  {
    id: 'prompt-before',
    group: 'play',
    title: 'command.promptBefore',
    keys: both('Alt+ArrowLeft'),
    when: hasSession,
    run: (studio) => goToPrompt(studio, -1),
  },
  {
    id: 'prompt-after',
    group: 'play',
    title: 'command.promptAfter',
    keys: both('Alt+ArrowRight'),
    when: hasSession,
    run: (studio) => goToPrompt(studio, 1),
  },
  {
    id: 'cut-before',
    group: 'play',
    title: 'command.cutBefore',
    keys: both('Mod+ArrowLeft'),
    when: hasSession,
    run: (studio) => goToCut(studio, -1),
  },
  {
    id: 'cut-after',
    group: 'play',
    title: 'command.cutAfter',
    keys: both('Mod+ArrowRight'),
    when: hasSession,
    run: (studio) => goToCut(studio, 1),
  },
  {
    id: 'loop',
    group: 'play',
    title: 'command.loop',
    keys: both('Alt+l'),
    when: hasSession,
    run: ({ store }) => store.patch({ looping: !store.value.looping }),
  },
  {
    id: 'mute',
    group: 'play',
    title: 'command.mute',
    keys: both('Shift+m'),
    when: hasSound,
    run: ({ store, changeSettings }) => changeSettings({ muted: !store.value.settings.muted }),
  },
  {
    id: 'mark-in',
    group: 'mark',
    title: 'command.markIn',
    keys: both('i'),
    when: hasSession,
    run: ({ store }) => {
      const { marks, playhead } = store.value;
      const last = marks.last !== null && marks.last < playhead.frameIndex ? null : marks.last;
      store.patch({ marks: { first: playhead.frameIndex, last } });
    },
  },
  {
    id: 'mark-out',
    group: 'mark',
    title: 'command.markOut',
    keys: both('o'),
    when: hasSession,
    run: ({ store }) => {
      const { marks, playhead } = store.value;
      const first = marks.first !== null && marks.first > playhead.frameIndex ? null : marks.first;
      store.patch({ marks: { first, last: playhead.frameIndex } });
    },
  },
  {
    id: 'mark-shot',
    group: 'mark',
    title: 'command.markShot',
    keys: both('Shift+i'),
    when: ({ session, cuts }) => session !== null && cuts.length > 0,
    run: ({ store }) => store.patch({ marks: shotAt(store.value) }),
  },
  {
    id: 'clear-marks',
    group: 'mark',
    title: 'command.clearMarks',
    keys: both('Alt+x'),
    when: ({ marks }) => marks.first !== null || marks.last !== null,
    run: ({ store }) => store.patch({ marks: { first: null, last: null } }),
  },
];

/** From the cut before the playhead to the one after it; null: the end of the clip. */
function shotAt({ playhead, cuts }: StudioState): Marks {
  const first = cuts.findLast((cut) => cut <= playhead.frameIndex) ?? null;
  const next = cuts.find((cut) => cut > playhead.frameIndex);
  return { first, last: next === undefined ? null : next - 1 };
}

/** The first frame of the shot before or after; beyond the last cut the end of the clip. */
function goToCut({ store, player }: Studio, direction: 1 | -1): void {
  const { playhead, cuts } = store.value;
  const frames = [0, ...cuts, Number.MAX_SAFE_INTEGER];
  const target =
    direction === 1
      ? frames.find((frame) => frame > playhead.frameIndex)
      : frames.findLast((frame) => frame < playhead.frameIndex);
  if (target !== undefined) player.seek(target);
}

/** The nearest frame before or after this one on which the selected object, or any, was prompted. */
function goToPrompt({ store, player }: Studio, direction: 1 | -1): void {
  const { session, selectedObject, playhead } = store.value;
  const frames = (session?.state.prompts ?? [])
    .filter(({ prompt }) => selectedObject === null || ('objectId' in prompt && prompt.objectId === selectedObject))
    .map(({ prompt }) => prompt.frameIndex as number)
    .sort((a, b) => a - b);
  const target =
    direction === 1
      ? frames.find((frame) => frame > playhead.frameIndex)
      : frames.findLast((frame) => frame < playhead.frameIndex);
  if (target !== undefined) player.seek(target);
}
