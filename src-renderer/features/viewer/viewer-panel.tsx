import type { ReactElement } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import { brushOf } from '../../state/brush.ts';
import type { OverlayMode, StudioState, ToolName } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { Choice, Slider } from '../../ui/choice.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import type { IconName } from '../../ui/icon.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { CoachMark } from './coach-mark.tsx';
import { CompareBar } from './compare-bar.tsx';
import { ViewerCanvas } from './viewer-canvas.tsx';

/** The picture with everything around it: tools, badges, how masks are drawn, and what the next click will do. */
export function ViewerPanel(): ReactElement {
  const t = useTranslate();
  return (
    <section className="viewer" aria-label={t('viewer.title')}>
      <ToolStrip />
      <div className="viewer-stage">
        <ViewerCanvas />
        <Badges />
        <CoachMark />
        <CompareBar />
      </div>
      <div className="viewer-foot">
        <HintBar />
        <OverlayControls />
      </div>
    </section>
  );
}

const TOOLS: readonly { readonly name: ToolName; readonly icon: IconName }[] = [
  { name: 'select', icon: 'pointer' },
  { name: 'point', icon: 'target' },
  { name: 'box', icon: 'box' },
  { name: 'brush', icon: 'brush' },
  { name: 'eraser', icon: 'eraser' },
  { name: 'exemplar', icon: 'example' },
  { name: 'hand', icon: 'hand' },
];

function ToolStrip(): ReactElement {
  const t = useTranslate();
  return (
    <div className="tool-strip" role="toolbar" aria-orientation="vertical" aria-label={t('viewer.tools')}>
      {TOOLS.map(({ name, icon }) => (
        <ToolButton key={name} name={name} icon={icon} />
      ))}
      <hr />
      <FitButton />
      <ViewButton id="zoom-object" icon="zoom-object" />
      <FollowButton />
    </div>
  );
}

function ToolButton({ name, icon }: { readonly name: ToolName; readonly icon: IconName }): ReactElement {
  const pressed = useStudioState((state) => state.tool === name);
  return <IconButton icon={icon} pressed={pressed} {...useCommand(`tool-${name}`)} />;
}

function ViewButton({ id, icon }: { readonly id: string; readonly icon: IconName }): ReactElement {
  return <IconButton icon={icon} {...useCommand(id)} />;
}

function FollowButton(): ReactElement {
  const following = useStudioState((state) => state.follow);
  return <IconButton icon="follow" pressed={following} {...useCommand('follow-object')} />;
}

function FitButton(): ReactElement {
  return <IconButton icon="fit" {...useCommand('fit')} />;
}

/** What was done to the source to show it, one badge each; the sentence behind it is in the tooltip. */
function Badges(): ReactElement {
  const t = useTranslate();
  const video = useStudioState((state) => state.session?.state.video);
  const behind = useStudioState(
    (state) => state.shownFrame !== null && state.shownFrame !== state.playhead.frameIndex && state.playhead.rate === 0,
  );
  const badges: [string, string][] = [];
  if (behind) badges.push([t('badge.loading'), t('badge.loadingText')]);
  if (video?.variableFrameRate) badges.push(['VFR', t('badge.vfr')]);
  if (video?.hdr) badges.push(['HDR → SDR', t('badge.hdr')]);
  if (video !== undefined && video.rotation !== 0) {
    badges.push([t('badge.rotated', { degrees: video.rotation }), t('badge.rotatedText')]);
  }
  if (video?.interlaced) badges.push([t('badge.interlaced'), t('badge.interlacedText')]);
  if (video?.truncated) badges.push([t('badge.endsEarly'), video.truncated.reason]);
  return (
    <div className="badges">
      {badges.map(([label, text]) => (
        <Tooltip key={label} text={text}>
          <span className="badge">{label}</span>
        </Tooltip>
      ))}
    </div>
  );
}

const MODES: readonly { readonly value: OverlayMode; readonly label: MessageKey }[] = [
  { value: 'fill', label: 'overlay.fill' },
  { value: 'outline', label: 'overlay.outline' },
  { value: 'matte', label: 'overlay.matte' },
  { value: 'off', label: 'overlay.off' },
];

function OverlayControls(): ReactElement {
  const t = useTranslate();
  const { store } = useStudio();
  const mode = useStudioState((state) => state.overlay);
  const opacity = useStudioState((state) => state.opacity);
  const zoom = useStudioState((state) => state.zoomPercent);
  const painting = useStudioState(({ tool }) => tool === 'brush' || tool === 'eraser');
  const percent = Math.round(opacity * 100);
  return (
    <div className="overlay-controls">
      <Choice
        label={t('overlay.title')}
        hideLabel
        value={mode}
        options={MODES.map(({ value, label }) => ({ value, label: t(label) }))}
        onChange={(overlay) => store.patch({ overlay })}
      />
      {painting && <BrushSize />}
      {mode === 'fill' && !painting && (
        <Slider
          label={t('overlay.opacity')}
          hideLabel
          min={10}
          max={100}
          step={5}
          value={percent}
          text={`${percent} %`}
          onChange={(value) => store.patch({ opacity: value / 100 })}
        />
      )}
      <span className="zoom-readout">{zoom} %</span>
    </div>
  );
}

/** Only while brush or eraser are in hand. */
function BrushSize(): ReactElement {
  const t = useTranslate();
  const { store } = useStudio();
  const radius = useStudioState((state) => Math.round(brushOf(state).radius));
  const most = useStudioState((state) => Math.round((state.session?.state.video.height ?? 0) / 4));
  return (
    <Slider
      label={t('brush.size')}
      hideLabel
      min={1}
      max={most}
      step={1}
      value={Math.min(most, radius)}
      text={`${2 * radius} px`}
      onChange={(value) => store.patch({ brushRadius: value })}
    />
  );
}

/** One line that always tells what the next click does. */
function HintBar(): ReactElement {
  const t = useTranslate();
  const key = useStudioState(hintKey);
  const name = useStudioState(selectedName);
  const answering = useStudioState((state) => state.answering);
  return (
    <p className="hint-bar">
      <span className={`hint-dot ${answering ? 'busy' : ''}`} aria-hidden="true" />
      <span className="hint-text">{t(key, { name })}</span>
    </p>
  );
}

const POINTER_HINTS: Readonly<Partial<Record<ToolName, readonly [MessageKey, MessageKey]>>> = {
  box: ['hint.pointerBox', 'hint.pointerBoxEnd'],
  exemplar: ['hint.pointerExample', 'hint.pointerExampleEnd'],
  brush: ['hint.pointerBrush', 'hint.pointerBrushDown'],
  eraser: ['hint.pointerEraser', 'hint.pointerEraserDown'],
};

function hintKey(state: StudioState): MessageKey {
  const { pointer, tool, selectedObject, excludeNext, session, overlay, selectedPrompt, corner, penDown } = state;
  if (overlay === 'off') return 'hint.overlayOff';
  if (pointer !== null) return POINTER_HINTS[tool]?.[corner !== null || penDown ? 1 : 0] ?? 'hint.pointer';
  if (selectedPrompt !== null) return 'hint.prompt';
  if (tool === 'brush') return selectedObject === null ? 'hint.brushNew' : 'hint.brush';
  if (tool === 'eraser') return selectedObject === null ? 'hint.eraserNone' : 'hint.eraser';
  if (tool === 'exemplar') return exampleHint(state);
  if (tool === 'hand') return 'hint.hand';
  if (tool === 'select') return 'hint.select';
  if (tool === 'box') return selectedObject === null ? 'hint.boxNew' : 'hint.boxAdd';
  if (selectedObject === null) return session?.state.objects.length === 0 ? 'hint.first' : 'hint.new';
  return excludeNext ? 'hint.exclude' : 'hint.add';
}

function exampleHint({ session, model }: StudioState): MessageKey {
  if (model !== null && model.whyNoConcepts !== null) return 'hint.exampleUnsupported';
  return session?.state.concepts.length === 0 ? 'hint.exampleFirst' : 'hint.example';
}

function selectedName({ session, selectedObject, selectedConcept, tool }: StudioState): string {
  if (tool === 'exemplar') {
    const concepts = session?.state.concepts ?? [];
    return (concepts.find(({ conceptId }) => conceptId === selectedConcept) ?? concepts.at(-1))?.phrase ?? '';
  }
  return session?.state.objects.find(({ objectId }) => objectId === selectedObject)?.name ?? '';
}
