import type { Studio } from '../state/studio.ts';
import type { StudioState } from '../state/studio-state.ts';
import { both, type Command, hasSession } from './command.ts';

/** Steps across the picture's width: about fifty presses from side to side, or one pixel at a time. */
const STEPS_ACROSS = 50;

const isPointing = ({ session, pointer }: StudioState): boolean => session !== null && pointer !== null;

const move = (key: string, dx: number, dy: number, fine: boolean, title: Command['title']): Command => ({
  id: `pointer-${fine ? 'fine-' : ''}${key}`,
  group: 'pointer',
  title,
  keys: both(fine ? `Shift+${key}` : key),
  when: isPointing,
  run: (studio) => movePointer(studio, dx, dy, fine),
});

/** Placing prompts without a mouse. While the pointer is out its keys come before all others. */
export const pointerCommands: readonly Command[] = [
  {
    id: 'pointer',
    group: 'pointer',
    title: 'command.pointer',
    keys: both('`'),
    when: hasSession,
    run: ({ store }) => {
      const { session, pointer } = store.value;
      if (session === null) return;
      const { width, height } = session.state.video;
      store.patch({ pointer: pointer === null ? { x: width / 2, y: height / 2 } : null });
    },
  },
  move('ArrowLeft', -1, 0, false, 'command.pointerMove'),
  move('ArrowRight', 1, 0, false, 'command.pointerMove'),
  move('ArrowUp', 0, -1, false, 'command.pointerMove'),
  move('ArrowDown', 0, 1, false, 'command.pointerMove'),
  move('ArrowLeft', -1, 0, true, 'command.pointerMoveFine'),
  move('ArrowRight', 1, 0, true, 'command.pointerMoveFine'),
  move('ArrowUp', 0, -1, true, 'command.pointerMoveFine'),
  move('ArrowDown', 0, 1, true, 'command.pointerMoveFine'),
  {
    id: 'pointer-include',
    edits: true,
    group: 'pointer',
    title: 'command.pointerInclude',
    keys: both('Enter'),
    when: isPointing,
    run: (studio) => place(studio, true),
  },
  {
    id: 'pointer-exclude',
    edits: true,
    group: 'pointer',
    title: 'command.pointerExclude',
    keys: both('Shift+Enter'),
    when: isPointing,
    run: (studio) => place(studio, false),
  },
  {
    id: 'pointer-away',
    group: 'pointer',
    title: 'command.pointerAway',
    keys: both('Escape'),
    when: isPointing,
    run: ({ store }) => store.patch({ pointer: null }),
  },
];

function movePointer({ store }: Studio, dx: number, dy: number, fine: boolean): void {
  const { session, pointer } = store.value;
  if (session === null || pointer === null) return;
  const { width, height } = session.state.video;
  const step = fine ? 1 : width / STEPS_ACROSS;
  const inside = (value: number, side: number) => Math.min(side - 0.5, Math.max(0.5, value));
  store.patch({ pointer: { x: inside(pointer.x + dx * step, width), y: inside(pointer.y + dy * step, height) } });
}

function place({ store, prompting }: Studio, include: boolean): void {
  const { pointer } = store.value;
  if (pointer !== null) prompting.addPoint(pointer, include);
}
