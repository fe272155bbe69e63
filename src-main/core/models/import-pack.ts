import { randomBytes } from 'node:crypto';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { fileFailure } from '../base/file-failure.ts';
import { makeFolder } from '../base/make-folder.ts';
import { removeAbandoned } from '../base/remove-abandoned.ts';
import { sha256OfFile } from './hash-file.ts';
import type { ImageLayout, ImageRole } from './layouts/layout.ts';
import { imageLayouts } from './layouts/layouts.ts';
import { type ModelPack, readPack } from './model-pack.ts';
import { type OnnxGraph, readOnnxGraph } from './onnx/onnx-graph.ts';
import { listPacks } from './registry.ts';
import type { RoleRule } from './roles.ts';
import { openPackRuntime } from './runtime/open-pack-runtime.ts';
import { goldensFolder } from './runtime/pack-goldens.ts';

export interface ImportOptions {
  /** Folder that installed packs lie in. */
  readonly into: string;
  /** Folders in which packs are looked for by id; an id that one of them has is taken. */
  readonly known: readonly string[];
  /** Id of the pack; default: its own, for exports from the folder's name. */
  readonly id: string | null;
  readonly signal?: AbortSignal;
}

interface Candidate {
  /** Absolute. */
  readonly path: string;
  readonly graph: OnnxGraph;
}

type Pair = Readonly<Record<ImageRole, Candidate>>;

const roles: readonly ImageRole[] = ['image_encoder', 'mask_decoder'];

/**
 * Makes a model pack of a folder: a pack is copied, the ONNX files of a public image export get a manifest. Everything is hashed, checked
 * run once and held against its goldens before it appears under its name. Graphs stay as they are; the source folder is not touched.
 * What imports of processes that are gone have left in `into` is removed. Throws `pack-invalid` (nothing known in the folder, or the id is
 * taken), and what opening the pack throws.
 */
export async function importPack(folder: string, options: ImportOptions): Promise<ModelPack> {
  const source = resolve(folder);
  if (!(await stat(source).catch(() => null))?.isDirectory()) {
    throw new StudioError(
      'file-missing',
      'user',
      `There is no folder ${source}; give the folder that holds the ONNX files.`,
    );
  }
  await removeAbandoned(join(options.into, 'import'), /^-(\d+)(-[0-9a-f]+)?$/);
  // Its own for each import: a process may run several at once.
  const draft = join(options.into, `.import-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    makeFolder(options.into);
    await mkdir(draft);
    const isPack = await stat(join(source, 'pack.json')).then(
      () => true,
      () => false,
    );
    if (isPack) await copyPack(source, draft, options.id);
    else await writeManifest(draft, options.id ?? idFrom(source), await findPair(source));
    const made = await readPack(draft);
    const target = join(options.into, made.id);
    if ((await stat(target).catch(() => null)) || (await isTaken(made.id, options.known))) {
      throw refused(`there is a pack "${made.id}" already; give another --id or remove that one`);
    }
    const runtime = await openPackRuntime(made, {
      goldenBytes: Number.POSITIVE_INFINITY,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    await runtime[Symbol.asyncDispose]();
    await rename(draft, target);
    return await readPack(target);
  } catch (error) {
    throw fileFailure(error, missingFile(error) ?? options.into, 'write');
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
  }
}

/** A file of the source folder that is not there. */
function missingFile(error: unknown): string | null {
  return error instanceof Error && 'path' in error && 'code' in error && error.code === 'ENOENT'
    ? String(error.path)
    : null;
}

function refused(what: string): StudioError {
  return new StudioError('pack-invalid', 'user', `Nothing was imported: ${what}.`);
}

function idFrom(source: string): string {
  const name = basename(source) === 'onnx' ? basename(dirname(source)) : basename(source);
  return (
    name
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64) || 'imported'
  );
}

async function isTaken(id: string, folders: readonly string[]): Promise<boolean> {
  const entries = await listPacks(folders);
  return entries.some((entry) => entry.kind !== 'broken' && entry.pack.id === id);
}

async function copyPack(source: string, draft: string, id: string | null): Promise<void> {
  const { manifest } = await readPack(source);
  const named = Object.values(manifest.graphs).flatMap(({ file, external }) => [
    file,
    ...external.map((each) => each.file),
  ]);
  const vocab = manifest.text?.kind === 'clip' && manifest.text.vocabBundled ? [manifest.text.vocab] : [];
  for (const file of new Set(['pack.json', ...named, ...vocab])) {
    await mkdir(dirname(join(draft, file)), { recursive: true });
    await copyFile(join(source, file), join(draft, file));
  }
  if (id !== null) await renamePack(join(draft, 'pack.json'), id);
  const goldens = await stat(join(source, goldensFolder)).catch(() => null);
  if (goldens?.isDirectory()) await cp(join(source, goldensFolder), join(draft, goldensFolder), { recursive: true });
}

async function renamePack(manifestPath: string, id: string): Promise<void> {
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
  await writeFile(manifestPath, `${JSON.stringify({ ...manifest, id }, null, 1)}\n`);
}

/** The layout and files of a folder: each ONNX file in it or in its `onnx` folder is looked at, plain precision first. */
async function findPair(source: string): Promise<{ readonly layout: ImageLayout; readonly pair: Pair }> {
  const candidates = await readCandidates(source);
  for (const layout of imageLayouts) {
    const encoder = candidates.find(({ graph }) => fits(layout.rules.image_encoder, graph));
    const decoder = candidates.find(({ graph }) => fits(layout.rules.mask_decoder, graph));
    if (encoder !== undefined && decoder !== undefined) {
      return { layout, pair: { image_encoder: encoder, mask_decoder: decoder } };
    }
  }
  const known = [...new Set(imageLayouts.map(({ madeBy }) => madeBy))].join('; ');
  if (candidates.length === 0) throw refused(`${source} holds neither pack.json nor an ONNX file that can be read`);
  const names = candidates.map(({ path }) => basename(path)).join(', ');
  throw refused(`${names}: no image encoder with its mask decoder of a kind that is known (${known})`);
}

async function readCandidates(source: string): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for (const folder of [source, join(source, 'onnx')]) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.onnx'));
    names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    for (const name of names) {
      const path = join(folder, name);
      try {
        candidates.push({ path, graph: readOnnxGraph(path) });
      } catch {
        // Not a graph: another file of the folder may be.
      }
    }
  }
  return candidates;
}

/** Names, types and ranks; sizes are checked with the whole pack. */
function fits(rule: RoleRule, graph: OnnxGraph): boolean {
  const has = (side: 'inputs' | 'outputs') =>
    rule[side].every((wanted) => {
      const port = wanted.name === '*' ? graph.inputs[0] : graph[side].find(({ name }) => name === wanted.name);
      if (port === undefined) return wanted.optional === true;
      const typed = (wanted.dtypes as readonly string[]).includes(port.dtype);
      return typed && (port.shape === null || port.shape.length === wanted.shape.length);
    });
  const strangers = graph.inputs.filter((port) => !rule.inputs.some(({ name }) => name === port.name || name === '*'));
  return has('inputs') && has('outputs') && strangers.length === 0;
}

async function writeManifest(
  draft: string,
  id: string,
  { layout, pair }: { readonly layout: ImageLayout; readonly pair: Pair },
): Promise<void> {
  const grid = gridOf(layout, pair.image_encoder.graph);
  const graphs: Record<string, unknown> = {};
  for (const role of roles) graphs[role] = await copyGraph(draft, role, pair[role]);
  const { mean, std, fit } = layout.image;
  const manifest = {
    format: 1,
    id,
    arch: layout.arch,
    layout: layout.name,
    licence: 'as its source says',
    source: { repo: layout.madeBy },
    image: { size: 16 * grid, mean, std, resize: fit, filter: 'bilinear-aa' },
    grid,
    lowres: 4 * grid,
    tracker: null,
    decoder: { multimask: { min: 0, max: 1 }, stability: { delta: 0, thresh: 0 } },
    graphs,
  };
  await writeFile(join(draft, 'pack.json'), `${JSON.stringify(manifest, null, 1)}\n`);
}

const usualGrid = 64;

/** Side of the coarsest feature map; exports that leave it open are of the usual size. */
function gridOf(layout: ImageLayout, encoder: OnnxGraph): number {
  const rule = layout.rules.image_encoder.outputs.find(({ shape }) => shape.includes('G'));
  const side = encoder.outputs.find(({ name }) => name === rule?.name)?.shape?.at(-1);
  return typeof side === 'number' ? side : usualGrid;
}

async function copyGraph(draft: string, role: ImageRole, { path, graph }: Candidate): Promise<object> {
  const file = `${role}.onnx`;
  await copyFile(path, join(draft, file));
  const external: object[] = [];
  for (const location of graph.externalLocations) {
    if (location !== basename(location) || location.startsWith('.')) {
      throw refused(`${basename(path)} keeps its weights in "${location}", outside its folder`);
    }
    await copyFile(join(dirname(path), location), join(draft, location));
    external.push({ file: location, sha256: await sha256OfFile(join(draft, location)) });
  }
  return { file, external, sha256: await sha256OfFile(join(draft, file)), precision: 'fp32', profiles: [] };
}
