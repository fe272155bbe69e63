import { Readable } from 'node:stream';
import type { Protocol } from 'electron';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { openPageFile } from '../server/page-files.ts';
import { contentSecurityPolicy, SECURITY_HEADERS } from '../server/respond.ts';
import { openByteRange } from '../server/send-media.ts';
import type { Refusals } from './refusals.ts';

export const PAGE_ORIGIN = 'app://studio';
const MEDIA_ORIGIN = 'media://studio';

const HEADERS = { ...SECURITY_HEADERS, 'Content-Security-Policy': contentSecurityPolicy(MEDIA_ORIGIN) };
/** The page is another origin than its media; nobody else may read either. */
const MEDIA_HEADERS = {
  ...HEADERS,
  'Access-Control-Allow-Origin': PAGE_ORIGIN,
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

export const PRIVILEGED_SCHEMES = [
  { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  {
    scheme: 'media',
    privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true },
  },
];

export interface ProtocolParts {
  readonly pageFolder: string;
  readonly refusals: Refusals;
  /** Path of the source of an open session; throws `session-missing`. */
  readonly sourceOf: (sessionId: string) => Promise<string>;
}

/** `app://studio/` is the built page and nothing else; `media://studio/source?session=ID` is the video of an open session, in ranges. */
export function serveProtocols(protocol: Pick<Protocol, 'handle'>, parts: ProtocolParts): void {
  const guarded = (answer: (request: Request) => Promise<Response | null>) => async (request: Request) => {
    const answered = await answer(request).catch(() => null);
    if (answered !== null) return answered;
    parts.refusals.add('request', request.url);
    return new Response('There is nothing at this address.\n', { status: 404, headers: HEADERS });
  };
  protocol.handle(
    'app',
    guarded((request) => answerPage(request, parts.pageFolder)),
  );
  protocol.handle(
    'media',
    guarded((request) => answerMedia(request, parts.sourceOf)),
  );
}

async function answerPage(request: Request, pageFolder: string): Promise<Response | null> {
  const pathname = pathIn(request, PAGE_ORIGIN);
  if (pathname === null) return null;
  const file = await openPageFile(pageFolder, pathname);
  if (file === null) return null;
  const headers = { ...HEADERS, 'Content-Type': file.type, 'Content-Length': String(file.size) };
  return new Response(bodyOf(file.stream()), { headers });
}

async function answerMedia(request: Request, sourceOf: ProtocolParts['sourceOf']): Promise<Response | null> {
  if (pathIn(request, MEDIA_ORIGIN) !== '/source') return null;
  const query = [...new URL(request.url).searchParams];
  if (query.length !== 1 || query[0][0] !== 'session') return null;
  const path = await sourceOf(query[0][1]).catch((error: unknown) => {
    if (StudioError.from(error).code === 'session-missing') return null;
    throw error;
  });
  if (path === null) return null;
  const range = await openByteRange(path, request.headers.get('range') ?? undefined);
  if (range === null) return null;
  const headers = { ...MEDIA_HEADERS, ...range.headers };
  return new Response(range.stream === null ? null : bodyOf(range.stream()), { status: range.status, headers });
}

/** The path as it was written, before anything could resolve `..`; null for another origin or method, or signs that are never ours. */
function pathIn(request: Request, origin: string): string | null {
  if (request.method !== 'GET' || !request.url.startsWith(`${origin}/`)) return null;
  const [pathname] = request.url.slice(origin.length).split(/[?#]/, 1);
  return /%(2f|5c|00|2e)/i.test(pathname) ? null : pathname;
}

function bodyOf(stream: Readable): ReadableStream {
  return Readable.toWeb(stream) as ReadableStream;
}
