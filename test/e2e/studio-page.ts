/** The studio as a person has it: `masklet serve` in a process of its own, and a real Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { makeLate } from './late-line.ts';
import { StudioDesk } from './studio-desk.ts';

export const root = resolve(import.meta.dirname, '../..');
export const shotFolder = join(root, 'test/e2e/out');
export const sampleClip = join(root, 'resources/sample/tumble.mp4');

const PLACES = [
  process.env.CHROMIUM_BIN,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A Chromium of this machine; null: the suites say so in one line and are skipped. */
export function findChromium(): string | null {
  const found = PLACES.find((path) => path !== undefined && existsSync(path)) ?? null;
  if (found === null) console.log('e2e: skipped, no Chromium on this machine (set CHROMIUM_BIN)');
  return found;
}

const NAVIGATION_MILLIS = 120_000;
const ACTION_MILLIS = 60_000;

export interface StartOptions {
  readonly width?: number;
  readonly height?: number;
  readonly settings?: object;
}

/** One Chromium for all pages of a process, which ends when nobody has needed it for a while. */
class SharedBrowser {
  #browser: Promise<Browser> | null = null;
  #lent = 0;
  #idle: NodeJS.Timeout | undefined;

  lend(executablePath: string): Promise<Browser> {
    clearTimeout(this.#idle);
    this.#lent++;
    this.#browser ??= chromium.launch({ executablePath, args: ['--no-sandbox', '--force-color-profile=srgb'] });
    return this.#browser;
  }

  giveBack(): void {
    if (--this.#lent > 0) return;
    this.#idle = setTimeout(async () => {
      const browser = this.#browser;
      this.#browser = null;
      await (await browser)?.close();
    }, 1000);
  }
}

const sharedBrowser = new SharedBrowser();

/** One server with its own home folder, and one page. */
export class StudioPage extends StudioDesk implements AsyncDisposable {
  readonly url: string;
  readonly home: string;
  readonly #context: BrowserContext;
  #server: ChildProcess;
  /** Everything the page complained about. */
  readonly complaints: string[] = [];

  private constructor(page: Page, url: string, home: string, server: ChildProcess) {
    super(page);
    this.url = url;
    this.home = home;
    this.#context = page.context();
    this.#server = server;
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
  }

  static async start(chromiumPath: string, options: StartOptions = {}): Promise<StudioPage> {
    const out = join(root, 'test/out');
    mkdirSync(out, { recursive: true });
    const home = mkdtempSync(join(out, 'e2e-'));
    const [{ url, server }, browser] = await Promise.all([startServer(home), sharedBrowser.lend(chromiumPath)]);
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      locale: 'en-GB',
      // Software draws every step of an animation, while what is tested wants the same cores.
      reducedMotion: 'reduce',
    });
    // A machine that is busy with other work is slow, not broken.
    context.setDefaultNavigationTimeout(NAVIGATION_MILLIS);
    context.setDefaultTimeout(ACTION_MILLIS);
    const lateMillis = Number(process.env.MASKLET_LATE ?? 0);
    if (lateMillis > 0) await makeLate(context, lateMillis);
    const page = await context.newPage();
    const settings = { coachDone: true, ...options.settings };
    await page.addInitScript((stored) => {
      if (localStorage.getItem('masklet-settings') === null) localStorage.setItem('masklet-settings', stored);
    }, JSON.stringify(settings));
    const studio = new StudioPage(page, url, home, server);
    try {
      await page.goto(url);
      await page.getByRole('heading', { level: 1 }).waitFor();
    } catch (error) {
      // Nobody else knows this server and browser: left alone they would stay.
      await studio[Symbol.asyncDispose]();
      throw error;
    }
    return studio;
  }

  /** Opens the sample clip from the home screen. */
  async openSample(): Promise<void> {
    await this.page.getByRole('button', { name: 'Try the sample clip' }).click();
    await this.shown();
  }

  /** Opens a video or session through the open sheet's path field. */
  async openPath(folder: string, name: string): Promise<void> {
    await this.page.keyboard.press('Control+o');
    await this.page.getByLabel('Folder', { exact: true }).fill(folder);
    await this.page.keyboard.press('Enter');
    await this.page.getByRole('button', { name }).click();
    await this.shown();
  }

  /** Some settings are other ones from here on; the page is loaded again with them. */
  async setSettings(change: object): Promise<void> {
    await this.page.evaluate((wanted) => {
      const stored = JSON.parse(localStorage.getItem('masklet-settings') ?? '{}') as object;
      localStorage.setItem('masklet-settings', JSON.stringify({ ...stored, ...wanted }));
    }, change);
    await this.page.reload();
  }

  async shot(name: string): Promise<void> {
    mkdirSync(shotFolder, { recursive: true });
    await this.page.screenshot({ path: join(shotFolder, `${name}.png`) });
  }

  /** Kills the server the hard way and starts one at the same place. */
  async restartServer(): Promise<void> {
    const port = new URL(this.url).port;
    this.killServer();
    const { url, server } = await startServer(this.home, port);
    this.#server = server;
    await this.page.context().request.get(url);
  }

  killServer(): void {
    this.#server.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    sharedBrowser.giveBack();
    // Its orderly end, for which it finishes what it is at, is the business of other tests.
    const gone = new Promise((done) => this.#server.once('exit', done));
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      this.#server.kill('SIGKILL');
      await gone;
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

async function startServer(home: string, port = '0'): Promise<{ url: string; server: ChildProcess }> {
  const entry = join(root, 'src-main/hosts/cli/main.ts');
  const server = spawn('node', [entry, 'serve', '--json', '--port', port], {
    env: { ...process.env, MASKLET_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const url = await new Promise<string>((done, fail) => {
    server.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
      const match = /"url":"([^"]+)"/.exec(said);
      if (match !== null) done(match[1]);
    });
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    server.once('close', () => fail(new Error(`the server ended: ${said}`)));
  });
  return { url, server };
}
