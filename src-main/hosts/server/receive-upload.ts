import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

/** A dropped file has no path in a browser: its bytes come here. */
export const MOST_UPLOAD_BYTES = 64 * 2 ** 30;

/** Stores a dropped video under its own name in `folder`; the same name and size again is the same file. Returns its path. */
export async function receiveUpload(request: IncomingMessage, folder: string, wanted: string): Promise<string> {
  const name = safeName(wanted);
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(announced > 0 && announced <= MOST_UPLOAD_BYTES)) {
    throw new StudioError('media-too-large', 'user', 'A dropped video must have between 1 byte and 64 GiB.');
  }
  await mkdir(folder, { recursive: true });
  const path = await freePath(folder, name, announced);
  if (path === null) {
    request.resume();
    return join(folder, name);
  }
  const draft = join(folder, `.${basename(path)}.${process.pid}.part`);
  try {
    await pipeline(request, upTo(announced), createWriteStream(draft, { flags: 'w' }));
    const { size } = await stat(draft);
    if (size !== announced)
      throw new StudioError('file-unreadable', 'user', `${name} arrived incomplete; drop it again.`);
    await rename(draft, path);
    return path;
  } finally {
    await rm(draft, { force: true });
  }
}

/** A name for the file, or null when it is there already with this size. */
async function freePath(folder: string, name: string, size: number): Promise<string | null> {
  const stem = basename(name, extname(name));
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : `${stem}-${number}${extname(name)}`);
    const found = await stat(path).catch(() => null);
    if (found === null) return path;
    if (number === 1 && found.size === size) return null;
  }
}

function upTo(bytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > bytes) done(new StudioError('media-too-large', 'user', 'The file is longer than was announced.'));
      else done(null, chunk);
    },
  });
}

/** The last part of a name, without anything a file system or a shell could take for something else. */
function safeName(wanted: string): string {
  const cleaned = basename(wanted.replaceAll('\\', '/'))
    .replaceAll(/[^\p{L}\p{N} ._()-]/gu, '_')
    .replace(/^\.+/, '')
    .slice(-150);
  return cleaned === '' ? 'video' : cleaned;
}
