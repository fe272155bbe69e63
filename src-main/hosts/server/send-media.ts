import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse, SECURITY_HEADERS } from './respond.ts';

export interface ByteRange {
  readonly status: 200 | 206 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** null: there is nothing to send. */
  readonly stream: (() => ReadStream) | null;
}

/** What answers a request for a file or a range of it; null when the file is not there. */
export async function openByteRange(path: string, header: string | undefined): Promise<ByteRange | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  const range = parseByteRange(header, found.size);
  if (range === 'invalid') return { status: 416, headers: { 'Content-Range': `bytes */${found.size}` }, stream: null };
  const { first, last } = range ?? { first: 0, last: found.size - 1 };
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(last - first + 1),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${last}/${found.size}` }),
  };
  return {
    status: range === null ? 200 : 206,
    headers,
    stream: () => createReadStream(path, { start: first, end: last }),
  };
}

/** The source of an open session, in ranges, for its sound. */
export async function sendMedia(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const range = await openByteRange(path, request.headers.range);
  if (range === null) {
    refuse(response, 404, 'The video is not there any more.');
    return;
  }
  response.writeHead(range.status, { ...SECURITY_HEADERS, ...range.headers });
  if (range.stream === null) {
    response.end();
    return;
  }
  const file = range.stream();
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
