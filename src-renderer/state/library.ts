import type { Desk } from './desk.ts';
import { nameOf } from './name-of.ts';

/** Sessions as files: what the home screen does with those that are not on the desk. */
export class Library {
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** The library, newest first, and how much lies in the trash. */
  async refresh(): Promise<void> {
    const { client, store } = this.#desk;
    const [sessions, trash] = await Promise.all([client().listSessions({ folder: null }), client().listTrash({})]);
    store.patch({ sessions: [...sessions].sort((a, b) => b.changedAtMillis - a.changedAtMillis), trash });
  }

  async rename(sessionPath: string, name: string): Promise<void> {
    if (name.trim() === '' || name.trim() === sessionName(sessionPath)) return;
    await this.#change(() => this.#desk.client().renameSession({ sessionPath, name }));
  }

  async duplicate(sessionPath: string): Promise<void> {
    await this.#change(() => this.#desk.client().duplicateSession({ sessionPath }));
  }

  /** At once, with a way back: nothing is asked that can be undone. */
  async trash(sessionPath: string): Promise<void> {
    await this.#change(async () => {
      const { trashedPath } = await this.#desk.client().trashSession({ sessionPath });
      this.#desk.notices.show({
        tone: 'success',
        title: 'notice.trashed',
        values: { name: sessionName(sessionPath) },
        action: { label: 'notice.putBack', run: () => this.restore(trashedPath) },
      });
    });
  }

  async restore(trashedPath: string): Promise<void> {
    await this.#change(() => this.#desk.client().restoreSession({ trashedPath }));
  }

  async purge(trashedPath: string): Promise<void> {
    await this.#change(() => this.#desk.client().purgeSession({ trashedPath }));
  }

  async #change(work: () => Promise<unknown>): Promise<void> {
    await this.#desk.notices.guard(async () => {
      try {
        await work();
      } finally {
        await this.refresh();
      }
    });
  }
}

/** What a session is called: its file's name without the ending, and without the stamp that it has in the trash. */
export function sessionName(path: string): string {
  return nameOf(path)
    .replace(/\.masklet$/, '')
    .replace(/^\d{13}-/, '');
}
