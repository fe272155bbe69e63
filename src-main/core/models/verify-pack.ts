import { realpath } from 'node:fs/promises';
import { type EngineNote, engineNote } from '../../../src-shared/domain/engine-note.ts';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { checkGraph, type FixedDims, manifestSymbolValues } from './check-graph.ts';
import type { ModelPack } from './model-pack.ts';
import type { OnnxGraph } from './onnx/onnx-graph.ts';
import { packError } from './pack-error.ts';
import { checkExternal, checkFiles, parseGraph } from './pack-files.ts';
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
  /** Graphs that were left alone and the like. */
  readonly notes: readonly EngineNote[];
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
  const notes: EngineNote[] = [];
  const symbols = manifestSymbolValues(pack);
  const names = Object.keys(pack.manifest.graphs);
  for (const role of [...roles.filter((name) => names.includes(name)), ...names.filter((name) => !isRole(name))]) {
    throwIfAborted(signal);
    const entry = pack.manifest.graphs[role];
    const path = await checkFiles(pack, root, role, entry, signal);
    if (!isRole(role)) {
      notes.push(engineNote('graph-unknown', { role }));
      continue;
    }
    const graph = parseGraph(pack, role, path);
    checkExternal(pack, role, entry, graph);
    for (const { file, sha256 } of entry.external) {
      if (sha256 === null) notes.push(engineNote('hash-missing', { file }));
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
