import { brushOf } from '../state/brush.ts';
import type { Studio } from '../state/studio.ts';
import type { StudioState, ToolName } from '../state/studio-state.ts';
import { both, type Command, hasSession } from './command.ts';

const LEAST_RADIUS = 1;
const BRUSH_STEP = 1.25;

const isPainting = ({ session, tool }: StudioState): boolean =>
  session !== null && (tool === 'brush' || tool === 'eraser');

const tool = (name: ToolName, keys: readonly string[], title: Command['title']): Command => ({
  id: `tool-${name}`,
  group: 'prompt',
  title,
  keys: both(...keys),
  when: hasSession,
  run: (studio) => {
    studio.pen.cancel();
    studio.store.patch({ tool: name, corner: null, selectedPrompt: null });
  },
});

/** Tools of the viewer. While brush or eraser are in hand, the square brackets are theirs. */
export const toolCommands: readonly Command[] = [
  {
    id: 'brush-smaller',
    group: 'prompt',
    title: 'command.brushSmaller',
    keys: both('['),
    modal: true,
    when: isPainting,
    run: (studio) => resizeBrush(studio, 1 / BRUSH_STEP),
  },
  {
    id: 'brush-larger',
    group: 'prompt',
    title: 'command.brushLarger',
    keys: both(']'),
    modal: true,
    when: isPainting,
    run: (studio) => resizeBrush(studio, BRUSH_STEP),
  },
  tool('select', ['q'], 'command.toolSelect'),
  tool('point', ['p'], 'command.toolPoint'),
  tool('box', ['b'], 'command.toolBox'),
  tool('brush', ['m'], 'command.toolBrush'),
  tool('eraser', ['e'], 'command.toolEraser'),
  tool('exemplar', ['Shift+e'], 'command.toolExemplar'),
  tool('hand', ['Shift+h'], 'command.toolHand'),
];

/** Brush and eraser, from one pixel to half the picture. */
export function resizeBrush({ store }: Studio, factor: number): void {
  const { session } = store.value;
  if (session === null) return;
  const most = session.state.video.height / 2;
  store.patch({ brushRadius: Math.min(most, Math.max(LEAST_RADIUS, brushOf(store.value).radius * factor)) });
}
