import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse, SECURITY_HEADERS } from './respond.ts';

/** The source of an open session, in ranges, for its sound. */
export async function sendMedia(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) {
    refuse(response, 404, 'The video is not there any more.');
    return;
  }
  const range = parseByteRange(request.headers.range, found.size);
  if (range === 'invalid') {
    response.writeHead(416, { ...SECURITY_HEADERS, 'Content-Range': `bytes */${found.size}` });
    response.end();
    return;
  }
  const { first, last } = range ?? { first: 0, last: found.size - 1 };
  response.writeHead(range === null ? 200 : 206, {
    ...SECURITY_HEADERS,
    'Content-Type': 'application/octet-stream',
    'Content-Length': last - first + 1,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${last}/${found.size}` }),
  });
  const file = createReadStream(path, { start: first, end: last });
  file.on('error', () => response.destroy());
  response.once('close', () => file.destroy());
  file.pipe(response);
}

/** One range of bytes, both ends included; null: everything. Several ranges in one header are not for us. */
export function parseByteRange(
  header: string | undefined,
  size: number,
): { first: number; last: number } | null | 'invalid' {
  if (header === undefined) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header);
  if (match === null || (match[1] === '' && match[2] === '')) return 'invalid';
  const first = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return first > last || first >= size ? 'invalid' : { first, last };
}
