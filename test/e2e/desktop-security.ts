import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DesktopApp, DesktopHome } from '../electron/desktop-app.ts';
import { root, sampleClip } from './studio-page.ts';

/** Each check names its item of Electron's own list. */
const LIST = 'https://www.electronjs.org/docs/latest/tutorial/security';

type Bridge = Record<string, (...given: unknown[]) => unknown>;
type Bridged = Window & { maskletDesktop: Bridge };

const app100 = [
  '..%2f',
  '%2e%2e%2f',
  '..%5c',
  '..%252f',
  '%00',
  'C:/',
  '%2f%2f',
  '.git/',
  'x/..%2f..%2f',
  '%c0%ae%c0%ae/',
];
const TARGETS = [
  'etc/passwd',
  'windows/win.ini',
  'package.json',
  'src-main/hosts/electron/main.cjs',
  'models/pebble/pack.json',
];
const sessions = [
  '',
  '%00',
  '/etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  'file:///etc/passwd',
  'session-999',
  '*',
  '1 OR 1=1',
  'A'.repeat(5000),
];
const HOSTILE_URLS = [
  ...app100.flatMap((prefix) => TARGETS.map((target) => `app://studio/${prefix}${target}`)),
  ...sessions.flatMap((id) =>
    ['', '&path=/etc/passwd', '&session=2'].map((more) => `media://studio/source?session=${id}${more}`),
  ),
  ...['frame', 'source/', 'source%2f', 'source%00', 'SOURCE', 'media', '..%2fsource', 'etc/passwd'].map(
    (path) => `media://studio/${path}?session=session-1`,
  ),
  ...[
    'app://evil/',
    'app://studio.evil/index.html',
    'app://studio:81/',
    'app://me@studio/',
    'media://evil/source?session=1',
  ],
  ...['file:///etc/passwd', 'http://127.0.0.1:1/', 'https://example.com/', 'ws://example.com/', 'ftp://example.com/x'],
  ...['masklet://open?path=/etc/passwd', 'chrome://settings/', 'app://studio/nothing.js', 'app://studio/main.js.map'],
  'app://studio/index.html%20',
];
const HOSTILE_REPORTS = [
  ...[null, undefined, 7, 'menu', [], {}, { kind: 'none' }, { kind: 'menu' }, { kind: 'menu', menu: 'x' }, { kind: 7 }],
  ...[2, -1, 1.001, -0.001, '0.5', {}].map((share) => ({ kind: 'job', job: { share } })),
  ...['', '../x', 'A B', 'x'.repeat(61), 7, null].map((id) => ({
    kind: 'menu',
    menu: [{ title: 'x', items: [{ id, title: 'x', keys: null, enabled: true }] }],
  })),
  ...Array.from({ length: 8 }, (_, index) => ({ kind: 'opened', path: '', title: 'x', [`more${index}`]: 1 })),
  ...Array.from({ length: 5 }, (_, index) => ({ kind: 'finished', title: 'x'.repeat(501 + index), body: '' })),
  ...Array.from({ length: 5 }, (_, index) => ({ kind: 'job', job: null, [`__more${index}`]: true })),
];
const HOSTILE_WISHES = [
  ...[
    null,
    7,
    'media',
    [],
    {},
    { kind: 'save', title: '', start: null },
    { kind: 'media' },
    { kind: 'media', title: 7, start: null },
  ],
  ...Array.from({ length: 12 }, (_, index) => ({ kind: 'media', title: 'x', start: null, [`more${index}`]: 1 })),
  ...Array.from({ length: 5 }, (_, index) => ({ kind: 'media', title: 'x', start: 'x'.repeat(4097 + index) })),
];
const HOSTILE_FOLDERS = [7, {}, [], true, '', 'x'.repeat(4097), { path: '/' }, ['/'], -1, 0];
const FORGED = [
  ...[
    'https://evil.example/',
    'app://evil/',
    'file:///x',
    'about:blank',
    'data:text/html,x',
    'app://studio/other',
    '',
  ].map((url) => ({ url, parent: null })),
  ...Array.from({ length: 12 }, () => ({ url: 'app://studio/', parent: {} })),
  ...Array.from({ length: 6 }, () => null),
];
const NAVIGATIONS = [
  ...['https://example.com/', 'http://127.0.0.1:1/x', 'http://evil.localhost/', 'https://example.com/#app://studio/'],
  ...['https://app.studio/', 'http://[::1]:1/', 'https://example.com/?q=app://studio/', 'http://studio.invalid/'],
  ...[
    'http://169.254.169.254/latest',
    'https://xn--e1afmkfd.invalid/',
    'http://localhost:1/',
    'https://example.com:8443/',
  ],
];
const WINDOWS = ['https://example.com/', 'http://127.0.0.1:1/', 'about:blank', 'data:text/html,x'].concat([
  'https://example.com/a',
  'https://example.com/b',
  'http://localhost:1/',
  'https://example.org/',
]);

export interface OpenDesktop {
  readonly app: DesktopApp;
  readonly home: DesktopHome;
  /** Of its only window, with the sample clip on the desk. */
  readonly page: Page;
}

/** Registers what holds whoever attacks the running studio; it stays as it was. */
export function securityChecks(given: () => OpenDesktop): void {
  describe('its security', () => {
    let { app, home, page } = {} as OpenDesktop;
    beforeAll(() => {
      ({ app, home, page } = given());
    });
    const logged = (wanted: string) =>
      readFileSync(join(home.folder, 'logs/security.log'), { encoding: 'utf8', flag: 'a+' })
        .split('\n')
        .filter((line) => line.split(' ')[1] === wanted);
    const preferences = () =>
      app.evaluate(({ BrowserWindow }) => {
        const { webContents } = BrowserWindow.getAllWindows()[0];
        return (webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences();
      }, null);

    it(`shows nothing remote and no file: address (${LIST}#1-only-load-secure-content, #18)`, async () => {
      const url = await app.evaluate(
        ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.getURL(),
        null,
      );
      expect(url).toMatch(/^app:\/\/studio\/(#.*)?$/);
      const loaded = await page.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin),
      );
      expect([...new Set(loaded)]).toEqual([new URL(page.url()).origin]);
    });

    it(`gives the page no Node and no Electron (${LIST}#2-do-not-enable-nodejs-integration-for-remote-content)`, async () => {
      const found = await page.evaluate(() =>
        ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
          (name) => name in globalThis,
        ),
      );
      expect(found).toEqual([]);
    });

    it(`isolates, sandboxes and keeps every default (${LIST}#3-enable-context-isolation, #4, #6, #8 to #12)`, async () => {
      expect(await preferences()).toMatchObject({
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
      });
      const asked = await preferences();
      for (const never of [
        'allowRunningInsecureContent',
        'experimentalFeatures',
        'webviewTag',
        'nodeIntegrationInSubFrames',
      ])
        expect(asked[never] ?? false, never).toBe(false);
      expect(asked.enableBlinkFeatures ?? '').toBe('');
    });

    it(`gives the page one frozen object with seven functions (${LIST}#20-do-not-expose-electron-apis-to-untrusted-web-content)`, async () => {
      const bridge = await page.evaluate(() => {
        const given = (window as unknown as Bridged).maskletDesktop;
        return { keys: Object.keys(given).sort(), frozen: Object.isFrozen(given) };
      });
      const keys = ['about', 'choosePath', 'listFolder', 'onEvent', 'pathOfFile', 'report', 'requestLine'];
      expect(bridge).toEqual({ keys, frozen: true });
    });

    it(`denies every permission but copying (${LIST}#5-handle-session-permission-requests-from-remote-content)`, async () => {
      const granted = await page.evaluate(async () => {
        const names = [
          'geolocation',
          'notifications',
          'camera',
          'microphone',
          'midi',
          'clipboard-read',
        ] as PermissionName[];
        const states = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
        return states.filter(({ state }) => state === 'granted').length;
      });
      expect(granted).toBe(0);
      await expect(page.evaluate(() => navigator.mediaDevices.getUserMedia({ video: true }))).rejects.toThrow();
    });

    it(`has a strict policy that holds (${LIST}#7-define-a-content-security-policy)`, async () => {
      const policy = await page.evaluate(async () => (await fetch('/')).headers.get('content-security-policy') ?? '');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      const broken = await page.evaluate(async () => {
        const script = document.createElement('script');
        script.textContent = 'window.inlined = true';
        document.body.append(script);
        // From a timer: what a debugger evaluates may evaluate.
        const evaluated = await new Promise((done) =>
          setTimeout(() => {
            try {
              done(new Function('return true')());
            } catch {
              done(false);
            }
          }),
        );
        return { evaluated, inlined: 'inlined' in window };
      });
      expect(broken).toEqual({ evaluated: false, inlined: false });
    });

    it(`opens nothing outside (${LIST}#15-do-not-use-shellopenexternal-with-untrusted-content)`, () => {
      const main = readFileSync(join(root, 'dist/desktop/src-main/hosts/electron/main.cjs'), 'utf8');
      expect(main).not.toMatch(/openExternal|\.executeJavaScript|setAsDefaultProtocolClient|loadFile/);
    });

    it(`is built on a current Electron (${LIST}#16-use-a-current-version-of-electron)`, () => {
      const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        devDependencies: Record<string, string>;
      };
      expect(devDependencies.electron).toMatch(/^45\.\d+\.\d+$/);
    });

    it('refuses 100 hostile addresses, and writes each down once', async () => {
      expect(new Set(HOSTILE_URLS).size).toBe(100);
      const answers = await app.evaluate(
        ({ net }, urls) =>
          Promise.all(
            urls.map((url) =>
              net.fetch(url).then(
                ({ status }) => status,
                () => 0,
              ),
            ),
          ),
        HOSTILE_URLS,
      );
      expect(HOSTILE_URLS.filter((_, index) => answers[index] !== 404 && answers[index] !== 0)).toEqual([]);
      expect(logged('request')).toHaveLength(100);
      const good = await app.evaluate(
        ({ net }) => net.fetch('app://studio/index.html').then(({ status }) => status),
        null,
      );
      expect(good).toBe(200);
    });

    it(`refuses 100 hostile messages, forged senders among them (${LIST}#17-validate-the-sender-of-all-ipc-messages)`, async () => {
      expect(HOSTILE_REPORTS.length + HOSTILE_WISHES.length + HOSTILE_FOLDERS.length + FORGED.length).toBe(100);
      const refused = await page.evaluate(
        async ([reports, wishes, folders]) => {
          const bridge = (window as unknown as Bridged).maskletDesktop;
          for (const report of reports) bridge.report(report);
          const asked = [
            ...wishes.map((wish) => bridge.choosePath(wish)),
            ...folders.map((path) => bridge.listFolder(path)),
          ];
          return (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected').length;
        },
        [HOSTILE_REPORTS, HOSTILE_WISHES, HOSTILE_FOLDERS] as const,
      );
      expect(refused).toBe(HOSTILE_WISHES.length + HOSTILE_FOLDERS.length);
      await app.evaluate(({ ipcMain, BrowserWindow }, frames) => {
        const sender = BrowserWindow.getAllWindows()[0].webContents;
        for (const senderFrame of frames)
          ipcMain.emit('masklet:report', { sender, senderFrame }, { kind: 'job', job: null });
      }, FORGED);
      await expect.poll(() => logged('message').length, { timeout: 30_000 }).toBe(100);
    });

    it(`goes nowhere and opens no window, 20 times (${LIST}#13-disable-or-limit-navigation, #14)`, async () => {
      const before = page.url();
      for (const [index, url] of NAVIGATIONS.entries()) {
        await page.evaluate((target) => {
          location.href = target;
        }, url);
        await expect.poll(() => logged('navigation').length, { timeout: 30_000 }).toBe(index + 1);
      }
      for (const [index, url] of WINDOWS.entries()) {
        await page.evaluate((target) => void window.open(target), url);
        await expect.poll(() => logged('window').length, { timeout: 30_000 }).toBe(index + 1);
      }
      expect(page.url()).toBe(before);
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null)).toBe(1);
      expect(NAVIGATIONS.length + WINDOWS.length).toBe(20);
    });

    it('serves the video of an open session in ranges, and none that is not open', async () => {
      const asked = ['session-1', 'session-2'].map((id) => `media://studio/source?session=${id}`);
      const [open, closed] = await app.evaluate(
        ({ net }, urls) =>
          Promise.all(
            urls.map(async (url) => {
              const answer = await net.fetch(url, { headers: { range: 'bytes=4-7' } });
              return { status: answer.status, text: await answer.text(), range: answer.headers.get('content-range') };
            }),
          ),
        asked,
      );
      const clip = readFileSync(sampleClip);
      expect(open).toEqual({ status: 206, text: clip.subarray(4, 8).toString(), range: `bytes 4-7/${clip.length}` });
      expect(closed.status).toBe(404);
    });

    it('wrote nothing down twice', () => {
      const counts = Object.fromEntries(
        ['request', 'message', 'navigation', 'window'].map((kind) => [kind, logged(kind).length]),
      );
      // The closed session's address of the test before is one request more.
      expect(counts).toEqual({ request: 101, message: 100, navigation: 12, window: 8 });
    });
  });
}
