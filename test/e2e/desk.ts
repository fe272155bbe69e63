import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { StudioPage } from './studio-page.ts';

/** The machine may be busy with other work. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 120_000 });

/** One studio with what tracking and correcting read from it, by keys. */
export class Desk implements AsyncDisposable {
  readonly studio: StudioPage;

  private constructor(studio: StudioPage) {
    this.studio = studio;
    studio.page.setDefaultTimeout(120_000);
  }

  static on(studio: StudioPage): Desk {
    return new Desk(studio);
  }

  static async open(chromium: string, settings: object = {}): Promise<Desk> {
    const desk = new Desk(await StudioPage.start(chromium, { settings }));
    await desk.studio.openSample();
    await desk.studio.page.locator('.chip .chip-faint').waitFor();
    return desk;
  }

  key(name: string): Promise<void> {
    return this.studio.page.keyboard.press(name);
  }
  async keys(...names: string[]): Promise<void> {
    for (const name of names) await this.key(name);
  }
  times(count: number, name: string): Promise<void> {
    return this.keys(...Array.from({ length: count }, () => name));
  }
  /** Places a prompt by keys, from the middle of a 1280x720 picture in steps of a fiftieth of its width. */
  async pointAt(x: number, y: number, place: string): Promise<void> {
    const step = 1280 / 50;
    const [right, down] = [Math.round((x - 640) / step), Math.round((y - 360) / step)];
    await this.key('`');
    await this.times(Math.abs(right), right < 0 ? 'ArrowLeft' : 'ArrowRight');
    await this.times(Math.abs(down), down < 0 ? 'ArrowUp' : 'ArrowDown');
    await this.key(place);
    await this.studio.answered();
    await this.key('Escape');
  }
  /** Tab goes forward through the page until it is there. */
  async tabTo(control: Locator): Promise<void> {
    await control.waitFor();
    const isThere = () => control.evaluate((element) => element === document.activeElement);
    for (let tabs = 0; tabs < 80 && !(await isThere()); tabs++) await this.key('Tab');
    expect(await isThere(), 'the control is reached by Tab').toBe(true);
  }
  /** Opens a file of a folder from the open sheet without a mouse. */
  async openByKeys(folder: string, name: string): Promise<void> {
    const { page } = this.studio;
    await this.key('Control+o');
    await this.tabTo(page.getByLabel('Folder', { exact: true }));
    await this.key('Control+a');
    await page.keyboard.type(folder);
    await this.key('Enter');
    await this.tabTo(page.getByRole('button', { name }));
    await this.key('Enter');
    await this.studio.shown();
  }
  states(): Promise<string[]> {
    return this.studio.page.locator('.state-word').allTextContents();
  }
  hint(): Promise<string | null> {
    return this.studio.page.locator('.hint-bar').textContent();
  }
  get bar() {
    return this.studio.page.locator('.compare-bar');
  }
  /** Tracks forward over the first 31 frames and goes to frame 10. */
  async trackStart(): Promise<void> {
    await this.keys('Home', 'i', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'o', 'Home');
    await this.run('f');
    await this.keys('Alt+x', 'Shift+ArrowRight');
    await this.studio.shown();
  }
  /** Presses the key of a run and waits for its end; what was said about it then. */
  async run(name: string): Promise<string | null> {
    const done = this.studio.page.locator('.notice-success');
    // The word about the run before goes by itself.
    while ((await done.count()) > 0) await done.first().waitFor({ state: 'detached' });
    await this.key(name);
    await done.first().waitFor({ timeout: 300_000 });
    const said = await done.first().textContent();
    await this.studio.page.locator('.job-chip').waitFor({ state: 'detached' });
    return said;
  }
  /** What was said about the selected object. */
  prompts(): Promise<string[]> {
    return this.studio.page.locator('.prompt-list li').allTextContents();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.studio[Symbol.asyncDispose]();
  }
}
