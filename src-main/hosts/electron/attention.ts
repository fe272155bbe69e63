import type { BrowserWindow, Notification, PowerSaveBlocker } from 'electron';
import type { PageReport } from '../../../src-shared/contract/desktop-messages.ts';

type Job = Extract<PageReport, { kind: 'job' }>['job'];

/** Electron's own signs of a progress bar: unknown how long, and none. */
const [INDETERMINATE, NOTHING] = [2, -1];

/** What the system shows of work in a window: progress in the taskbar, no sleep meanwhile, a word at the end when nobody looks. */
export class Attention {
  readonly #powerSaveBlocker: PowerSaveBlocker;
  readonly #Notification: typeof Notification;
  readonly #working = new Set<BrowserWindow>();
  #blockerId: number | null = null;
  #lastTold = '';

  constructor(powerSaveBlocker: PowerSaveBlocker, notification: typeof Notification) {
    this.#powerSaveBlocker = powerSaveBlocker;
    this.#Notification = notification;
  }

  follow(window: BrowserWindow, job: Job): void {
    const share = job === null ? NOTHING : (job.share ?? INDETERMINATE);
    if (!window.isDestroyed()) window.setProgressBar(share);
    if (job === null) this.#working.delete(window);
    else this.#working.add(window);
    if (this.#working.size > 0 && this.#blockerId === null) {
      this.#blockerId = this.#powerSaveBlocker.start('prevent-app-suspension');
    } else if (this.#working.size === 0 && this.#blockerId !== null) {
      this.#powerSaveBlocker.stop(this.#blockerId);
      this.#blockerId = null;
    }
  }

  tell(window: BrowserWindow, title: string, body: string): void {
    // The queue is every window's: within seconds each of them tells when a job of it is through.
    const told = `${title}\n${body}`;
    if (window.isFocused() || told === this.#lastTold || !this.#Notification.isSupported()) return;
    this.#lastTold = told;
    setTimeout(() => (this.#lastTold = ''), 3000).unref();
    const notification = new this.#Notification({ title, body });
    notification.on('click', () => window.isDestroyed() || window.show());
    notification.show();
  }
}
