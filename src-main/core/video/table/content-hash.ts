import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const SAMPLE_BYTES = 1024 * 1024;
/** Pictures come by the thousand, so less of each is read. */
const PICTURE_SAMPLE_BYTES = 64 * 1024;

/** SHA-256 (hex) over the size as decimal text, the first MiB and the last MiB: names a file without reading all of it. */
export async function hashFile(path: string, sampleBytes = SAMPLE_BYTES): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const hash = createHash('sha256').update(`${size}\n`);
  const head = Buffer.alloc(Math.min(size, sampleBytes));
  await file.read(head, 0, head.length, 0);
  const tail = Buffer.alloc(Math.min(size, sampleBytes));
  await file.read(tail, 0, tail.length, size - tail.length);
  return hash.update(head).update(tail).digest('hex');
}

/** SHA-256 (hex) over the names and hashes of pictures in order. */
export async function hashPictures(folder: string, names: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\n${await hashFile(join(folder, name), PICTURE_SAMPLE_BYTES)}\n`);
  return hash.digest('hex');
}
