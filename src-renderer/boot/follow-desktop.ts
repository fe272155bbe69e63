import type { PageReport } from '../../src-shared/contract/desktop-messages.ts';
import { isOffered } from '../commands/command.ts';
import { commandById } from '../commands/commands.ts';
import { desktopMenu } from '../commands/desktop-menu.ts';
import type { DesktopWindow } from '../host/host.ts';
import { nameOf } from '../state/name-of.ts';
import type { Studio } from '../state/studio.ts';
import type { StudioState } from '../state/studio-state.ts';
import { createTranslate } from '../ui/i18n/messages.ts';

/** Keeps the window in step with the page: its menu, its progress, a word when work is done; and does what the window asks. */
export function followDesktop(studio: Studio, desktop: DesktopWindow): void {
  const said = new Map<PageReport['kind'], string>();
  const report = (next: PageReport) => {
    const text = JSON.stringify(next);
    if (said.get(next.kind) === text) return;
    said.set(next.kind, text);
    desktop.report(next);
  };
  let lastNotice = 0;
  const tell = () => {
    const state = studio.store.value;
    const t = createTranslate(state.settings.language);
    report({ kind: 'menu', menu: desktopMenu(state, t) });
    report({ kind: 'job', job: jobOf(state) });
    const path = state.session?.state.sessionPath;
    if (path !== undefined) report({ kind: 'opened', path, title: nameOf(path) });
    for (const { id, tone, title, values, path: written } of state.notices) {
      if (id <= lastNotice) continue;
      lastNotice = id;
      if (tone === 'success')
        report({ kind: 'finished', title: t(title, values), body: nameOf(written ?? path ?? '') });
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

function jobOf({ job }: StudioState): { readonly share: number | null } | null {
  if (job === null) return null;
  const [done, total] = job.kind === 'track' ? [job.framesDone, job.frameCount] : [job.done, job.total];
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
