import type { ReactElement } from 'react';
import { useCommand } from '../../commands/use-command.ts';
import type { TrackJob, WriteJob } from '../../state/studio-state.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { IconButton } from '../../ui/button.tsx';
import { secsText } from '../../ui/duration.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

/** What is running: how far, how long it still takes, and the way to stop it without losing anything. */
export function JobChip(): ReactElement {
  const job = useStudioState((state) => state.job);
  const writing = useStudioState((state) => state.writing);
  return (
    <>
      {writing !== null && <WriteChip job={writing} />}
      {job !== null && <TrackChip job={job} />}
    </>
  );
}

function TrackChip({ job }: { readonly job: TrackJob }): ReactElement {
  const t = useTranslate();
  const pause = useCommand('pause-track');
  const cancel = useCommand('cancel-track');
  const label =
    job.state === 'starting'
      ? t('job.starting')
      : job.state === 'stopping'
        ? t('job.stopping')
        : t('job.tracking', { done: job.framesDone, total: job.frameCount });
  return (
    <Progress
      label={label}
      done={job.framesDone}
      from={job.resumedFrames}
      total={job.frameCount}
      startedAtMillis={job.startedAtMillis}
    >
      <span className="job-actions">
        <IconButton icon="pause" size={16} {...pause} />
        <IconButton icon="stop" size={16} {...cancel} />
      </span>
    </Progress>
  );
}

function WriteChip({ job }: { readonly job: WriteJob }): ReactElement {
  const t = useTranslate();
  const { exporting } = useStudio();
  return (
    <Progress
      label={t(job.label, { done: job.done, total: job.total })}
      done={job.done}
      from={0}
      total={job.total}
      startedAtMillis={job.startedAtMillis}
    >
      <IconButton icon="close" size={16} label={t('job.cancel')} onClick={() => exporting.cancel()} />
    </Progress>
  );
}

function Progress({
  label,
  done,
  from,
  total,
  startedAtMillis,
  children,
}: {
  readonly label: string;
  readonly done: number;
  /** Done when the clock began. */
  readonly from: number;
  readonly total: number;
  readonly startedAtMillis: number;
  readonly children: ReactElement;
}): ReactElement {
  const t = useTranslate();
  const share = total === 0 ? null : Math.min(1, done / total);
  const elapsed = (performance.now() - startedAtMillis) / 1000;
  const left = share === null || done <= from ? null : (elapsed / (done - from)) * (total - done);
  return (
    <div className="job-chip" role="status">
      <div className="job-text">
        <span>{label}</span>
        {left !== null && <span className="chip-faint">{t('job.left', { time: secsText(left) })}</span>}
      </div>
      <progress value={share ?? undefined} max={1} aria-label={label} />
      {children}
    </div>
  );
}
