import type { App, Session, WebContents } from 'electron';
import { PAGE_ORIGIN } from './app-protocols.ts';
import type { Refusals } from './refusals.ts';

/** Schemes that never leave the process. */
const OWN = /^(app:\/\/studio\/|media:\/\/studio\/|blob:app:\/\/studio\/|data:|devtools:)/;
/** Copying a path with a button is the one thing a page may ask the system for. */
const ALLOWED_PERMISSION = 'clipboard-sanitized-write';

/** Requests that were held back because they would have left this machine. */
export interface Blocked {
  count: number;
}

/** No page but ours, nothing remote, no permission, no other window: https://www.electronjs.org/docs/latest/tutorial/security */
export function lockDownSession(session: Session, refusals: Refusals): Blocked {
  const blocked: Blocked = { count: 0 };
  session.webRequest.onBeforeRequest((details, callback) => {
    const cancel = !OWN.test(details.url);
    if (cancel) {
      blocked.count++;
      refusals.add('request', details.url);
    }
    callback({ cancel });
  });
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    const allowed = permission === ALLOWED_PERMISSION;
    if (!allowed) refusals.add('permission', permission);
    callback(allowed);
  });
  session.setPermissionCheckHandler((_contents, permission) => permission === ALLOWED_PERMISSION);
  session.setDevicePermissionHandler(() => false);
  return blocked;
}

export function lockDownContents(app: Pick<App, 'on'>, refusals: Refusals): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    // A reload is the only navigation a page of ours makes.
    contents.on('will-frame-navigate', (event) => {
      if (event.isMainFrame && isPage(event.url)) return;
      event.preventDefault();
      refusals.add('navigation', event.url);
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
      refusals.add('window', 'webview');
    });
    contents.setWindowOpenHandler(({ url }) => {
      refusals.add('window', url);
      return { action: 'deny' };
    });
  });
}

/** True for the page itself: its address, with or without a place in it. */
export function isPage(url: string): boolean {
  return url === `${PAGE_ORIGIN}/` || url.startsWith(`${PAGE_ORIGIN}/#`);
}
