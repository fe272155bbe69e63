import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { CDPSession, Page } from 'playwright-core';
import { toAppUrl, toWebUrl } from './addresses.ts';
import { type IpcMain, ipcMain } from './ipc-main.ts';
import { decodeData, encodeData, isolatedWorld, MAIN_WORLD } from './page-side.ts';
import { HeldPorts, type Port } from './ports.ts';

const WORLD = 'preload';

type Said =
  | { readonly type: 'invoke'; readonly id: number; readonly channel: string; readonly args: unknown[] }
  | { readonly type: 'send'; readonly channel: string; readonly args: unknown[] }
  | { readonly type: 'port'; readonly id: number; readonly data: unknown }
  | { readonly type: 'port-closed'; readonly id: number };

/** What Electron calls the contents of a window: here a page of Chromium with a preload in a world of its own. */
export class WebContents extends EventEmitter {
  static #lastId = 0;
  readonly id = ++WebContents.#lastId;
  preferences: object = {};
  readonly #ipc: IpcMain = ipcMain;
  readonly #ports = new HeldPorts();
  #page: Page | null = null;
  #cdp: CDPSession | null = null;
  #world: number | null = null;
  #early: string[] = [];
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler;
  }

  getURL(): string {
    return this.#page === null ? '' : toAppUrl(this.#page.url());
  }

  send(channel: string, ...args: unknown[]): void {
    this.#say({ type: 'message', channel, args, ports: [] });
  }

  postMessage(channel: string, data: unknown, ports: readonly Port[] = []): void {
    const held = this.#ports.hold(ports, (message) => this.#say(message));
    this.#say({ type: 'message', channel, args: [data], ports: held });
  }

  getLastWebPreferences(): object {
    return this.preferences;
  }

  reload(): void {
    void this.#page?.reload();
  }

  executeJavaScript(code: string): Promise<unknown> {
    return this.#page!.evaluate(code);
  }

  /** Puts this contents into a page; it shows nothing until it is navigated. */
  async attach(page: Page, preload: string): Promise<void> {
    this.#page = page;
    const cdp = await page.context().newCDPSession(page);
    this.#cdp = cdp;
    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    await cdp.send('Runtime.addBinding', { name: 'standInToMain', executionContextName: WORLD });
    cdp.on('Runtime.bindingCalled', ({ payload }) => this.#hear(decodeData(payload) as Said));
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const facts = context.auxData as { readonly frameId?: string } | undefined;
      if (context.name === WORLD && facts?.frameId === mainFrameId) this.#arrived(context.id);
    });
    cdp.on('Page.frameRequestedNavigation', ({ url, disposition, frameId }) => {
      // What the network would be asked for is judged when it is asked for (browser.ts).
      if (disposition === 'currentTab' && !/^https?:/.test(url)) this.navigates(toAppUrl(url), frameId === mainFrameId);
    });
    const { frameTree } = await cdp.send('Page.getFrameTree');
    const mainFrameId = frameTree.frame.id;
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: MAIN_WORLD });
    const source = isolatedWorld(readFileSync(preload, 'utf8'));
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: WORLD });
    let denied = true;
    cdp.on('Page.windowOpen', ({ url }) => {
      denied = this.#openHandler({ url: toAppUrl(url) }).action === 'deny';
    });
    // Chromium makes the window all the same; here it is gone before it could load anything.
    page.on('popup', (popup) => denied && void popup.close());
  }

  /** What `webUtils.getPathForFile` answers for files of these names, which are about to be dropped. */
  knowFiles(places: Readonly<Record<string, string>>): void {
    if (this.#world !== null) this.#run(`globalThis.standInPaths = ${JSON.stringify(places)}`, this.#world);
  }

  async load(url: string): Promise<void> {
    await this.#page!.goto(toWebUrl(url));
  }

  /** A navigation that the page began; true when the app stops it. */
  navigates(url: string, isMainFrame: boolean): boolean {
    let stopped = false;
    this.emit('will-frame-navigate', { url, isMainFrame, preventDefault: () => (stopped = true) });
    return stopped;
  }

  #say(message: object): void {
    const code = `standInFromMain(${JSON.stringify(encodeData(message))})`;
    if (this.#world === null) this.#early.push(code);
    else this.#run(code, this.#world);
  }

  #run(expression: string, contextId: number): void {
    // The page may be gone by the time this arrives; a message to nobody is lost in Electron as well.
    this.#cdp?.send('Runtime.evaluate', { expression, contextId, silent: true }).catch(() => {});
  }

  /** A new document: what the old one held is gone. */
  #arrived(world: number): void {
    this.#ports.closeAll();
    this.#world = world;
    for (const code of this.#early.splice(0)) this.#run(code, world);
  }

  #hear(said: Said): void {
    if (said.type === 'port') this.#ports.said(said.id, said.data);
    else if (said.type === 'port-closed') this.#ports.closed(said.id);
    else {
      const event = { sender: this, senderFrame: { url: this.getURL(), parent: null }, ports: [] };
      if (said.type === 'send') this.#ipc.emit(said.channel, event, ...said.args);
      else {
        const { id } = said;
        this.#ipc.invoked(said.channel, event, said.args).then(
          (value) => this.#say({ type: 'answer', id, value }),
          (error: unknown) => this.#say({ type: 'answer', id, error: String(error) }),
        );
      }
    }
  }

  gone(): void {
    this.#ports.closeAll();
    this.#cdp = null;
    this.emit('destroyed');
  }
}
