import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type ModelPack, readPack } from './model-pack.ts';

/** A folder that holds a pack.json: a readable pack, or why it is not one. */
export type PackEntry =
  | { readonly kind: 'pack'; readonly folder: string; readonly pack: ModelPack }
  | { readonly kind: 'broken'; readonly folder: string; readonly error: StudioError };

/** `models/` of this installation, where the built-in pack lies. */
export function builtinModelsFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'models');
}

/**
 * Packs directly inside the folders, in the order of folders and then of names; missing folders count as empty. Of two packs
 * with one id the first wins in `findPack`. Manifests are read, files are not verified.
 */
export async function listPacks(folders: readonly string[]): Promise<readonly PackEntry[]> {
  const entries: PackEntry[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [] as string[]);
    for (const name of names.sort()) {
      const path = resolve(folder, name);
      if (await isPackFolder(path)) entries.push(await readEntry(path));
    }
  }
  return entries;
}

/**
 * The pack of an id, or of a folder that holds pack.json. Rejects with `pack-missing` naming what exists, `pack-invalid` when
 * the folder's manifest is broken.
 */
export async function findPack(idOrFolder: string, folders: readonly string[]): Promise<ModelPack> {
  const entries = await listPacks(folders);
  const known = entries.find((entry) => entry.kind === 'pack' && entry.pack.id === idOrFolder);
  if (known?.kind === 'pack') return known.pack;
  if (await isPackFolder(idOrFolder)) return readPack(idOrFolder);
  const broken = entries.find((entry) => entry.kind === 'broken' && entry.folder.split(/[\\/]/).at(-1) === idOrFolder);
  if (broken?.kind === 'broken') throw broken.error;
  if (/[\\/]/.test(idOrFolder) || (await isFolder(idOrFolder))) return readPack(idOrFolder);
  const ids = entries.flatMap((entry) => (entry.kind === 'pack' ? [entry.pack.id] : []));
  const have = ids.length === 0 ? 'no pack is installed' : `installed are ${ids.join(', ')}`;
  throw new StudioError(
    'pack-missing',
    'user',
    `There is no model pack "${idOrFolder}"; ${have}; give one of these or the folder of a pack (it holds pack.json).`,
    { details: { pack: idOrFolder, installed: ids.join(',') } },
  );
}

async function readEntry(folder: string): Promise<PackEntry> {
  try {
    return { kind: 'pack', folder, pack: await readPack(folder) };
  } catch (error) {
    return { kind: 'broken', folder, error: StudioError.from(error) };
  }
}

async function isPackFolder(folder: string): Promise<boolean> {
  const info = await stat(join(folder, 'pack.json')).catch(() => null);
  return info?.isFile() ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => null);
  return info?.isDirectory() ?? false;
}
