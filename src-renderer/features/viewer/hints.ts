import { isViewer } from '../../state/edit-rules.ts';
import type { StudioState, ToolName } from '../../state/studio-state.ts';
import type { MessageKey } from '../../ui/i18n/messages.ts';

const POINTER_HINTS: Readonly<Partial<Record<ToolName, readonly [MessageKey, MessageKey]>>> = {
  box: ['hint.pointerBox', 'hint.pointerBoxEnd'],
  exemplar: ['hint.pointerExample', 'hint.pointerExampleEnd'],
  brush: ['hint.pointerBrush', 'hint.pointerBrushDown'],
  eraser: ['hint.pointerEraser', 'hint.pointerEraserDown'],
};

/** What the next click does, as sentences that follow each other. */
export function hintsOf(state: StudioState): readonly MessageKey[] {
  if (isViewer(state)) return ['hint.viewer'];
  const next = nextClick(state);
  return state.overlay === 'off' ? [next, 'hint.overlayOff'] : [next];
}

function nextClick(state: StudioState): MessageKey {
  const { pointer, tool, session, selectedObject, excludeNext, corner, penDown } = state;
  if (tool === 'hand' && pointer === null) return 'hint.hand';
  if (tool === 'select' && pointer === null) return 'hint.select';
  if (tool === 'exemplar' && pointer === null) return exampleHint(state);
  const selected = session?.state.objects.find(({ objectId }) => objectId === selectedObject);
  if (tool !== 'exemplar' && selected?.locked === true) return 'hint.locked';
  if (pointer !== null) return POINTER_HINTS[tool]?.[corner !== null || penDown ? 1 : 0] ?? 'hint.pointer';
  if (tool === 'brush') return selected === undefined ? 'hint.brushNew' : 'hint.brush';
  if (tool === 'eraser') return selected === undefined ? 'hint.eraserNone' : 'hint.eraser';
  if (state.selectedPrompt !== null || state.overMarker) return 'hint.prompt';
  if (tool === 'box') return selected === undefined ? 'hint.boxNew' : 'hint.boxAdd';
  if (selected === undefined) return session?.state.objects.length === 0 ? 'hint.first' : 'hint.new';
  return excludeNext ? 'hint.exclude' : 'hint.add';
}

function exampleHint({ session, model }: StudioState): MessageKey {
  if (model !== null && model.whyNoConcepts !== null) return 'hint.exampleUnsupported';
  return session?.state.concepts.length === 0 ? 'hint.exampleFirst' : 'hint.example';
}

/** Whom the sentences name: the selected object, or the concept that an example is about. */
export function hintedName({ session, selectedObject, selectedConcept, tool }: StudioState): string {
  if (tool === 'exemplar') {
    const concepts = session?.state.concepts ?? [];
    return (concepts.find(({ conceptId }) => conceptId === selectedConcept) ?? concepts.at(-1))?.phrase ?? '';
  }
  return session?.state.objects.find(({ objectId }) => objectId === selectedObject)?.name ?? '';
}
