/** Chromium knows no `app:` and `media:`: each origin is shown as a secure http origin of its own, whose requests never leave. */
const ORIGINS = [
  ['app://studio', 'http://studio.app.localhost'],
  ['media://studio', 'http://studio.media.localhost'],
] as const;

export function toWebUrl(url: string): string {
  return swapped(url, 0);
}

export function toAppUrl(url: string): string {
  return swapped(url, 1);
}

/** Origins inside a header, for the browser to read. */
export function toWebText(text: string): string {
  return ORIGINS.reduce((done, [app, web]) => done.replaceAll(app, web), text);
}

function swapped(url: string, from: 0 | 1): string {
  const known = ORIGINS.find((pair) => url === pair[from] || url.startsWith(`${pair[from]}/`));
  return known === undefined ? url : known[1 - from] + url.slice(known[from].length);
}
