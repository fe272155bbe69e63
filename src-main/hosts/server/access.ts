import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type Verdict = 'allowed' | 'wrong-host' | 'wrong-origin' | 'no-token';

/**
 * Who may talk to the server. A request must name us in `Host` (a page on another name that resolves to this machine cannot read
 * us), must not come from another origin, and must carry the token: once in the address (`?token=`), then as a cookie
 * that no script can read and no other site can send.
 */
export class Access {
  readonly token = randomBytes(32).toString('base64url');
  readonly #hosts: ReadonlySet<string>;
  readonly #cookieName: string;

  /** `hosts`: every `host:port` a browser may name us by, in lower case. */
  constructor(hosts: readonly string[], port: number) {
    this.#hosts = new Set(hosts);
    this.#cookieName = `masklet-${port}`;
  }

  check(request: IncomingMessage): Verdict {
    if (!this.#hosts.has((request.headers.host ?? '').toLowerCase())) return 'wrong-host';
    if (!this.#originFits(request)) return 'wrong-origin';
    return this.#tokenOf(request).some((token) => this.#isToken(token)) ? 'allowed' : 'no-token';
  }

  /** The header that lets the browser in from now on. */
  get cookie(): string {
    return `${this.#cookieName}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  #originFits({ headers }: IncomingMessage): boolean {
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    if (site === 'cross-site' || site === 'same-site') return headers['sec-fetch-mode'] === 'navigate' && !origin;
    if (origin === undefined) return true;
    try {
      return this.#hosts.has(new URL(origin).host.toLowerCase());
    } catch {
      return false;
    }
  }

  #tokenOf({ headers, url }: IncomingMessage): string[] {
    const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim().split('='));
    const fromCookie = cookies.filter(([name]) => name === this.#cookieName).map(([, value = '']) => value);
    return [...fromCookie, ...tokenInAddress(url)];
  }

  #isToken(candidate: string): boolean {
    const given = Buffer.from(candidate);
    const wanted = Buffer.from(this.token);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

/** The token that an address carries, if any. */
export function tokenInAddress(url: string | undefined): string[] {
  const query = (url ?? '').split('?')[1];
  const token = new URLSearchParams(query ?? '').get('token');
  return token === null ? [] : [token];
}
