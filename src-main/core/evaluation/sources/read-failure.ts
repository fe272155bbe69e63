import { constants } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

/** One sentence for a file that could not be read as what it should be. */
export function unreadable(path: string, what: string, cause?: unknown): StudioError {
  return new StudioError('file-unreadable', 'user', `${path} ${what}; nothing was scored.`, {
    details: { path },
    cause,
  });
}

/** Reads a file whole; `file-missing`, or `file-unreadable` with the system's reason. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new StudioError('file-missing', 'user', `${path} does not exist; check the path.`);
    throw unreadable(path, `cannot be read (${code ?? (cause as Error).message})`, cause);
  }
}

/** Reads UTF-8 text whole, without a byte order mark. Errors as `readBytes`; `file-unreadable` for more than the engine holds in one text. */
export async function readText(path: string): Promise<string> {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size > constants.MAX_STRING_LENGTH) {
    const [has, most] = [size, constants.MAX_STRING_LENGTH].map((bytes) => `${Math.floor(bytes / 1e6)} MB`);
    throw unreadable(
      path,
      `has ${has}, and a text of more than ${most} cannot be read; split it into one file a video`,
    );
  }
  return new TextDecoder().decode(await readBytes(path));
}

/** Reads and parses a JSON file. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, `is not JSON (${(cause as Error).message})`, cause);
  }
}

/** What `read` gives; a damaged mask is told of by whose it is (`mask-corrupt`). */
export function named<T>(whose: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'mask-corrupt') throw error;
    throw new StudioError('mask-corrupt', 'user', `${whose} cannot be used. ${error.message}`, { cause: error });
  }
}
