import { open, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, extname, join, parse, resolve } from 'node:path';
import type { FolderEntry, FolderListing } from '../../../src-shared/domain/folder-listing.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

/** Ends of names that a video usually has. */
export const VIDEO_ENDINGS = 'mp4 mov m4v mkv webm avi mpg mpeg ts m2ts mts wmv flv gif mxf ogv 3gp'.split(' ');
/** Programs in TypeScript end like transport streams. */
const SOURCE_ENDINGS: ReadonlySet<string> = new Set(['ts', 'mts']);
const MOST_ENTRIES = 5000;

/** What can be opened in a folder of this machine, or in that of a file: folders, videos and sessions by name; hidden ones are left out. */
export async function listFolder(wanted: string | null): Promise<FolderListing> {
  const folder = resolve(wanted ?? homedir());
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    const file = await describe(folder, basename(folder));
    if (file !== null && file.kind !== 'folder') return { ...(await listFolder(dirname(folder))), file };
    throw new StudioError('file-unreadable', 'user', `The folder ${folder} cannot be read; choose another one.`, {
      cause,
    });
  }
  const shown = names.filter((name) => !name.startsWith('.')).slice(0, MOST_ENTRIES);
  const entries = await Promise.all(shown.map((name) => describe(join(folder, name), name)));
  const known = entries.filter((entry) => entry !== null);
  known.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  return { folder, parent: parse(folder).root === folder ? null : dirname(folder), entries: known, file: null };
}

async function describe(path: string, name: string): Promise<FolderEntry | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const facts = { name, path, sizeBytes: found.size, changedAtMillis: Math.trunc(found.mtimeMs) };
  if (found.isDirectory()) return { ...facts, kind: 'folder' };
  const extension = extname(name);
  if (extension === '.masklet') return { ...facts, kind: 'session' };
  const ending = extension.slice(1).toLowerCase();
  if (!VIDEO_ENDINGS.includes(ending)) return null;
  return !SOURCE_ENDINGS.has(ending) || (await isTransportStream(path)) ? { ...facts, kind: 'video' } : null;
}

/** Packets of 188 bytes begin with 0x47; those of a disc have four more in front. */
async function isTransportStream(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    const head = Buffer.alloc(200);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return bytesRead === head.length && [0, 4].some((at) => head[at] === 0x47 && head[at + 188 + at] === 0x47);
  } catch {
    // What cannot be read is shown: opening it says why.
    return true;
  }
}

function rank({ kind }: FolderEntry): number {
  return kind === 'folder' ? 0 : 1;
}
