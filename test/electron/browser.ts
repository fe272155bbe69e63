import { type BrowserContext, chromium, type Page, type Request as PageRequest, type Route } from 'playwright-core';
import { toAppUrl, toWebText } from './addresses.ts';
import type { WebContents } from './web-contents.ts';

type SchemeHandler = (request: Request) => Response | Promise<Response>;
type RequestListener = (details: { url: string }, callback: (answer: { cancel?: boolean }) => void) => void;
type PermissionHandler = (contents: unknown, permission: string, callback: (allowed: boolean) => void) => void;

/** Permissions of the page's interfaces and what Chromium's protocol calls them. */
const PERMISSIONS = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'] as const;

/** The Chromium behind all windows, and what the app said about requests and permissions. */
export class Browser {
  readonly schemes = new Map<string, SchemeHandler>();
  onRequest: RequestListener = (_details, callback) => callback({});
  onPermission: PermissionHandler = (_contents, _permission, callback) => callback(true);
  readonly #contents = new Map<Page, WebContents>();
  #context: Promise<BrowserContext> | null = null;

  async newPage(contents: WebContents): Promise<Page> {
    this.#context ??= this.#connect();
    const page = await (await this.#context).newPage();
    this.#contents.set(page, contents);
    return page;
  }

  /** Answers as the network stack would: the app may cancel, its schemes are served, and there is nothing else. */
  async fetch(url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Response | null> {
    const { cancel = false } = await new Promise<{ cancel?: boolean }>((done) => this.onRequest({ url }, done));
    const handler = this.schemes.get(/^([a-z]+):/.exec(url)?.[1] ?? '');
    return cancel || handler === undefined ? null : handler(new Request(url, { method, headers }));
  }

  async #connect(): Promise<BrowserContext> {
    const endpoint = process.env.STAND_IN_CHROMIUM;
    if (endpoint === undefined) throw new Error('STAND_IN_CHROMIUM names no Chromium.');
    const browser = await chromium.connectOverCDP(endpoint);
    const context = browser.contexts()[0];
    await context.route('**/*', (route) => this.#answer(route));
    const granted: string[] = [];
    for (const permission of PERMISSIONS) {
      this.onPermission(
        null,
        permission === 'camera' || permission === 'microphone' ? 'media' : permission,
        (allowed) => {
          if (allowed) granted.push(permission);
        },
      );
    }
    await context.grantPermissions(granted);
    return context;
  }

  /** null for a window that nobody made: its requests go nowhere. */
  #contentsOf(request: PageRequest): WebContents | null {
    try {
      return this.#contents.get(request.frame().page()) ?? null;
    } catch {
      return null;
    }
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toAppUrl(request.url());
    const contents = this.#contentsOf(request);
    if (contents === null) return route.abort('aborted');
    const isMainFrame = request.frame().parentFrame() === null;
    if (request.isNavigationRequest() && contents.navigates(url, isMainFrame)) return route.abort('aborted');
    const response = await this.fetch(url, request.method(), request.headers());
    if (response === null) return route.abort('blockedbyclient');
    const headers = Object.fromEntries([...response.headers].map(([name, value]) => [name, toWebText(value)]));
    const body = Buffer.from(await response.arrayBuffer());
    return route.fulfill({ status: response.status, headers, body }).catch(() => {});
  }
}

export const browser = new Browser();
