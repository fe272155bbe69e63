import type { FolderListing } from '../../src-shared/domain/folder-listing.ts';
import { cancelled, type ErrorData, StudioError } from '../../src-shared/errors/studio-error.ts';
import { webSocketTransport } from '../client/web-socket-transport.ts';
import type { BrowserAbout, FrameWish, Host, LoadedFrame } from './host.ts';

/** The host when the page was served by `masklet serve`. */
export const browserHost: Host = {
  about: () => getJson<BrowserAbout>('/host/about'),
  openLine: (onOpen, onClose) => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/rpc`);
    const transport = webSocketTransport(socket);
    socket.addEventListener('open', onOpen);
    socket.addEventListener('close', onClose);
    return transport;
  },
  // Over HTTP, so that a request that is dropped frees its decode and large pictures never wait in the line.
  loadFrame: (_client, wish, signal) => fetchFrame(wish, signal),
  listFolder: (path) =>
    getJson<FolderListing>(`/host/folder${path === null ? '' : `?path=${encodeURIComponent(path)}`}`),
  pathOfFile: upload,
  desktop: null,
};

async function fetchFrame({ sessionId, frameIndex, size }: FrameWish, signal: AbortSignal): Promise<LoadedFrame> {
  const thumbnail = size === 'full' ? '' : `&size=${size}`;
  const url = `/frame?session=${encodeURIComponent(sessionId)}&index=${frameIndex}${thumbnail}`;
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(await response.text());
  const named = Number(response.headers.get('X-Frame-Index') ?? frameIndex);
  return { frameIndex: named, picture: await response.blob() };
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  return answerOf<T>(response.ok, await response.json());
}

function answerOf<T>(ok: boolean, body: unknown): T {
  if (ok) return body as T;
  const { error } = body as { error?: ErrorData };
  throw error === undefined ? lost() : StudioError.fromData(error);
}

/** XMLHttpRequest, because fetch cannot tell how much it has sent. */
function upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/host/upload?name=${encodeURIComponent(file.name)}`);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(lost());
    request.onabort = () => reject(cancelled());
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.onload = () => {
      try {
        resolve(answerOf<{ path: string }>(request.status === 200, request.response).path);
      } catch (error) {
        reject(error);
      }
    };
    request.send(file);
  });
}

function lost(): StudioError {
  return new StudioError('thread-died', 'environment', 'The studio server did not answer; nothing you made is lost.');
}
