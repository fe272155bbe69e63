import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { refuse, SECURITY_HEADERS } from './respond.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Where a path of the address lies inside `root`; null for anything that would leave it or that we do not serve. */
export function pageFilePath(root: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  // Backslashes, drive letters and NULs are never part of our own names.
  if (/[\\:\0]/.test(decoded) || !decoded.startsWith('/')) return null;
  const file = normalize(join(root, decoded === '/' ? 'index.html' : decoded));
  if (!file.startsWith(root + sep) || TYPES[extname(file)] === undefined) return null;
  return decoded.split('/').some((part) => part === '..' || part.startsWith('.')) ? null : file;
}

/** Sends a file of the built page. Names carry a content hash, except the entry's own. */
export async function sendPageFile(response: ServerResponse, root: string, pathname: string): Promise<void> {
  const file = pageFilePath(root, pathname);
  const found = file === null ? null : await stat(file).catch(() => null);
  if (file === null || found === null || !found.isFile()) {
    refuse(response, 404, 'There is nothing at this address.');
    return;
  }
  const lasting = /-[0-9A-Z]{8}\.\w+$/.test(file);
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': TYPES[extname(file)],
    'Content-Length': found.size,
    'Cache-Control': lasting ? 'private, max-age=31536000, immutable' : 'no-cache',
  });
  createReadStream(file).pipe(response);
}
