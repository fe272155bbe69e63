import { BrowserWindow, type BrowserWindowConstructorOptions, screen } from 'electron';
import type { HostEvent } from '../../../src-shared/contract/desktop-bridge.ts';
import { PAGE_ORIGIN } from './app-protocols.ts';
import { isPage } from './lock-down.ts';
import { isOnScreen, readWindowPlaces, type WindowPlace, writeWindowPlaces } from './window-places.ts';

const FIRST = { width: 1280, height: 800 };

/** The windows of the studio: one page each, all of one engine. Where they stand and what they show comes back at the next start. */
export class StudioWindows {
  readonly #preload: string;
  readonly #file: string;
  readonly #open = new Map<BrowserWindow, { openPath: string | null; ready: boolean; used: boolean }>();
  #leaving = false;

  constructor(preload: string, stateFile: string) {
    this.#preload = preload;
    this.#file = stateFile;
  }

  get all(): readonly BrowserWindow[] {
    return [...this.#open.keys()];
  }

  /** Windows of the last time, or an empty one; `paths` come on top. */
  restore(paths: readonly string[]): void {
    const places = readWindowPlaces(this.#file);
    if (paths.length > 0) for (const path of paths) this.#create(path, places[0] ?? null);
    else if (places.length === 0) this.#create(null, null);
    else for (const place of places) this.#create(place.sessionPath, place);
  }

  /** Brings a file onto a desk: the window that is empty, else a new one. Without a path the studio comes to the front. */
  show(path: string | null): void {
    const isEmpty = (window: BrowserWindow, used: boolean) => !used && sessionOf(window) === null;
    const [window, state] = [...this.#open].findLast(([each, { used }]) => path === null || isEmpty(each, used)) ?? [];
    if (window === undefined || state === undefined) return void this.#create(path, null);
    if (window.isMinimized()) window.restore();
    window.show();
    if (path === null) return;
    state.used = true;
    if (state.ready) this.send(window, { kind: 'open', path });
    else state.openPath = path;
  }

  /** What this window was opened for; told once, to the page that asks. */
  takeOpenPath(window: BrowserWindow): string | null {
    const { openPath = null, used = true } = this.#open.get(window) ?? {};
    this.#open.set(window, { openPath: null, ready: true, used });
    return openPath;
  }

  send(window: BrowserWindow, event: HostEvent): void {
    if (!window.isDestroyed()) window.webContents.send('masklet:event', event);
  }

  /** The studio is being left: what is open now is what comes back. */
  leave(): void {
    if (!this.#leaving) this.remember();
    this.#leaving = true;
  }

  remember(): void {
    if (this.#leaving) return;
    const windows = this.all.filter((window) => !window.isDestroyed());
    const places = windows.map((window): WindowPlace => {
      const { x, y, width, height } = window.getNormalBounds();
      return { x, y, width, height, maximized: window.isMaximized(), sessionPath: sessionOf(window) };
    });
    writeWindowPlaces(this.#file, places);
  }

  #create(path: string | null, place: WindowPlace | null): void {
    const window = new BrowserWindow(optionsOf(this.#preload, place));
    this.#open.set(window, { openPath: path, ready: false, used: path !== null });
    window.once('ready-to-show', () => {
      if (place?.maximized === true) window.maximize();
      window.show();
    });
    // The last window is what the next start begins with; when one of several goes, the others are.
    window.on('close', () => this.#open.size === 1 && this.remember());
    window.on('closed', () => {
      this.#open.delete(window);
      if (this.#open.size > 0) this.remember();
    });
    window.webContents.on('render-process-gone', () => window.isDestroyed() || window.webContents.reload());
    void window.loadURL(`${PAGE_ORIGIN}/`);
  }
}

/** The session that the page says it shows, in its own address. */
function sessionOf(window: BrowserWindow): string | null {
  const url = window.webContents.getURL();
  const match = isPage(url) ? /#session=(.+)$/.exec(url) : null;
  try {
    return match === null ? null : decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}

/** https://www.electronjs.org/docs/latest/tutorial/security: these are Electron's defaults, and are said all the same. */
function optionsOf(preload: string, place: WindowPlace | null): BrowserWindowConstructorOptions {
  const known = place !== null && screen.getAllDisplays().some(({ workArea }) => isOnScreen(place, workArea));
  const { x, y, width, height } = { x: 0, y: 0, ...(known ? place : FIRST) };
  return {
    ...(known ? { x, y, width, height } : { width, height }),
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Masklet Studio',
    backgroundColor: '#101312',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  };
}
