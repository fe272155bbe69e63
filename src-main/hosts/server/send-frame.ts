import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import { studioContract } from '../../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type Handlers, Moved } from '../../../src-shared/rpc/contract-types.ts';
import { HTTP_CALLER } from './http-caller.ts';
import { refuse, SECURITY_HEADERS } from './respond.ts';

const STATUS = { user: 400, environment: 503, resource: 507, conflict: 409, cancelled: 499, bug: 500 } as const;

/** `/frame?session=ID&index=N[&size=thumbnail]`: one exact frame. A request that the browser drops frees its decode. */
export async function sendFrame(
  handlers: Handlers<StudioContract>,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  request.once('close', () => abort.abort());
  response.once('close', () => abort.abort());
  const input = studioContract.frame.input.safeParse({
    sessionId: query.get('session'),
    frameIndex: Number(query.get('index') ?? Number.NaN),
    size: query.get('size') ?? 'full',
  });
  if (!input.success) {
    refuse(response, 400, 'A frame is asked for with session, index and size.');
    return;
  }
  try {
    const answer = await handlers.frame(input.data, { signal: abort.signal, caller: HTTP_CALLER });
    const picture = answer instanceof Moved ? answer.value : answer;
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'Content-Type': picture.mediaType,
      'Content-Length': picture.bytes.length,
      'X-Frame-Index': picture.frameIndex,
      // The page keeps what it needs; a session id may name another video after a restart.
      'Cache-Control': 'no-store',
    });
    response.end(picture.bytes);
  } catch (error) {
    const known = StudioError.from(error);
    refuse(response, STATUS[known.kind], `${known.message} [${known.code}]`);
  }
}
