import type { Studio } from '../state/studio.ts';
import type { StudioState } from '../state/studio-state.ts';
import { boxBetween } from '../viewport/gestures/box-gesture.ts';
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
    run: (studio) => {
      const { store } = studio;
      const { session, pointer } = store.value;
      if (session === null) return;
      const { width, height } = session.state.video;
      studio.pen.cancel();
      store.patch({ pointer: pointer === null ? { x: width / 2, y: height / 2 } : null, corner: null });
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
    run: ({ store, pen }) => {
      if (pen.cancel()) return;
      if (store.value.corner === null) store.patch({ pointer: null });
      else store.patch({ corner: null });
    },
  },
];

function movePointer({ store, pen }: Studio, dx: number, dy: number, fine: boolean): void {
  const { session, pointer } = store.value;
  if (session === null || pointer === null) return;
  const { width, height } = session.state.video;
  const step = fine ? 1 : width / STEPS_ACROSS;
  const inside = (value: number, side: number) => Math.min(side - 0.5, Math.max(0.5, value));
  const next = { x: inside(pointer.x + dx * step, width), y: inside(pointer.y + dy * step, height) };
  store.patch({ pointer: next });
  pen.move(next);
}

/** What the tool in hand does at the crosshair: a click, a corner of a box, the brush down or up. */
function place(studio: Studio, include: boolean): void {
  const { store, prompting, pen } = studio;
  const { pointer, tool } = store.value;
  if (pointer === null) return;
  if (tool === 'brush' || tool === 'eraser') pen.press(pointer, (tool === 'eraser') === include);
  else if (tool === 'box' || tool === 'exemplar') placeCorner(studio, include);
  else prompting.addPoint(pointer, include);
}

function placeCorner({ store, prompting, concepts }: Studio, include: boolean): void {
  const { session, pointer, corner, tool } = store.value;
  if (session === null || pointer === null) return;
  if (corner === null) {
    store.patch({ corner: pointer });
    return;
  }
  const box = boxBetween(corner, pointer, session.state.video);
  store.patch({ corner: null });
  if (box === null) return;
  if (tool === 'exemplar') void concepts.addExample(box, include);
  else prompting.addBox(box);
}
