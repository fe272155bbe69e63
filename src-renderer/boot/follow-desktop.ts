import type { PageReport } from '../../src-shared/contract/desktop-messages.ts';
import type { JobStateName } from '../../src-shared/contract/job-contract.ts';
import { isOffered } from '../commands/command.ts';
import { commandById } from '../commands/commands.ts';
import { desktopMenu } from '../commands/desktop-menu.ts';
import type { DesktopWindow } from '../host/host.ts';
import { jobTitles } from '../state/job-titles.ts';
import { nameOf } from '../state/name-of.ts';
import type { Studio } from '../state/studio.ts';
import type { StudioState } from '../state/studio-state.ts';
import { createTranslate } from '../ui/i18n/messages.ts';

/** Of a notice's text, what the window takes. */
const MOST_SIGNS = 500;

/** Keeps the window in step with the page: its menu, its progress, a word when work is done; and does what the window asks. */
export function followDesktop(studio: Studio, desktop: DesktopWindow): void {
  const said = new Map<PageReport['kind'], string>();
  const report = (next: PageReport) => {
    const text = JSON.stringify(next);
    if (next.kind !== 'finished' && said.get(next.kind) === text) return;
    said.set(next.kind, text);
    desktop.report(next);
  };
  let lastNotice = 0;
  const queued = new Map<string, JobStateName>();
  const tell = () => {
    const state = studio.store.value;
    const t = createTranslate(state.settings.language);
    report({ kind: 'menu', menu: desktopMenu(state, t) });
    report({ kind: 'job', job: jobOf(state) });
    const path = state.session?.state.sessionPath ?? null;
    const title = path === null ? t('app.name') : `${nameOf(path)} - ${t('app.name')}`;
    report({ kind: 'opened', path, title: title.slice(0, MOST_SIGNS) });
    for (const { id, tone, title: titleKey, values, detail, path: written } of state.notices) {
      if (id <= lastNotice) continue;
      lastNotice = id;
      const body = detail ?? nameOf(written ?? path ?? '');
      if (tone === 'success' || tone === 'error')
        report({ kind: 'finished', title: t(titleKey, values), body: body.slice(0, MOST_SIGNS) });
    }
    for (const { jobId, state: now, procedure, sessionPath, outPath } of state.jobs ?? []) {
      const ended = queued.get(jobId) === 'running' && (now === 'done' || now === 'failed');
      queued.set(jobId, now);
      // On the home screen a job that failed is a notice already.
      if (!ended || (now === 'failed' && state.session === null)) continue;
      const ending = `${t(jobTitles[procedure])} · ${t(now === 'done' ? 'queue.done' : 'queue.failed')}`;
      report({ kind: 'finished', title: ending, body: nameOf(outPath ?? sessionPath) });
    }
  };
  studio.store.subscribe(coalesced(tell));
  tell();
  desktop.onEvent((event) => {
    if (event.kind === 'open') void studio.sessions.openPath(event.path);
    else if (event.kind === 'engine-stopped') studio.store.patch({ lostReason: event.reason });
    else {
      const command = commandById(event.id);
      if (isOffered(command, studio.store.value)) void studio.notices.guard(async () => command.run(studio));
    }
  });
}

/** The work of this window, else what the queue is at. */
function jobOf({ job, writing, jobs }: StudioState): { readonly share: number | null } | null {
  const running = job ?? writing ?? jobs?.find(({ state }) => state === 'running') ?? null;
  if (running === null) return null;
  const [done, total] =
    'framesDone' in running ? [running.framesDone, running.frameCount] : [running.done, running.total];
  return { share: total > 0 ? Math.min(1, Math.round((done / total) * 100) / 100) : null };
}

/** Playing changes the state with every frame: a few words a second are enough for a menu. */
function coalesced(work: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      work();
    }, 100);
  };
}
