import { createReadStream, type ReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
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

export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly stream: () => ReadStream;
}

/** A file of the built page; null when the address names none, or one that only a link makes look like ours. */
export async function openPageFile(root: string, pathname: string): Promise<PageFile | null> {
  const path = pageFilePath(root, pathname);
  if (path === null) return null;
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
    const found = await stat(real);
    if (!real.startsWith(realRoot + sep) || !found.isFile()) return null;
    return { path: real, type: TYPES[extname(path)], size: found.size, stream: () => createReadStream(real) };
  } catch {
    return null;
  }
}

/** Sends a file of the built page. Names carry a content hash, except the entry's own. */
export async function sendPageFile(response: ServerResponse, root: string, pathname: string): Promise<void> {
  const file = await openPageFile(root, pathname);
  if (file === null) {
    refuse(response, 404, 'There is nothing at this address.');
    return;
  }
  const lasting = /-[0-9A-Z]{8}\.\w+$/.test(file.path);
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': file.type,
    'Content-Length': file.size,
    'Cache-Control': lasting ? 'private, max-age=31536000, immutable' : 'no-cache',
  });
  file.stream().pipe(response);
}
