import { type ErrorData, StudioError } from '../../src-shared/errors/studio-error.ts';
import type { FolderListing, Host, HostAbout } from './host.ts';

/** The host when the page was served by `masklet serve`. */
export const browserHost: Host = {
  about: () => getJson<HostAbout>('/host/about'),
  frameUrl: (sessionId, frameIndex, size) =>
    `/frame?session=${encodeURIComponent(sessionId)}&index=${frameIndex}${size === 'full' ? '' : `&size=${size}`}`,
  listFolder: (path) =>
    getJson<FolderListing>(`/host/folder${path === null ? '' : `?path=${encodeURIComponent(path)}`}`),
  pathOfFile: (file, onProgress) => upload(file, onProgress),
};

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
function upload(file: File, onProgress: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/host/upload?name=${encodeURIComponent(file.name)}`);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(lost());
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
