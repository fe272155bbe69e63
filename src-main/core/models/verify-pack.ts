import { lstat, realpath, stat } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { checkGraph, type FixedDims, manifestSymbolValues } from './check-graph.ts';
import { sha256OfFile } from './hash-file.ts';
import type { ManifestGraph } from './manifest.ts';
import type { ModelPack } from './model-pack.ts';
import { type OnnxGraph, readOnnxGraph } from './onnx/onnx-graph.ts';
import { packError } from './pack-error.ts';
import { isRole, type Role, roles } from './roles.ts';

/** A graph whose file, hash and border have been checked; safe to open as a session. */
export interface VerifiedGraph {
  readonly role: Role;
  /** Absolute. */
  readonly path: string;
  readonly graph: OnnxGraph;
  /** Dynamic dimensions that the graph fixes. */
  readonly fixed: FixedDims;
}

export interface VerifiedPack {
  readonly pack: ModelPack;
  readonly graphs: ReadonlyMap<Role, VerifiedGraph>;
  /** Plain sentences: graphs that were left alone and the like. */
  readonly notes: readonly string[];
}

/**
 * Checks every graph of a pack before any session is opened: file inside the folder, SHA-256, external data, operator set, names,
 * types and shapes against role and manifest. Throws `pack-invalid` (files), `pack-hash-mismatch`, `pack-graph-mismatch`,
 * `pack-cannot-track` (tracker constants without memory graphs) or `cancelled`; each is one sentence.
 */
export async function verifyPack(pack: ModelPack, signal?: AbortSignal): Promise<VerifiedPack> {
  checkRolesPresent(pack);
  const root = await realpath(pack.folder);
  const graphs = new Map<Role, VerifiedGraph>();
  const notes: string[] = [];
  const symbols = manifestSymbolValues(pack);
  const names = Object.keys(pack.manifest.graphs);
  for (const role of [...roles.filter((name) => names.includes(name)), ...names.filter((name) => !isRole(name))]) {
    throwIfAborted(signal);
    const entry = pack.manifest.graphs[role];
    const path = await checkFiles(pack, root, role, entry, signal);
    if (!isRole(role)) {
      notes.push(`The graph "${role}" of the pack is not one this version knows; it is not used.`);
      continue;
    }
    const graph = parse(pack, role, path);
    checkExternal(pack, role, entry, graph);
    for (const { file, sha256 } of entry.external) {
      if (sha256 === null) notes.push(`pack.json gives no SHA-256 for ${file}, so a change in it goes unnoticed.`);
    }
    graphs.set(role, { role, path, graph, fixed: checkGraph(pack, role, graph, symbols) });
  }
  return { pack, graphs, notes };
}

function checkRolesPresent(pack: ModelPack): void {
  const { graphs, tracker, detector, text } = pack.manifest;
  const needed: readonly Role[] = ['image_encoder', 'mask_decoder'];
  const missing = needed.find((role) => graphs[role] === undefined);
  if (missing !== undefined) throw packError('pack-graph-mismatch', pack, `it has no ${missing} graph`);
  if (tracker !== null && pack.capabilities.whyNoTracking !== null) {
    const what = `pack.json declares a tracker, but ${pack.capabilities.whyNoTracking}, so it cannot track`;
    throw packError('pack-cannot-track', pack, what);
  }
  if (detector !== null && graphs.detector === undefined) {
    throw packError('pack-graph-mismatch', pack, 'pack.json declares a detector, but it has no detector graph');
  }
  if (text !== null && graphs.text_encoder === undefined) {
    throw packError('pack-graph-mismatch', pack, 'pack.json declares text, but it has no text_encoder graph');
  }
}

async function checkFiles(
  pack: ModelPack,
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

async function insideFile(pack: ModelPack, root: string, file: string): Promise<string> {
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
  pack: ModelPack,
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

function parse(pack: ModelPack, role: Role, path: string): OnnxGraph {
  try {
    return readOnnxGraph(path);
  } catch (cause) {
    const what = `its ${role} graph is not an ONNX file (${(cause as Error).message})`;
    throw packError('pack-graph-mismatch', pack, what, { details: { role }, cause });
  }
}

/** Every location in the graph must be a file that the manifest lists, beside the graph and inside the pack. */
function checkExternal(pack: ModelPack, role: Role, entry: ManifestGraph, graph: OnnxGraph): void {
  const folder = posix.dirname(entry.file);
  const listed = new Set(entry.external.map(({ file }) => file));
  for (const location of graph.externalLocations) {
    const file = posix.join(folder, location);
    if (listed.has(file) && !posix.isAbsolute(location) && !location.includes('\\')) continue;
    const what = `its ${role} graph reads the file "${location}", which pack.json does not list under external`;
    throw packError('pack-invalid', pack, what, { details: { role, file: location } });
  }
}
