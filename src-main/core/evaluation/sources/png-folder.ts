import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type LabelPicture, masksFromLabels } from '../../../../src-shared/datasets/label-picture.ts';
import { FIRST_MOTS_ID, isMotsIgnored } from '../../../../src-shared/datasets/mots-row.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';
import type { FrameMasks } from '../sequence-jf.ts';
import { foregroundOf, readLabelPng } from './label-png.ts';
import type { MaskSequence } from './mask-sequence.ts';
import { readBytes, unreadable } from './read-failure.ts';

/** Names of the PNG pictures and of the folders directly inside a folder, each in natural order; hidden ones are left out. */
interface Inside {
  readonly pictures: readonly string[];
  readonly folders: readonly string[];
}

/** Where the trees of DAVIS and YouTube-VOS keep masks; frames lie beside it and may be PNG, too. */
const ANNOTATIONS = 'Annotations';
const collator = new Intl.Collator('en', { numeric: true });

/**
 * Sequences of a folder of PNG masks, three layouts: `00000.png ...` (DAVIS and MOTS: a pixel is an object id; class 10 of MOTS is
 * a region to ignore), `OBJECT/00000.png ...`
 * with a number for each object (one binary picture an object and frame, so masks may overlap), or one folder a sequence, each in
 * one of these. Of a tree with `Annotations` the rest is frames. Throws `file-unreadable` when there is no mask in it.
 */
export async function openPngFolder(folder: string): Promise<MaskSequence[]> {
  const inside = await look(folder);
  if (inside.pictures.length > 0) return [await paletteSequence(folder, inside.pictures)];
  const objects = inside.folders.filter((name) => /^\d+$/.test(name));
  if (objects.length > 0 && objects.length === inside.folders.length && (await areObjects(folder, objects))) {
    return [await objectSequence(folder, objects)];
  }
  const sequences: MaskSequence[] = [];
  for (const name of inside.folders.includes(ANNOTATIONS) ? [ANNOTATIONS] : inside.folders) {
    const path = join(folder, name);
    if (await holdsMasks(path)) sequences.push(...(await openPngFolder(path)));
  }
  if (sequences.length === 0) throw unreadable(folder, 'holds no PNG masks');
  return sequences;
}

/**
 * Whether folders that have numbers for names are objects. Videos are called so too (KITTI): a picture of theirs holds several ids, or one
 * of MOTS. First, middle and last picture of each are looked at.
 */
async function areObjects(folder: string, names: readonly string[]): Promise<boolean> {
  for (const [at, name] of names.entries()) {
    const { pictures } = await look(join(folder, name));
    if (at === 0 && pictures.length === 0) return false;
    const looked = [0, pictures.length >> 1, pictures.length - 1].flatMap((position) => pictures[position] ?? []);
    for (const picture of new Set(looked)) {
      const path = join(folder, name, picture);
      const ids = new Set(readLabelPng(await readBytes(path), path).labels);
      ids.delete(0);
      if (ids.size > 1 || [...ids].some((id) => id >= FIRST_MOTS_ID)) return false;
    }
  }
  return true;
}

async function holdsMasks(folder: string): Promise<boolean> {
  const { pictures, folders } = await look(folder);
  if (pictures.length > 0) return true;
  for (const name of folders) if ((await look(join(folder, name))).pictures.length > 0) return true;
  return false;
}

async function look(folder: string): Promise<Inside> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
    const names = (keep: (entry: (typeof entries)[number]) => boolean) =>
      entries
        .filter(keep)
        .map(({ name }) => name)
        .sort(collator.compare);
    return {
      pictures: names((entry) => !entry.isDirectory() && /\.png$/i.test(entry.name)),
      folders: names((entry) => entry.isDirectory()),
    };
  } catch (cause) {
    throw unreadable(folder, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

const stem = (name: string) => name.replace(/\.png$/i, '');

async function paletteSequence(folder: string, pictures: readonly string[]): Promise<MaskSequence> {
  const size = await sizeOf(join(folder, pictures[0]));
  /** The frame read last: its masks and its regions to ignore are asked for one after the other. */
  let last: { readonly position: number; readonly masks: Promise<Map<number, RleMask>> } | null = null;
  const read = async (position: number, ignored: boolean) => {
    if (last?.position !== position) {
      const masks = readLabels(join(folder, pictures[position]), size).then(masksFromLabels);
      last = { position, masks };
    }
    return [...(await last.masks)].filter(([id]) => isMotsIgnored(id) === ignored);
  };
  return {
    kind: 'masks',
    name: basename(folder),
    ...size,
    frames: pictures.map(stem),
    masksAt: async (position) => new Map(await read(position, false)),
    ignoredAt: async (position) => (await read(position, true)).map(([, mask]) => mask),
  };
}

/** Objects are folders named by their id; a frame that only some objects have shows the others absent. */
async function objectSequence(folder: string, objects: readonly string[]): Promise<MaskSequence> {
  const files = new Map<string, Map<number, string>>();
  for (const object of objects) {
    const { pictures } = await look(join(folder, object));
    for (const name of pictures) {
      const frame = files.get(stem(name)) ?? new Map<number, string>();
      frame.set(Number(object), join(folder, object, name));
      files.set(stem(name), frame);
    }
  }
  const frames = [...files.keys()].sort(collator.compare);
  const size = await sizeOf([...(files.get(frames[0])?.values() ?? [])][0]);
  return {
    kind: 'masks',
    name: basename(folder),
    ...size,
    frames,
    masksAt: async (position) => {
      const masks = new Map<number, Awaited<ReturnType<typeof foregroundOf>>>();
      for (const [object, path] of files.get(frames[position]) ?? []) {
        masks.set(object, foregroundOf(await readLabels(path, size)));
      }
      return masks satisfies FrameMasks;
    },
  };
}

async function sizeOf(path: string): Promise<{ width: number; height: number }> {
  const bytes = await readBytes(path);
  if (bytes.length < 33) throw unreadable(path, 'is not a PNG picture');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

async function readLabels(path: string, size: { width: number; height: number }): Promise<LabelPicture> {
  const picture = readLabelPng(await readBytes(path), path);
  if (picture.width === size.width && picture.height === size.height) return picture;
  throw new StudioError(
    'mask-corrupt',
    'user',
    `${path} is ${picture.width}x${picture.height}, the first mask of its sequence is ${size.width}x${size.height}; nothing was scored.`,
    { details: { path } },
  );
}
