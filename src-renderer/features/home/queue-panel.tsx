import type { ReactElement } from 'react';
import type { QueuedJob } from '../../../src-shared/contract/job-contract.ts';
import { jobTitles } from '../../state/job-titles.ts';
import { sessionName } from '../../state/library.ts';
import { sentenceOf } from '../../state/notices.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { secsText } from '../../ui/duration.ts';
import type { MessageKey } from '../../ui/i18n/messages.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';

const ICONS: Readonly<Record<QueuedJob['procedure'], IconName>> = {
  track: 'track-both',
  render: 'film',
  exportDataset: 'export',
};

const STATES = {
  waiting: 'queue.waiting',
  running: 'queue.running',
  done: 'queue.done',
  failed: 'queue.failed',
  cancelled: 'queue.cancelled',
  interrupted: 'queue.interrupted',
} as const satisfies Record<QueuedJob['state'], MessageKey>;

/** Jobs in line, the running one first to see. They go on while the page is closed. */
export function QueuePanel(): ReactElement {
  const t = useTranslate();
  const { queue } = useStudio();
  const jobs = useStudioState((state) => state.jobs);
  const canTidy = jobs?.some(({ state }) => state === 'done' || state === 'cancelled') === true;
  return (
    <section className="queue" aria-label={t('queue.title')}>
      <header className="panel-head">
        <h2>{t('queue.title')}</h2>
        {jobs !== null && jobs.length > 0 && <span className="count">{jobs.length}</span>}
        <span className="bar-stretch" />
        {canTidy && <Button look="ghost" label={t('queue.tidy')} onClick={() => void queue.forget(null)} />}
      </header>
      {jobs === null ? (
        <p className="empty">{t('queue.elsewhere')}</p>
      ) : jobs.length === 0 ? (
        <div className="empty">
          <p className="empty-title">{t('queue.emptyTitle')}</p>
          <p>{t('queue.emptyText')}</p>
        </div>
      ) : (
        <ul className="job-list" aria-live="polite">
          {jobs.map((job) => (
            <JobRow key={job.jobId} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}

function JobRow({ job }: { readonly job: QueuedJob }): ReactElement {
  const t = useTranslate();
  const language = useStudioState(({ settings }) => settings.language);
  const { jobId, procedure, sessionPath, state, done, total, problem, outPath } = job;
  const share = total === 0 ? undefined : Math.min(1, done / total);
  const left =
    state === 'running' && job.startedAtMillis !== null && done > 0
      ? ((Date.now() - job.startedAtMillis) / 1000 / done) * (total - done)
      : null;
  return (
    <li className={`job-row job-${state}`}>
      <Icon name={ICONS[procedure]} size={18} />
      <div className="job-facts">
        <strong title={sessionPath}>{sessionName(sessionPath)}</strong>
        <span className="session-line faint">
          {t(jobTitles[procedure])} · <span className="job-state">{t(STATES[state])}</span>
          {state === 'running' && total > 0 && ` ${t('queue.frames', { done, total })}`}
          {left !== null && ` · ${t('job.left', { time: secsText(left) })}`}
        </span>
        {state === 'running' && <progress value={share} max={1} aria-label={t(jobTitles[procedure])} />}
        {problem !== null && <p className="job-problem">{sentenceOf(problem, language)}</p>}
        {outPath !== null && <p className="path">{outPath}</p>}
      </div>
      <JobButtons jobId={jobId} state={state} />
    </li>
  );
}

function JobButtons({ jobId, state }: Pick<QueuedJob, 'jobId' | 'state'>): ReactElement {
  const t = useTranslate();
  const { queue } = useStudio();
  if (state === 'waiting' || state === 'running') {
    return <IconButton icon="close" size={16} label={t('queue.cancel')} onClick={() => void queue.cancel(jobId)} />;
  }
  return (
    <span className="job-buttons">
      {state !== 'done' && (
        <IconButton
          icon="redo"
          size={16}
          label={t(state === 'interrupted' ? 'queue.resume' : 'queue.retry')}
          onClick={() => void queue.retry(jobId)}
        />
      )}
      <IconButton icon="close" size={16} label={t('queue.forget')} onClick={() => void queue.forget(jobId)} />
    </span>
  );
}
