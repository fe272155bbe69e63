import { lstat, realpath, stat } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { sha256OfFile } from './hash-file.ts';
import type { ManifestGraph } from './manifest.ts';
import { type OnnxGraph, readOnnxGraph } from './onnx/onnx-graph.ts';
import { type PackName, packError } from './pack-error.ts';

/** Path of a graph whose files lie inside the pack and have the hashes that pack.json states. */
export async function checkFiles(
  pack: PackName,
  root: string,
  role: string,
  entry: ManifestGraph,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = await insideFile(pack, root, entry.file);
  await checkHash(pack, path, entry.file, entry.sha256, signal);
  for (const { file, sha256 } of entry.external) {
    const external = await insideFile(pack, root, file);
    // The runtime itself refuses "..", absolute paths and symlinks, but a hard link passes it.
    const { nlink } = await stat(external);
    if (nlink > 1) {
      const what = `its file ${file} is a hard link to something else`;
      throw packError('pack-invalid', pack, what, { details: { role, file } });
    }
    if (sha256 !== null) await checkHash(pack, external, file, sha256, signal);
  }
  return path;
}

async function insideFile(pack: PackName, root: string, file: string): Promise<string> {
  const path = join(root, ...file.split('/'));
  const fail = (what: string) => packError('pack-invalid', pack, `its file ${file} ${what}`, { details: { file } });
  const info = await lstat(path).catch(() => null);
  if (info === null) throw fail('is missing');
  const real = await realpath(path).catch(() => null);
  if (real === null || !real.startsWith(root + sep)) throw fail('leads out of the pack folder');
  if (!(await stat(real)).isFile()) throw fail('is not a file');
  return real;
}

async function checkHash(
  pack: PackName,
  path: string,
  file: string,
  expected: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = await sha256OfFile(path, signal).catch((error: unknown) => {
    throwIfAborted(signal);
    throw packError('pack-invalid', pack, `its file ${file} cannot be read`, { details: { file }, cause: error });
  });
  if (found === expected) return;
  const what = `its file ${file} is damaged or was changed (SHA-256 ${found.slice(0, 12)}… instead of ${expected.slice(0, 12)}…)`;
  throw packError('pack-hash-mismatch', pack, what, { details: { file, found, expected } });
}

export function parseGraph(pack: PackName, role: string, path: string): OnnxGraph {
  try {
    return readOnnxGraph(path);
  } catch (cause) {
    const what = `its ${role} graph is not an ONNX file (${(cause as Error).message})`;
    throw packError('pack-graph-mismatch', pack, what, { details: { role }, cause });
  }
}

/** Every location in the graph must be a file that the manifest lists, beside the graph and inside the pack. */
export function checkExternal(pack: PackName, role: string, entry: ManifestGraph, graph: OnnxGraph): void {
  const folder = posix.dirname(entry.file);
  const listed = new Set(entry.external.map(({ file }) => file));
  for (const location of graph.externalLocations) {
    const file = posix.join(folder, location);
    if (listed.has(file) && !posix.isAbsolute(location) && !location.includes('\\')) continue;
    const what = `its ${role} graph reads the file "${location}", which pack.json does not list under external`;
    throw packError('pack-invalid', pack, what, { details: { role, file: location } });
  }
}
