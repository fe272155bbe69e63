import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions } from 'electron';
import type { Page } from 'playwright-core';
import { app } from './app.ts';
import { browser } from './browser.ts';
import { WebContents } from './web-contents.ts';

/** A window of the stand-in: a page of Chromium, and what a window manager would remember of it. */
export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>();
  static #focused: BrowserWindow | null = null;
  static #lastId = 0;
  readonly id = ++BrowserWindow.#lastId;
  readonly webContents = new WebContents();
  readonly #page: Promise<Page>;
  #bounds: { x: number; y: number; width: number; height: number };
  #maximized = false;
  #destroyed = false;
  #title: string;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    const { x = 0, y = 0, width = 800, height = 600, title = '', webPreferences = {} } = options;
    const { sandbox, contextIsolation, nodeIntegration, preload } = webPreferences;
    // The stand-in can be nothing else; an app that asked for less would be another app here than in Electron.
    if (sandbox === false || contextIsolation === false || nodeIntegration === true || preload === undefined)
      throw new Error('The stand-in shows sandboxed pages only.');
    this.#bounds = { x, y, width, height };
    this.#title = title;
    this.webContents.preferences = webPreferences;
    BrowserWindow.#all.add(this);
    app.emit('web-contents-created', {}, this.webContents);
    app.emit('browser-window-created', {}, this);
    this.#page = this.#open(preload);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.#focused;
  }

  async loadURL(url: string): Promise<void> {
    await this.#page;
    await this.webContents.load(url);
    this.emit('ready-to-show');
  }

  async #open(preload: string): Promise<Page> {
    const page = await browser.newPage(this.webContents);
    const { width, height } = this.#bounds;
    await page.setViewportSize({ width, height });
    await this.webContents.attach(page, preload);
    page.once('close', () => this.#gone());
    return page;
  }

  close(): void {
    let stopped = false;
    this.emit('close', { preventDefault: () => (stopped = true) });
    if (!stopped) void this.#page.then((page) => page.close());
  }

  #gone(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    BrowserWindow.#all.delete(this);
    if (BrowserWindow.#focused === this) BrowserWindow.#focused = null;
    this.webContents.gone();
    this.emit('closed');
    if (BrowserWindow.#all.size === 0) app.windowsAreClosed();
  }

  show(): void {
    this.focus();
  }
  focus(): void {
    BrowserWindow.#focused = this;
    app.emit('browser-window-focus', {}, this);
  }
  blur(): void {
    if (BrowserWindow.#focused === this) BrowserWindow.#focused = null;
  }
  isFocused(): boolean {
    return BrowserWindow.#focused === this;
  }
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }
  maximize(): void {
    this.#maximized = true;
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  setBounds(bounds: Partial<{ x: number; y: number; width: number; height: number }>): void {
    this.#bounds = { ...this.#bounds, ...bounds };
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { ...this.#bounds };
  }
  setProgressBar(_share: number): void {}
  setTitle(title: string): void {
    this.#title = title;
  }
  getTitle(): string {
    return this.#title;
  }
}
