import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, join, parse, resolve } from 'node:path';
import type { FolderEntry, FolderListing } from '../../../src-shared/domain/folder-listing.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

/** Ends of names that a video usually has. */
export const VIDEO_ENDINGS = 'mp4 mov m4v mkv webm avi mpg mpeg ts m2ts mts wmv flv gif mxf ogv 3gp'.split(' ');
const MOST_ENTRIES = 5000;

/** What can be opened in a folder of this machine: folders, videos and sessions by name; hidden ones are left out. */
export async function listFolder(wanted: string | null): Promise<FolderListing> {
  const folder = resolve(wanted ?? homedir());
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new StudioError('file-unreadable', 'user', `The folder ${folder} cannot be read; choose another one.`, {
      cause,
    });
  }
  const shown = names.filter((name) => !name.startsWith('.')).slice(0, MOST_ENTRIES);
  const entries = await Promise.all(shown.map((name) => describe(join(folder, name), name)));
  const known = entries.filter((entry) => entry !== null);
  known.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  return { folder, parent: parse(folder).root === folder ? null : dirname(folder), entries: known };
}

async function describe(path: string, name: string): Promise<FolderEntry | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const facts = { name, path, sizeBytes: found.size, changedAtMillis: Math.trunc(found.mtimeMs) };
  if (found.isDirectory()) return { ...facts, kind: 'folder' };
  const extension = extname(name);
  if (extension === '.masklet') return { ...facts, kind: 'session' };
  return VIDEO_ENDINGS.includes(extension.slice(1).toLowerCase()) ? { ...facts, kind: 'video' } : null;
}

function rank({ kind }: FolderEntry): number {
  return kind === 'folder' ? 0 : 1;
}
