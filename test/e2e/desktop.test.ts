import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDesktop, desktopIsStale } from '../../build-desktop.ts';
import { electronProgram } from '../../resources/packaging/electron-program.ts';
import { type DesktopApp, type DesktopHome, newHome, startAgain, startDesktop } from '../electron/desktop-app.ts';
import { securityChecks } from './desktop-security.ts';
import { StudioDesk } from './studio-desk.ts';
import { findChromium, sampleClip } from './studio-page.ts';

const chromium = findChromium();
const kind = electronProgram() === null ? 'the stand-in' : 'real Electron';
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 120_000 });

/** What the system was told, kept in the main process by patching Electron's own classes there. */
interface Told {
  readonly progress: number[];
  readonly notifications: string[];
  readonly recent: string[];
  readonly awake: string[];
}

function listen(app: DesktopApp): Promise<void> {
  return app.evaluate(({ BrowserWindow, Notification, powerSaveBlocker, app: main }) => {
    const told: Told = { progress: [], notifications: [], recent: [], awake: [] };
    (globalThis as { told?: Told }).told = told;
    BrowserWindow.prototype.setProgressBar = (share) => void told.progress.push(share);
    Notification.prototype.show = function () {
      told.notifications.push(this.title);
    };
    main.addRecentDocument = (path) => void told.recent.push(path);
    const { start } = powerSaveBlocker;
    powerSaveBlocker.start = (type) => {
      told.awake.push(type);
      return start.call(powerSaveBlocker, type);
    };
    powerSaveBlocker.stop = () => {
      told.awake.push('stop');
      return true;
    };
  }, null);
}
const toldTo = (app: DesktopApp) => app.evaluate(() => (globalThis as { told?: Told }).told!, null);

const runCommand = (app: DesktopApp, id: string) =>
  app.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id);
const enginePid = (app: DesktopApp) =>
  app.evaluate(({ app: main }) => main.getAppMetrics().find(({ name }) => name === 'Masklet engine')?.pid ?? 0, null);
const isTracking = (page: Page) =>
  page.waitForFunction(() => /Tracking [1-9]/.test(document.querySelector('.job-chip')?.textContent ?? ''));

describe.skipIf(chromium === null && electronProgram() === null)(`the desktop studio on ${kind}`, () => {
  let home: DesktopHome;
  let app: DesktopApp;
  let desk: StudioDesk;
  const complaints: string[] = [];

  const start = async (...args: string[]) => {
    app = await startDesktop(home, args);
    await listen(app);
    desk = new StudioDesk(await app.page());
    desk.page.on('pageerror', (error) => complaints.push(String(error)));
  };
  beforeAll(async () => {
    if (desktopIsStale()) await buildDesktop();
    home = newHome(chromium);
  });
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]();
    rmSync(home.folder, { recursive: true, force: true });
    console.log(`desktop: this was ${kind}`);
  });

  it('opens the file it was started with, and answers a click', async () => {
    await start(sampleClip);
    await desk.shown();
    await desk.clickVideo(466, 526);
    await desk.page.locator('.object-row').waitFor();
    await desk.answered();
    await eventually(() => desk.page.locator('.state-word').textContent()).toBe('New');
    const session = join(home.folder, 'sessions/tumble.masklet');
    await eventually(async () => (await toldTo(app)).recent).toEqual([session]);
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getTitle(), null)).toMatch(
      /^tumble\.masklet/,
    );
  });

  it('recovers when the engine is killed in the middle of a run, says why it stopped, and loses no frame', async () => {
    for (let step = 0; step < 3; step++) await desk.page.keyboard.press('Shift+ArrowRight');
    await desk.page.keyboard.press('o');
    await runCommand(app, 'track-both');
    await isTracking(desk.page);
    const killed = await enginePid(app);
    // The engine is back within a second or so: the page itself notes what it says meanwhile.
    await desk.page.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      const note = () => said.push(document.querySelector('.connection-banner')?.textContent ?? '');
      new MutationObserver(note).observe(document.body, { childList: true, characterData: true, subtree: true });
    });
    process.kill(killed, 'SIGKILL');
    const said = () => desk.page.evaluate(() => (window as unknown as { said: string[] }).said.join('|'));
    await eventually(said).toMatch(/The engine does not answer.*exit/);
    await desk.page.getByText('The engine does not answer').waitFor({ state: 'detached' });
    await desk.page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await desk.page.locator('.planner').textContent()).toMatch(/[1-9]\d* of \d+ frames/);
    expect(await enginePid(app)).not.toBe(killed);
  });

  it('goes on, shows its progress, keeps the machine awake, and says when it is done', async () => {
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].blur(), null);
    await runCommand(app, 'resume-track');
    await desk.page.locator('.notice-success').waitFor({ timeout: 300_000 });
    await eventually(async () => (await toldTo(app)).progress.at(-1)).toBe(-1);
    const told = await toldTo(app);
    expect(told.progress.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(0);
    // Before the engine was killed, and since; never twice at once, and not any more.
    const pairs = told.awake.length / 2;
    expect(pairs).toBeGreaterThanOrEqual(2);
    expect(told.awake).toEqual(Array.from({ length: pairs }, () => ['prevent-app-suspension', 'stop']).flat());
    expect(told.notifications.join()).toMatch(/frames tracked/);
  });

  it('exports by its menu', async () => {
    await runCommand(app, 'export');
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    await desk.page.locator('.run-done').waitFor({ timeout: 300_000 });
    const path = (await desk.page.locator('.export-run .path').textContent()) ?? '';
    await desk.page.keyboard.press('Escape');
    expect(path).toBe(join(home.folder, 'sessions/tumble_tracked.mp4'));
    expect(existsSync(path)).toBe(true);
  });

  securityChecks(() => ({ app, home, page: desk.page }));

  it('hands a second start over to the first one, and opens what is wanted in a window of its own', async () => {
    await startAgain(home, [join(home.folder, 'sessions/tumble.masklet')]);
    const page = await app.page(1);
    await new StudioDesk(page).shown();
    expect(await page.locator('.object-row').count()).toBe(1);
    // What a window was at keeps nobody awake once it is closed.
    const before = (await toldTo(app)).awake.length;
    await page.evaluate(() => {
      const bridge = (window as { maskletDesktop?: { report(said: object): void } }).maskletDesktop;
      bridge?.report({ kind: 'job', job: { share: null } });
    });
    await eventually(async () => (await toldTo(app)).awake.length).toBe(before + 1);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[1].close(), null);
    await eventually(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null)).toBe(1);
    await eventually(async () => (await toldTo(app)).awake.at(-1)).toBe('stop');
  });

  it('is left and started again: the window and the session are there', async () => {
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].setBounds({ width: 1111 }), null);
    await app.quit();
    expect(JSON.parse(readFileSync(join(home.folder, 'config/windows.json'), 'utf8'))).toMatchObject([
      { width: 1111, sessionPath: join(home.folder, 'sessions/tumble.masklet') },
    ]);
    await start('--offline', 'masklet://evil/open?path=/etc/passwd');
    await desk.shown();
    await eventually(() => desk.page.locator('.status-bar').textContent()).toContain('31 of 200 frames tracked');
    expect(
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getNormalBounds().width, null),
    ).toBe(1111);
    expect(readFileSync(join(home.folder, 'logs/security.log'), 'utf8')).toContain('link "masklet://evil/');
  });

  it('does a job of the queue as any other: awake meanwhile, and a word at the end', async () => {
    await runCommand(app, 'home');
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].blur(), null);
    await desk.page.getByRole('button', { name: 'What to do with tumble', exact: true }).click();
    await desk.page.getByRole('menuitem', { name: 'Write MP4 in the queue' }).click();
    await desk.page.locator('.job-row.job-done').waitFor();
    expect(existsSync((await desk.page.locator('.job-row .path').textContent()) ?? '')).toBe(true);
    await eventually(async () => (await toldTo(app)).awake).toEqual(['prevent-app-suspension', 'stop']);
    const { progress, notifications } = await toldTo(app);
    expect(progress.at(-1)).toBe(-1);
    expect(notifications).toHaveLength(1);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].focus(), null);
  });

  it('opens with the dialog of the system, and says in About that it is offline', async () => {
    await runCommand(app, 'home');
    await desk.page.getByRole('heading', { level: 1 }).waitFor();
    await app.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = (async () => ({ canceled: false, filePaths: [path] })) as typeof dialog.showOpenDialog;
    }, sampleClip);
    await runCommand(app, 'open');
    await desk.shown();
    expect(await app.evaluate(({ app: main }) => main.commandLine.getSwitchValue('host-resolver-rules'), null)).toBe(
      'MAP * ~NOTFOUND',
    );
    const fetched = app.evaluate(({ net }) => net.fetch('https://example.com/').then(({ status }) => status), null);
    await expect(fetched).rejects.toThrow();
    await runCommand(app, 'settings');
    await desk.page.getByText(/Offline: every request to the network is blocked.*\b1\b/).waitFor();
    await desk.page.keyboard.press('Escape');
  });

  it('opens what is dropped on it where it lies, and says what cannot be opened', async () => {
    await runCommand(app, 'home');
    await desk.page.getByRole('heading', { level: 1 }).waitFor();
    const title = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getTitle(), null);
    await eventually(title).toBe('Masklet Studio');
    await app.drop(desk.page, [sampleClip]);
    await desk.shown();
    await eventually(() => desk.page.locator('.status-bar').textContent()).toContain('31 of 200 frames tracked');
    expect(existsSync(join(home.folder, 'cache/dropped'))).toBe(false);
    const notes = join(home.folder, 'notes.mp4');
    writeFileSync(notes, 'no video at all');
    await app.drop(desk.page, [notes]);
    await desk.page.locator('.notice-error', { hasText: notes }).waitFor();
    await desk.shown();
    expect(complaints).toEqual([]);
  });
});
