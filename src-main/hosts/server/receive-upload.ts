import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { shortened } from '../../../src-shared/domain/file-name.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { makeFolder } from '../../core/base/make-folder.ts';
import { removeAbandoned } from '../../core/base/remove-abandoned.ts';

/** A dropped file has no path in a browser: its bytes come here. */
export const MOST_UPLOAD_BYTES = 64 * 2 ** 30;

let uploads = 0;

/**
 * Stores a dropped video under its own name in `folder`, and returns its path. The same name and content again is the same file; another
 * content of that name gets a number.
 */
export async function receiveUpload(request: IncomingMessage, folder: string, wanted: string): Promise<string> {
  const name = safeName(wanted);
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(announced > 0 && announced <= MOST_UPLOAD_BYTES)) {
    throw new StudioError('media-too-large', 'user', 'A dropped video must have between 1 byte and 64 GiB.');
  }
  makeFolder(folder);
  await removeAbandoned(join(folder, name), /^\.(\d+)-\d+\.part$/);
  const draft = join(folder, `.${name}.${process.pid}-${++uploads}.part`);
  try {
    await pipeline(request, upTo(announced), createWriteStream(draft, { flags: 'w' }));
    const { size } = await stat(draft);
    if (size !== announced)
      throw new StudioError('file-unreadable', 'user', `${name} arrived incomplete; drop it again.`);
    return await settle(draft, folder, name);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Where the content of `draft` lies: there already, or moved to the first free name. */
async function settle(draft: string, folder: string, name: string): Promise<string> {
  const stem = basename(name, extname(name));
  const { size } = await stat(draft);
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : `${stem}-${number}${extname(name)}`);
    // Nothing may come between the look and the move.
    if (!existsSync(path)) {
      renameSync(draft, path);
      return path;
    }
    const sameSize = (await stat(path)).size === size;
    if (sameSize && (await hashOf(path)) === (await hashOf(draft))) return path;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
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
    .trim();
  const ending = shortened(extname(cleaned), 20);
  return cleaned === '' ? 'video' : `${shortened(basename(cleaned, extname(cleaned)))}${ending}`;
}
