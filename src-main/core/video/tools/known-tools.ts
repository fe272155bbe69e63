import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keepInCache } from '../write-cache-file.ts';

/**
 * What a program said to `-version` before; nothing: this file was never asked. Starting Debian's ffmpeg only to ask it takes 0.16 s, and
 * every command would. A program that was replaced is another file by its size, its inode or its time of change.
 */
export async function knownAnswer(cacheDir: string, path: string): Promise<string> {
  return readFile(await entryPath(cacheDir, path), 'utf8').catch(() => '');
}

export async function rememberAnswer(cacheDir: string, path: string, answer: string): Promise<void> {
  await keepInCache(await entryPath(cacheDir, path), answer);
}

async function entryPath(cacheDir: string, path: string): Promise<string> {
  const { size, ino, mtimeNs } = await stat(path, { bigint: true });
  const key = createHash('sha256').update([path, size, ino, mtimeNs].join('\n'));
  return join(cacheDir, 'tools', `${key.digest('hex').slice(0, 32)}.txt`);
}
