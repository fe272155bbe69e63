import type { ReactElement } from 'react';
import { formatSecs, ticksToSecs } from '../../../src-shared/time/timebase.ts';
import { useCommand } from '../../commands/use-command.ts';
import { isBusy } from '../../state/edit-rules.ts';
import { previewOf } from '../../state/run-preview.ts';
import type { TimeSpan } from '../../state/run-speeds.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { secsText } from '../../ui/duration.ts';
import type { Translate } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import type { IconName } from '../../ui/icon.tsx';

/** Moving through the clip on the left, tracking on the right. */
export function Transport(): ReactElement {
  const t = useTranslate();
  const playing = useStudioState((state) => state.playhead.rate !== 0);
  const looping = useStudioState((state) => state.looping);
  return (
    <div className="transport" role="toolbar" aria-label={t('transport.title')}>
      <div className="transport-part">
        <CommandIcon id="clip-start" icon="first" />
        <CommandIcon id="step-back" icon="step-back" />
        <span className="play-button">
          <CommandIcon id="play" icon={playing ? 'pause' : 'play'} />
        </span>
        <CommandIcon id="step-forward" icon="step-forward" />
        <CommandIcon id="clip-end" icon="last" />
        <CommandIcon id="loop" icon="loop" pressed={looping} />
        <Volume />
        <Timecode />
      </div>
      <div className="transport-part">
        <Marks />
      </div>
      <span className="bar-stretch" />
      <PlannerLine />
      <fieldset className="transport-part track-buttons" aria-label={t('transport.track')}>
        <CommandIcon id="track-backward" icon="track-backward" />
        <CommandIcon id="track-back-one" icon="track-one-backward" />
        <CommandIcon id="track-forward-one" icon="track-one-forward" />
        <CommandIcon id="track-forward" icon="track-forward" />
        <TrackBoth />
      </fieldset>
    </div>
  );
}

function CommandIcon({
  id,
  icon,
  pressed,
}: {
  readonly id: string;
  readonly icon: IconName;
  readonly pressed?: boolean;
}): ReactElement {
  return <IconButton icon={icon} pressed={pressed} {...useCommand(id)} />;
}

/** Nothing to show for a clip without sound. */
function Volume(): ReactElement | null {
  const t = useTranslate();
  const { changeSettings } = useStudio();
  const hasSound = useStudioState((state) => (state.session?.state.video.audio.length ?? 0) > 0);
  const { muted, volume } = useStudioState((state) => state.settings);
  const mute = useCommand('mute');
  if (!hasSound) return null;
  return (
    <span className="volume">
      <IconButton icon={muted || volume === 0 ? 'sound-off' : 'sound'} pressed={muted} {...mute} />
      <input
        type="range"
        min={0}
        max={100}
        value={muted ? 0 : Math.round(volume * 100)}
        aria-label={t('transport.volume')}
        title={t('transport.volume')}
        onChange={(event) => changeSettings({ volume: Number(event.target.value) / 100, muted: false })}
      />
    </span>
  );
}

function TrackBoth(): ReactElement {
  const t = useTranslate();
  const both = useCommand('track-both');
  const resume = useCommand('resume-track');
  const paused = useStudioState((state) => state.paused);
  if (paused !== null && !resume.disabled) {
    return (
      <Button look="primary" icon="play" label={t('transport.resume')} onClick={resume.onClick} title={resume.keys} />
    );
  }
  return (
    <Button
      look="primary"
      icon="track-both"
      label={t('transport.trackBoth')}
      disabled={both.disabled}
      onClick={both.onClick}
      title={`${both.label} (${both.keys})`}
    />
  );
}

function Timecode(): ReactElement | null {
  const t = useTranslate();
  const session = useStudioState((state) => state.session);
  const frame = useStudioState((state) => state.playhead.frameIndex);
  const first = useStudioState((state) => state.settings.firstFrameNumber);
  const rate = useStudioState((state) => state.playhead.rate);
  if (session === null) return null;
  const { video } = session.state;
  const secs = ticksToSecs(session.times.pts[frame] - video.firstPts, video.timebase);
  return (
    <div className="timecode" title={t('transport.position')}>
      <strong>
        {formatSecs(secs)}
        {Math.abs(rate) > 1 || rate < 0 ? <em>{`${rate < 0 ? '−' : ''}${Math.abs(rate)}×`}</em> : null}
      </strong>
      <span>
        {frame + first} / {video.frameCount - 1 + first}
      </span>
    </div>
  );
}

function Marks(): ReactElement {
  const t = useTranslate();
  const { player } = useStudio();
  const marks = useStudioState((state) => state.marks);
  const first = useStudioState((state) => state.settings.firstFrameNumber);
  const markIn = useCommand('mark-in');
  const markOut = useCommand('mark-out');
  const clear = useCommand('clear-marks');
  const text = (frame: number | null) => (frame === null ? '–' : String(frame + first));
  return (
    <>
      <button
        type="button"
        className="mark-button"
        title={`${markIn.label} (${markIn.keys})`}
        onClick={markIn.onClick}
        onDoubleClick={() => marks.first !== null && player.seek(marks.first)}
      >
        <span>{t('transport.in')}</span>
        <strong>{text(marks.first)}</strong>
      </button>
      <button
        type="button"
        className="mark-button"
        title={`${markOut.label} (${markOut.keys})`}
        onClick={markOut.onClick}
        onDoubleClick={() => marks.last !== null && player.seek(marks.last)}
      >
        <span>{t('transport.out')}</span>
        <strong>{text(marks.last)}</strong>
      </button>
      {!clear.disabled && <IconButton icon="close" size={16} {...clear} />}
    </>
  );
}

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** What pressing Track would do, before it is pressed. */
function PlannerLine(): ReactElement | null {
  const t = useTranslate();
  const { store, sessions } = useStudio();
  const isOpen = useStudioState((state) => state.session !== null);
  const outlook = useStudioState((state) => state.outlook);
  const busy = useStudioState(isBusy);
  const paused = useStudioState((state) => state.paused);
  if (!isOpen || busy) return null;
  if (paused !== null) {
    const key = paused.reason === 'interrupted' ? 'planner.interrupted' : 'planner.paused';
    return <p className="planner">{t(key, { done: paused.framesDone, total: paused.frameCount })}</p>;
  }
  if (outlook === null) return null;
  if (outlook.kind === 'outside') return <p className="planner">{t('planner.outside')}</p>;
  const { frames, objects, concepts, time, bytes } = previewOf(outlook.plan, store.value, sessions.media, localStorage);
  if (objects + concepts === 0) return <p className="planner">{t('planner.upToDate')}</p>;
  return (
    <p className="planner">
      {t('planner.line', { frames, objects, concepts })} · {timeText(t, time)} ·{' '}
      {t('planner.disk', { size: sizeText(bytes) })}
    </p>
  );
}

function timeText(t: Translate, time: TimeSpan | null): string {
  if (time === null) return t('planner.unknownTime');
  const [least, most] = [secsText(time.least), secsText(time.most)];
  return least === most ? t('planner.time', { time: most }) : t('planner.timeBetween', { least, most });
}
