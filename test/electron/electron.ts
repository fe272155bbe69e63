/**
 * The part of Electron that our host uses, on top of Chromium and Node: what `import ... from 'electron'` means in a process that
 * `run.ts` started. Each export is held against electron.d.ts, so that it cannot drift.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { app as standInApp } from './app.ts';
import { browser } from './browser.ts';
import { BrowserWindow as StandInWindow } from './browser-window.ts';
import { ipcMain as standInIpc } from './ipc-main.ts';
import { type Port, MessageChannelMain as StandInChannel } from './ports.ts';
import { UtilityProcess } from './utility-process.ts';
import type { WebContents } from './web-contents.ts';

standInApp.setWindows(() => StandInWindow.getAllWindows());

export const app = standInApp satisfies Pick<
  Electron.App,
  | 'addRecentDocument'
  | 'enableSandbox'
  | 'getAppPath'
  | 'getName'
  | 'getVersion'
  | 'isPackaged'
  | 'quit'
  | 'requestSingleInstanceLock'
  | 'setName'
  | 'whenReady'
>;
standInApp.commandLine satisfies Pick<Electron.CommandLine, 'appendSwitch' | 'getSwitchValue'>;
/** Fails to compile when a class here has lost what Electron's has. */
type Held<Mine extends Theirs, Theirs> = Mine;
export type HeldToElectron = [
  Held<
    Omit<StandInWindow, 'webContents'>,
    Pick<
      Electron.BrowserWindow,
      | 'blur'
      | 'close'
      | 'focus'
      | 'getNormalBounds'
      | 'getTitle'
      | 'id'
      | 'isDestroyed'
      | 'isFocused'
      | 'isMaximized'
      | 'isMinimized'
      | 'loadURL'
      | 'maximize'
      | 'restore'
      | 'setBounds'
      | 'setProgressBar'
      | 'setTitle'
      | 'show'
    >
  >,
  Held<WebContents, Pick<Electron.WebContents, 'executeJavaScript' | 'getURL' | 'id' | 'reload' | 'send'>>,
  Held<UtilityProcess, Pick<Electron.UtilityProcess, 'kill' | 'pid'>>,
  Held<
    Pick<Port, 'close' | 'start' | 'postMessage'>,
    Pick<Electron.MessagePortMain, 'close' | 'start' | 'postMessage'>
  >,
  Held<Pick<Notification, 'body' | 'show' | 'title'>, Pick<Electron.Notification, 'body' | 'show' | 'title'>>,
];
export const BrowserWindow = StandInWindow;
export const ipcMain = standInIpc satisfies Pick<Electron.IpcMain, 'handle'>;
export const MessageChannelMain = StandInChannel;

export const protocol = {
  registerSchemesAsPrivileged: (_schemes) => {},
  handle: (scheme, handler) => void browser.schemes.set(scheme, handler),
} satisfies Pick<Electron.Protocol, 'handle' | 'registerSchemesAsPrivileged'>;

export const net = {
  fetch: async (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers));
    const answer = await browser.fetch(String(input), init?.method, headers);
    if (answer === null) throw new Error('net::ERR_BLOCKED_BY_CLIENT');
    return answer;
  },
} satisfies Pick<Electron.Net, 'fetch'>;

const webRequest = {
  onBeforeRequest: (listener: unknown) => {
    browser.onRequest = listener as typeof browser.onRequest;
  },
} satisfies Pick<Electron.WebRequest, 'onBeforeRequest'>;

export const session = {
  defaultSession: {
    webRequest,
    setPermissionRequestHandler: (handler: unknown) => {
      browser.onPermission = handler as typeof browser.onPermission;
    },
    setPermissionCheckHandler: (_handler: unknown) => {},
    setDevicePermissionHandler: (_handler: unknown) => {},
    enableNetworkEmulation: (_options: unknown) => {},
  } satisfies Record<
    keyof Pick<
      Electron.Session,
      | 'enableNetworkEmulation'
      | 'setDevicePermissionHandler'
      | 'setPermissionCheckHandler'
      | 'setPermissionRequestHandler'
      | 'webRequest'
    >,
    unknown
  >,
};

type Template = Electron.MenuItemConstructorOptions;
interface Item {
  readonly id: string | undefined;
  readonly label: string;
  readonly enabled: boolean;
  readonly click: () => void;
  readonly submenu: Menu | null;
}

export class Menu {
  static #current: Menu | null = null;
  readonly items: readonly Item[];

  constructor(template: readonly Template[]) {
    this.items = template.map(({ id, label = '', enabled = true, click, submenu }) => ({
      id,
      label,
      enabled,
      click: () => (click as (() => void) | undefined)?.(),
      submenu: Array.isArray(submenu) ? new Menu(submenu) : null,
    }));
  }
  static buildFromTemplate(template: readonly Template[]): Menu {
    return new Menu(template);
  }
  static setApplicationMenu(menu: Menu | null): void {
    Menu.#current = menu;
  }
  static getApplicationMenu(): Menu | null {
    return Menu.#current;
  }
  getMenuItemById(id: string): Item | null {
    for (const item of this.items) {
      const found = item.id === id ? item : (item.submenu?.getMenuItemById(id) ?? null);
      if (found !== null) return found;
    }
    return null;
  }
}

export const dialog = {
  showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
} satisfies Pick<Electron.Dialog, 'showOpenDialog'>;

export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;

  constructor({ title = '', body = '' }: Electron.NotificationConstructorOptions) {
    super();
    this.title = title;
    this.body = body;
  }
  static isSupported(): boolean {
    return true;
  }
  show(): void {}
}

let lastBlocker = 0;
export const powerSaveBlocker = {
  start: () => ++lastBlocker,
  stop: () => true,
} satisfies Pick<Electron.PowerSaveBlocker, 'start' | 'stop'>;

export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } } as Electron.Display],
} satisfies Pick<Electron.Screen, 'getAllDisplays'>;

export const utilityProcess = {
  fork: (path: string, args: string[] = [], options: Electron.ForkOptions = {}) =>
    new UtilityProcess(path, args, options.serviceName ?? 'Node Utility Process'),
} satisfies Record<keyof Pick<typeof Electron.utilityProcess, 'fork'>, unknown>;

/** What the driver of the tests asks this process to do, as Playwright's `electronApp.evaluate` does in the real one. */
process.on('message', async ({ id, source, arg }: { id: number; source: string; arg: unknown }) => {
  try {
    const work = new Function('electron', 'arg', `return (${source})(electron, arg)`) as (
      ...given: unknown[]
    ) => unknown;
    const value = await work(
      { app, BrowserWindow, dialog, ipcMain, Menu, net, Notification, powerSaveBlocker, session },
      arg,
    );
    process.send?.({ id, value });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
