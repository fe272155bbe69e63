import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { type BackbonePack, readBackbone } from './backbone/backbone-pack.ts';
import { isBackbone, type ModelPack, readManifestBytes, readPack } from './model-pack.ts';

/** A folder that holds a pack.json: a readable pack, or why it is not one. */
export type PackEntry =
  | { readonly kind: 'pack'; readonly folder: string; readonly pack: ModelPack }
  | { readonly kind: 'backbone'; readonly folder: string; readonly pack: BackbonePack }
  | { readonly kind: 'broken'; readonly folder: string; readonly error: StudioError };

/** `models/` of this installation, where the built-in pack lies. */
export function builtinModelsFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'models');
}

/**
 * Packs directly inside the folders, in the order of folders and then of names; missing folders count as empty, names that begin with a
 * dot (unfinished imports) as absent. Of two packs with one id the first wins in `findPack`. Manifests are read, files are not verified.
 */
export async function listPacks(folders: readonly string[]): Promise<readonly PackEntry[]> {
  const entries: PackEntry[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => [] as string[]);
    for (const name of names.filter((each) => !each.startsWith('.')).sort()) {
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

/**
 * The folder of a pack of any kind, by id or folder, and whether it is a backbone. Rejects as `findPack`.
 */
export async function findAnyPack(
  idOrFolder: string,
  folders: readonly string[],
): Promise<{ readonly kind: 'pack' | 'backbone'; readonly folder: string }> {
  const entries = await listPacks(folders);
  const known = entries.find((entry) => entry.kind === 'backbone' && entry.pack.id === idOrFolder);
  if (known !== undefined) return { kind: 'backbone', folder: known.folder };
  if ((await isPackFolder(idOrFolder)) && (await isBackboneFolder(idOrFolder))) {
    return { kind: 'backbone', folder: resolve(idOrFolder) };
  }
  return { kind: 'pack', folder: (await findPack(idOrFolder, folders)).folder };
}

/** False also for a manifest that is not JSON: reading it says why. */
async function isBackboneFolder(folder: string): Promise<boolean> {
  const bytes = await readManifestBytes(folder);
  try {
    return isBackbone(JSON.parse(bytes.toString('utf8')));
  } catch {
    return false;
  }
}

async function readEntry(folder: string): Promise<PackEntry> {
  try {
    if (await isBackboneFolder(folder)) return { kind: 'backbone', folder, pack: await readBackbone(folder) };
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
