import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Hashes computed by this process; a file that changes size or time is hashed again. Never stored: a disk cache could be forged. */
const known = new Map<string, string>();

/** SHA-256 of a file in lower-case hexadecimal, streamed. Rejects with the fs error or the signal's reason. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const info = await stat(path, { bigint: true });
  const key = `${path}\0${info.dev}\0${info.ino}\0${info.size}\0${info.mtimeNs}\0${info.ctimeNs}`;
  const cached = known.get(key);
  if (cached !== undefined) return cached;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, signal === undefined ? {} : { signal });
  const digest = hash.digest('hex');
  known.set(key, digest);
  return digest;
}
