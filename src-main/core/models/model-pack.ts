import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { PictureFit } from '../../../src-shared/geometry/fit-picture.ts';
import {
  type DecoderConstants,
  type DetectorConstants,
  describeManifestIssue,
  type Manifest,
  manifestSchema,
  type TrackerConstants,
} from './manifest.ts';
import { type PackCapabilities, packCapabilities } from './pack-capabilities.ts';
import { packError } from './pack-error.ts';

/** The numbers of a manifest that the host loop needs (structurally the `ModelSpec` port of core/tracking). */
export interface PackSpec {
  readonly packId: string;
  readonly arch: string;
  readonly imageSize: number;
  readonly imageFit: PictureFit;
  readonly lowres: number;
  readonly maskPromptSize: number;
  readonly memTokens: number;
  readonly memDim: number;
  readonly ptrDim: number;
  /** Image tokens whose attention scores lie in memory at once; absent: all of them. */
  readonly queriesAtOnce?: number | undefined;
  readonly tracker: TrackerConstants | null;
  readonly decoder: DecoderConstants | undefined;
  readonly detector: DetectorConstants | null;
}

/** A parsed manifest and where it lies. Nothing of it has been verified against its files yet. */
export interface ModelPack {
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly spec: PackSpec;
  /** SHA-256 of pack.json, which carries the hash of every graph: the identity to store with a run. */
  readonly hash: string;
  readonly capabilities: PackCapabilities;
}

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * Reads and checks `pack.json` of a folder. Throws `pack-missing` when there is none, `pack-invalid` naming file and field.
 */
export async function readPack(folder: string): Promise<ModelPack> {
  const root = resolve(folder);
  const bytes = await readManifestBytes(root);
  const name = { id: root.split(/[\\/]/).at(-1) ?? root, folder: root };
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw packError('pack-invalid', name, `pack.json is not JSON (${(cause as Error).message})`, { cause });
  }
  if (isBackbone(json)) {
    const what = 'it is a backbone, which makes feature vectors and no masks';
    throw packError('pack-cannot-track', name, what, {
      remedy: 'use it with "masklet models embed", or choose a pack that segments',
    });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const what = `pack.json, ${describeManifestIssue(parsed.error)}`;
    throw packError('pack-invalid', name, what, { details: { file: 'pack.json' }, cause: parsed.error });
  }
  const manifest = parsed.data;
  return {
    id: manifest.id,
    folder: root,
    manifest,
    spec: specOf(manifest),
    hash: createHash('sha256').update(bytes).digest('hex'),
    capabilities: packCapabilities(manifest),
  };
}

/** Bytes of a folder's pack.json; throws `pack-missing`, or `pack-invalid` when it is absurdly large. */
export async function readManifestBytes(root: string): Promise<Buffer> {
  const path = join(root, 'pack.json');
  const info = await stat(path).catch(() => null);
  if (info === null || !info.isFile()) {
    throw new StudioError(
      'pack-missing',
      'user',
      `There is no model pack in "${root}" (no pack.json); give the folder that holds pack.json or the id of an installed pack.`,
      { details: { folder: root } },
    );
  }
  if (info.size > MAX_MANIFEST_BYTES) {
    throw packError('pack-invalid', { id: root, folder: root }, `pack.json is ${info.size} bytes, more than 4 MiB`);
  }
  return readFile(path);
}

/** Whether parsed JSON is the manifest of a backbone (backbone/backbone-manifest.ts). */
export function isBackbone(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'kind' in json && json.kind === 'backbone';
}

function specOf(manifest: Manifest): PackSpec {
  return {
    packId: manifest.id,
    arch: manifest.arch,
    imageSize: manifest.image.size,
    imageFit: manifest.image.resize,
    lowres: manifest.lowres,
    // The mask-prompt convolution has kernel and stride 4, so its input is four times the low-res grid.
    maskPromptSize: manifest.maskPromptSize ?? manifest.lowres * 4,
    memTokens: manifest.memTokens,
    memDim: manifest.memDim,
    ptrDim: manifest.ptrDim,
    tracker: manifest.tracker,
    decoder: manifest.decoder,
    detector: manifest.detector,
    queriesAtOnce: manifest.graphs.memory_attention?.queriesAtOnce,
  };
}

/** A pack keeps its id from version to version; the start of its hash says which one a figure is of. */
export function packName({ id, hash }: { readonly id: string; readonly hash: string }): string {
  return `${id} (${hash.slice(0, 8)})`;
}
