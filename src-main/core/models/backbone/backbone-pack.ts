import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkBorder, checkDeclared, type PackSymbols } from '../check-graph.ts';
import { describeManifestIssue } from '../manifest.ts';
import { readManifestBytes } from '../model-pack.ts';
import type { OnnxGraph } from '../onnx/onnx-graph.ts';
import { packError } from '../pack-error.ts';
import { checkExternal, checkFiles, parseGraph } from '../pack-files.ts';
import type { RoleRule } from '../roles.ts';
import { type BackboneManifest, backboneManifestSchema } from './backbone-manifest.ts';

/** A parsed backbone manifest and where it lies; its graph has not been verified yet. */
export interface BackbonePack {
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: BackboneManifest;
  /** SHA-256 of pack.json, which carries the hash of the graph. */
  readonly hash: string;
}

/** `pixel_values` [B, 3, S, S] -> `embedding` [B, E]; both dimensions are the manifest's. */
const rule: RoleRule = {
  inputs: [{ name: 'pixel_values', dtypes: ['f32'], shape: ['B', 3, 'S', 'S'] }],
  outputs: [{ name: 'embedding', dtypes: ['f32'], shape: ['B', 'E'] }],
};

/** Reads `pack.json` of a backbone folder. Throws `pack-missing`, or `pack-invalid` naming file and field. */
export async function readBackbone(folder: string): Promise<BackbonePack> {
  const root = resolve(folder);
  const bytes = await readManifestBytes(root);
  const name = { id: root.split(/[\\/]/).at(-1) ?? root, folder: root };
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw packError('pack-invalid', name, `pack.json is not JSON (${(cause as Error).message})`, { cause });
  }
  const parsed = backboneManifestSchema.safeParse(json);
  if (!parsed.success) {
    const what = `pack.json, ${describeManifestIssue(parsed.error)}`;
    throw packError('pack-invalid', name, what, { details: { file: 'pack.json' }, cause: parsed.error });
  }
  const manifest = parsed.data;
  return { id: manifest.id, folder: root, manifest, hash: createHash('sha256').update(bytes).digest('hex') };
}

export interface VerifiedBackbone {
  readonly pack: BackbonePack;
  readonly path: string;
  readonly graph: OnnxGraph;
  /** Pictures of one call when the graph fixes it; null: any number. */
  readonly fixedBatch: number | null;
}

/** File inside the folder, SHA-256, external data, operator set, names, types and shapes; errors as `verifyPack`. */
export async function verifyBackbone(pack: BackbonePack, signal?: AbortSignal): Promise<VerifiedBackbone> {
  const role = 'backbone';
  const { manifest } = pack;
  const entry = manifest.graphs.backbone;
  const path = await checkFiles(pack, await realpath(pack.folder), role, entry, signal);
  const graph = parseGraph(pack, role, path);
  checkExternal(pack, role, entry, graph);
  const symbols: PackSymbols = new Map([
    ['S', { value: manifest.image.size, from: 'pack.json image.size' }],
    ['E', { value: manifest.embedding.dims, from: 'pack.json embedding.dims' }],
  ]);
  const fixed = checkBorder({ pack, role, rule, required: () => true }, graph, symbols);
  if (entry.io !== undefined) checkDeclared(pack, role, entry.io, graph);
  return { pack, path, graph, fixedBatch: fixed.get('B') ?? null };
}
