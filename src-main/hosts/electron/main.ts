import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  app,
  type BrowserWindow,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  powerSaveBlocker,
  protocol,
  session,
  utilityProcess,
} from 'electron';
import { type DesktopAbout, ENGINE_LINE } from '../../../src-shared/contract/desktop-bridge.ts';
import type { DesktopMenu, PageReport } from '../../../src-shared/contract/desktop-messages.ts';
import { studioContract } from '../../../src-shared/contract/studio-contract.ts';
import { connectContract } from '../../../src-shared/rpc/client.ts';
import { transportOverEventPort } from '../../core/base/event-port-transport.ts';
import { appPaths } from '../../core/studio/index.ts';
import { PRIVILEGED_SCHEMES, serveProtocols } from './app-protocols.ts';
import { Attention } from './attention.ts';
import { EngineSupervisor } from './engine-supervisor.ts';
import { type LaunchArguments, parseLaunchArguments } from './launch-arguments.ts';
import { type Blocked, lockDownContents, lockDownSession } from './lock-down.ts';
import { answerPages } from './page-messages.ts';
import { Refusals } from './refusals.ts';
import { StudioWindows } from './studio-windows.ts';
import { menuTemplate } from './window-menu.ts';

/** The desktop studio: windows, menus and dialogs. Frames, masks and calls go from a page to the engine's process, past this one. */
const HERE = import.meta.dirname;
/** The folder of the app: inside `app.asar` when it is packed. */
const APP = join(HERE, '../../..');
/** What is run or opened by native code cannot lie in an archive. */
const UNPACKED = APP.replace(/app\.asar$/, 'app.asar.unpacked');
const SAMPLE_CLIP = join(UNPACKED, 'resources/sample/tumble.mp4');
const ENGINE = join(UNPACKED, 'src-main/hosts/electron/engine-entry.mjs');
const ENGINE_OPTIONS = { serviceName: 'Masklet engine', allowLoadingUnsignedLibraries: true };

const paths = appPaths();
const refusals = new Refusals(paths.logs);
const launch = parseLaunchArguments(process.argv, process.cwd(), app.getAppPath());
const windows = new StudioWindows(join(HERE, 'preload.cjs'), join(paths.config, 'windows.json'));
const attention = new Attention(powerSaveBlocker, Notification);
const menus = new WeakMap<BrowserWindow, DesktopMenu>();
const waiting = [...launch.paths];
let running: { readonly engine: EngineSupervisor; readonly blocked: Blocked } | null = null;

app.setName('Masklet Studio');
app.setPath('userData', join(paths.config, 'window'));
app.enableSandbox();
if (launch.offline) app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
protocol.registerSchemesAsPrivileged(PRIVILEGED_SCHEMES);
if (!app.requestSingleInstanceLock()) app.quit();
else {
  lockDownContents(app, refusals);
  app.on('second-instance', (_event, argv, folder) => follow(parseLaunchArguments(argv, folder, app.getAppPath())));
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (running === null) waiting.push(path);
    else windows.show(path);
  });
  app.on('open-url', (_event, url) => refusals.add('link', url));
  app.on('activate', () => windows.show(null));
  app.on('browser-window-created', (_event, window) => window.on('closed', () => attention.follow(window, null)));
  app.on('browser-window-focus', (_event, window) => showMenu(window));
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', () => windows.leave());
  app.on('will-quit', leave);
  void app.whenReady().then(start);
}

function start(): void {
  const blocked = lockDownSession(session.defaultSession, refusals);
  if (launch.offline) session.defaultSession.enableNetworkEmulation({ offline: true });
  const engine = new EngineSupervisor({
    fork: () => utilityProcess.fork(ENGINE, [], ENGINE_OPTIONS),
    channel: () => new MessageChannelMain(),
    onStopped: (reason, retryMillis) => {
      for (const window of windows.all) windows.send(window, { kind: 'engine-stopped', reason, retryMillis });
    },
  });
  running = { engine, blocked };
  serveProtocols(protocol, { pageFolder: join(APP, 'dist/page'), refusals, sourceOf: (id) => sourceOf(engine, id) });
  answerPages(ipcMain, {
    windowOf: (id) => windows.all.find(({ webContents }) => webContents.id === id) ?? null,
    about: (window) => about(window, blocked),
    requestLine: async (window) => {
      const port = await engine.openLine();
      if (window.isDestroyed()) port.close();
      else window.webContents.postMessage(ENGINE_LINE, null, [port]);
    },
    onReport,
    refusals,
  });
  for (const link of launch.links) refusals.add('link', link);
  windows.restore(waiting);
}

/** A second start hands its files over and ends. */
function follow({ paths: wanted, links }: LaunchArguments): void {
  for (const link of links) refusals.add('link', link);
  for (const path of wanted.length === 0 ? [null] : wanted) windows.show(path);
}

function onReport(window: BrowserWindow, report: PageReport): void {
  if (report.kind === 'menu') {
    menus.set(window, report.menu);
    if (window.isFocused() || windows.all.length === 1) showMenu(window);
  } else if (report.kind === 'job') attention.follow(window, report.job);
  else if (report.kind === 'finished') attention.tell(window, report.title, report.body);
  else {
    window.setTitle(report.title);
    if (report.path !== null) app.addRecentDocument(report.path);
  }
}

/** One menu bar for all windows, of the window in front: on macOS there is no other. */
function showMenu(window: BrowserWindow): void {
  const run = (id: string) => windows.send(window, { kind: 'command', id });
  const template = menuTemplate(menus.get(window) ?? [], process.platform === 'darwin', run);
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function about(window: BrowserWindow, blocked: Blocked): DesktopAbout {
  const { electron = '', chrome = '', node } = process.versions;
  return {
    kind: 'desktop',
    samplePath: existsSync(SAMPLE_CLIP) ? SAMPLE_CLIP : null,
    openPath: windows.takeOpenPath(window),
    versions: { app: app.getVersion(), electron, chrome, node },
    offline: launch.offline,
    blockedRequests: blocked.count,
  };
}

/** Asks the engine, over a line of its own, where the video of an open session lies. */
async function sourceOf(engine: EngineSupervisor, sessionId: string): Promise<string> {
  using connection = connectContract(studioContract, transportOverEventPort(await engine.openLine()));
  return (await connection.client.sessionState({ sessionId })).video.path;
}

/** Quitting waits for the engine, so that its last transaction is whole and its locks are free. */
function leave(event: { preventDefault(): void }): void {
  if (running === null) return;
  const { engine } = running;
  running = null;
  event.preventDefault();
  void engine.stop().finally(() => app.quit());
}
