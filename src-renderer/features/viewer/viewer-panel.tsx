import type { ReactElement } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import type { OverlayMode, StudioState, ToolName } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { Choice, Slider } from '../../ui/choice.tsx';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import type { IconName } from '../../ui/icon.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { CoachMark } from './coach-mark.tsx';
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
    </div>
  );
}

function ToolButton({ name, icon }: { readonly name: ToolName; readonly icon: IconName }): ReactElement {
  const pressed = useStudioState((state) => state.tool === name);
  return <IconButton icon={icon} pressed={pressed} {...useCommand(`tool-${name}`)} />;
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
      {mode === 'fill' && (
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

/** One line that always tells what the next click does. */
function HintBar(): ReactElement {
  const t = useTranslate();
  const key = useStudioState(hintKey);
  const name = useStudioState(selectedName);
  const answering = useStudioState((state) => state.answering);
  return (
    <p className="hint-bar">
      <span className={`hint-dot ${answering ? 'busy' : ''}`} aria-hidden="true" />
      {t(key, { name })}
    </p>
  );
}

function hintKey({
  pointer,
  tool,
  selectedObject,
  excludeNext,
  session,
  overlay,
  selectedPrompt,
}: StudioState): MessageKey {
  if (overlay === 'off') return 'hint.overlayOff';
  if (pointer !== null) return 'hint.pointer';
  if (selectedPrompt !== null) return 'hint.prompt';
  if (tool === 'hand') return 'hint.hand';
  if (tool === 'select') return 'hint.select';
  if (tool === 'box') return selectedObject === null ? 'hint.boxNew' : 'hint.boxAdd';
  if (selectedObject === null) return session?.state.objects.length === 0 ? 'hint.first' : 'hint.new';
  return excludeNext ? 'hint.exclude' : 'hint.add';
}

function selectedName({ session, selectedObject }: StudioState): string {
  return session?.state.objects.find(({ objectId }) => objectId === selectedObject)?.name ?? '';
}
