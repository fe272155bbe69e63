/** The desktop studio under test: real Electron where its program is installed, else the stand-in on this machine's Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type * as Electron from 'electron';
import { _electron, type Browser, chromium, type ElectronApplication, type Page } from 'playwright-core';
import { electronProgram } from '../../resources/packaging/electron-program.ts';
import type { WebContents } from './web-contents.ts';

const root = resolve(import.meta.dirname, '../..');
const APP = join(root, 'dist/desktop');

type Work<A, R> = (electron: typeof Electron, arg: A) => R | Promise<R>;

export interface DesktopApp extends AsyncDisposable {
  readonly kind: 'electron' | 'stand-in';
  /** Runs in the main process; closes over nothing. */
  evaluate<A, R>(work: Work<A, R>, arg: A): Promise<R>;
  /** The page of the n-th window, once its preload has spoken. */
  page(index?: number): Promise<Page>;
  /** Drags files of this machine into the middle of a window and lets them go. */
  drop(page: Page, paths: readonly string[]): Promise<void>;
  /** Quits as a person does, and waits. */
  quit(): Promise<void>;
}

export interface DesktopHome {
  readonly folder: string;
  readonly chromium: string | null;
}

export function newHome(chromiumPath: string | null): DesktopHome {
  const out = join(root, 'test/out');
  mkdirSync(out, { recursive: true });
  return { folder: mkdtempSync(join(out, 'desktop-')), chromium: chromiumPath };
}

export async function startDesktop(home: DesktopHome, args: readonly string[]): Promise<DesktopApp> {
  const env = { ...process.env, MASKLET_HOME: home.folder } as Record<string, string>;
  const program = electronProgram();
  if (program !== null) return startElectron(program, args, env);
  return startStandIn(home, args, env);
}

/** A second start in the same home, which hands its arguments over and ends by itself. */
export async function startAgain(home: DesktopHome, args: readonly string[]): Promise<void> {
  const program = electronProgram();
  const env = { ...process.env, MASKLET_HOME: home.folder };
  const [command, first] =
    program === null ? ['node', [join(import.meta.dirname, 'run.ts')]] : [program, [...sandboxFlags()]];
  const second = spawn(command, [...first, APP, ...args], { env, stdio: 'ignore' });
  await new Promise((done) => second.once('exit', done));
}

/** Where tests run as root, as in a container, Chromium's own sandbox cannot. */
function sandboxFlags(): readonly string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

async function startElectron(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<DesktopApp> {
  const app: ElectronApplication = await _electron.launch({
    executablePath: program,
    args: [...sandboxFlags(), APP, ...args],
    env,
  });
  return {
    kind: 'electron',
    evaluate: (work, arg) => app.evaluate(work as never, arg) as never,
    page: async (index = 0) => {
      while (app.windows().length <= index) await app.waitForEvent('window');
      return app.windows()[index];
    },
    drop: dropFiles,
    quit: () => app.close(),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

async function startStandIn(
  home: DesktopHome,
  args: readonly string[],
  env: Record<string, string>,
): Promise<DesktopApp> {
  if (home.chromium === null) throw new Error('The stand-in needs a Chromium.');
  const shell = await startChromium(home.chromium, join(home.folder, 'chromium'));
  const main = spawn('node', [join(import.meta.dirname, 'run.ts'), APP, ...args], {
    env: { ...env, STAND_IN_CHROMIUM: shell.endpoint },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((done) => main.once('exit', () => done()));
  const browser = await chromium.connectOverCDP(shell.endpoint);
  let lastId = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  main.on('message', ({ id, value, error }: { id: number; value: unknown; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(value);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  });
  main.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('The main process ended.'));
  });
  const evaluate = async <A, R>(work: Work<A, R>, arg: A): Promise<R> => {
    const answer = Promise.withResolvers<unknown>();
    waiting.set(++lastId, answer);
    main.send({ id: lastId, source: work.toString(), arg });
    return (await answer.promise) as R;
  };
  const quit = async () => {
    if (main.exitCode === null && main.signalCode === null) main.send({ id: 0, source: '({ app }) => app.quit()' });
    await ended;
    await browser.close().catch(() => {});
    await shell.close();
  };
  return {
    kind: 'stand-in',
    evaluate,
    page: (index = 0) => windowAt(browser, index),
    drop: async (page, paths) => {
      // A page of Chromium has no word for where a file lies; Electron's has.
      const places = Object.fromEntries(paths.map((path) => [basename(path), path]));
      await evaluate(({ BrowserWindow }, known) => {
        for (const { webContents } of BrowserWindow.getAllWindows())
          (webContents as unknown as WebContents).knowFiles(known);
      }, places);
      await dropFiles(page, paths);
    },
    quit,
    [Symbol.asyncDispose]: quit,
  };
}

async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { width, height } = (await page.locator('body').boundingBox()) ?? { width: 0, height: 0 };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  await devtools.detach();
}

async function windowAt(browser: Browser, index: number): Promise<Page> {
  for (;;) {
    const shown = browser
      .contexts()[0]
      .pages()
      .filter((page) => page.url().startsWith('http://studio.app.localhost/'));
    if (shown.length > index) return shown[index];
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function startChromium(
  program: string,
  profile: string,
): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--no-first-run',
    '--force-color-profile=srgb',
    '--disable-gpu',
    '--disable-popup-blocking',
  ];
  const child: ChildProcess = spawn(
    program,
    [...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  const endpoint = await new Promise<string>((done, fail) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
      const match = /DevTools listening on (ws:\S+)/.exec(said);
      if (match !== null) done(match[1]);
    });
    child.once('exit', () => fail(new Error(`Chromium ended: ${said}`)));
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const close = async () => {
    child.kill();
    await ended;
  };
  return { endpoint, close };
}
