import { type ReactElement, useState } from 'react';
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
import { hintedName, hintsOf } from './hints.ts';
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
  const near = useStudioState(nearFrame);
  const badges: [string, string][] = [];
  if (video?.variableFrameRate) badges.push(['VFR', t('badge.vfr')]);
  if (video?.hdr) badges.push(['HDR → SDR', t('badge.hdr')]);
  if (video !== undefined && video.rotation !== 0) {
    badges.push([t('badge.rotated', { degrees: video.rotation }), t('badge.rotatedText')]);
  }
  if (video?.interlaced) badges.push([t('badge.interlaced'), t('badge.interlacedText')]);
  if (video?.truncated) badges.push([t('badge.endsEarly'), video.truncated.reason]);
  return (
    <div className="badges">
      {near !== null && (
        <Tooltip text={t('badge.nearText')}>
          <span className="badge near" role="status">
            {t('badge.near', { frame: near })}
          </span>
        </Tooltip>
      )}
      {badges.map(([label, text]) => (
        <Tooltip key={label} text={text}>
          <span className="badge">{label}</span>
        </Tooltip>
      ))}
    </div>
  );
}

/** Number of the frame that stands for the one a person is on; null: it is that one. */
function nearFrame({ shownFrame, roughFrame, playhead, settings }: StudioState): number | null {
  if (shownFrame === null || playhead.rate !== 0) return null;
  return shownFrame === playhead.frameIndex && !roughFrame ? null : shownFrame + settings.firstFrameNumber;
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
  const [open, setOpen] = useState(false);
  const cycle = useCommand('cycle-overlay');
  return (
    <div className="overlay-controls">
      {/* Only where there is no room for them beside the hint. */}
      <span className="overlay-toggle">
        <IconButton icon="layers" label={t('overlay.title')} aria-expanded={open} onClick={() => setOpen(!open)} />
      </span>
      <div className={`overlay-choices ${open ? 'open' : ''}`}>
        <Tooltip text={cycle.label} keys={cycle.keys}>
          <Choice
            label={t('overlay.title')}
            hideLabel
            value={mode}
            options={MODES.map(({ value, label }) => ({ value, label: t(label) }))}
            onChange={(overlay) => store.patch({ overlay })}
          />
        </Tooltip>
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
      </div>
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
  const keys = useStudioState((state) => hintsOf(state).join(' '));
  const name = useStudioState(hintedName);
  const answering = useStudioState((state) => state.answering);
  return (
    <p className="hint-bar">
      <span className={`hint-dot ${answering ? 'busy' : ''}`} aria-hidden="true" />
      <span className="hint-text">{(keys.split(' ') as MessageKey[]).map((key) => t(key, { name })).join(' ')}</span>
    </p>
  );
}
