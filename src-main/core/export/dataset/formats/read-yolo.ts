import { join } from 'node:path';
import type { Size } from '../../../../../src-shared/geometry/geometry.ts';
import { maskFromRings } from '../../../../../src-shared/mask/mask-from-rings.ts';
import type { ReadItem, ReadShape, ReadSource } from '../dataset-format.ts';
import { type DatasetFiles, frameFromName } from '../reading/dataset-files.ts';
import { filesByFrame } from '../reading/frame-order.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { endInTracks, fieldsOf, isBoxRow, isTelling, parseYoloRow, type YoloRow } from './yolo-row.ts';

const LABEL = /\.txt$/i;
const PART = /^(train|val|test)/i;
/** One name of a list on one line; a comma in quotes is part of it. */
const LISTED = /\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+)\s*/g;
/** Files that are looked at for track numbers. */
const LOOKED_AT = 200;

/** Paths of label files with rows of this kind: boxes or outlines. */
export function labelFiles(files: DatasetFiles, kind: 'yolo-seg' | 'yolo-box'): readonly string[] {
  const paths = foldersOf(files).flatMap((folder) => files.names(folder, LABEL).map((name) => join(folder, name)));
  const sample = paths.find((path) => startsWithRow(files, path));
  if (sample === undefined) return paths.length > 0 && files.has('data.yaml') ? paths : [];
  const looked = paths
    .slice(paths.indexOf(sample))
    .slice(0, LOOKED_AT)
    .map((path) => headRows(files, path));
  const telling = looked.flat().find(isTelling);
  const hasBoxes = telling === undefined ? endInTracks(looked) : isBoxRow(telling);
  return hasBoxes === (kind === 'yolo-box') ? paths : [];
}

/** The folder itself, `labels`, its parts (`labels/train2017`, or the only one), and `train/labels` as Roboflow has it. */
function foldersOf(files: DatasetFiles): readonly string[] {
  const inside = files.folders('labels', /^[^.]/);
  const parts = inside.length === 1 ? inside : inside.filter((name) => PART.test(name));
  const outside = files.folders('', PART);
  return ['', 'labels', ...parts.map((name) => join('labels', name)), ...outside.map((name) => join(name, 'labels'))];
}

function startsWithRow(files: DatasetFiles, path: string): boolean {
  const [row] = headRows(files, path);
  return row !== undefined && row.length >= 5 && row.slice(0, 5).every((field) => Number.isFinite(Number(field)));
}

/** Fields of the rows at the start of a file. */
function headRows(files: DatasetFiles, path: string): readonly (readonly string[])[] {
  const head = files.head(path);
  const whole = head.includes('\n') ? head.slice(0, head.lastIndexOf('\n')) : head;
  return whole
    .split('\n')
    .map(fieldsOf)
    .filter(({ length }) => length > 0);
}

export async function* readYolo(
  { files, size, wants, skipped }: ReadSource,
  kind: 'yolo-seg' | 'yolo-box',
): AsyncGenerator<ReadItem, void, undefined> {
  const classes = await readClasses(files);
  // Lists of classes and notes lie beside labels.
  const isLabel = (path: string) => frameFromName(path) !== null || startsWithRow(files, path);
  const labels = filesByFrame(labelFiles(files, kind).filter(isLabel), skipped);
  const tracks = endInTracks(labels.slice(0, LOOKED_AT).map(({ path }) => headRows(files, path)));
  for (const { path, frame } of labels) {
    const text = await readOrSkip(skipped, () => files.text(path));
    for (const line of (text ?? '').split('\n')) {
      const fields = fieldsOf(line);
      if (fields.length === 0) continue;
      const row = parseYoloRow(fields, { kind, tracks });
      if (typeof row === 'string') {
        skipped.add(row);
        continue;
      }
      const item = { frame, track: row.track, label: classes[row.classId] ?? String(row.classId) };
      const shape = wants(frame, row.track !== null) ? await readOrSkip(skipped, () => shapeOf(row, size)) : null;
      if (shape !== null || !wants(frame, row.track !== null)) yield { ...item, shape };
    }
  }
}

function shapeOf({ kind, values }: YoloRow, { width, height }: Size): ReadShape {
  if (kind === 'box') {
    const [x, y, w, h] = [values[0] * width, values[1] * height, values[2] * width, values[3] * height];
    return { kind: 'box', box: { x: x - w / 2, y: y - h / 2, width: w, height: h } };
  }
  const ring = values.map((value, at) => value * (at % 2 === 0 ? width : height));
  return { kind: 'mask', mask: maskFromRings([ring], width, height) };
}

/** Names of `data.yaml` (a list or numbered lines) or `classes.txt`; only these lines are understood, no YAML is run. */
async function readClasses(files: DatasetFiles): Promise<readonly string[]> {
  if (files.has('classes.txt')) return (await files.text('classes.txt')).split(/\r?\n/);
  const yaml = files.names('', /^data\.ya?ml$/)[0];
  if (yaml === undefined) return [];
  const text = await files.text(yaml);
  const inline = /^names:\s*\[(.*)\]\s*$/m.exec(text);
  if (inline !== null) return (inline[1].match(LISTED) ?? []).map(unquoted);
  const classes: string[] = [];
  for (const [, number, name] of text.matchAll(/^\s+(\d{1,6}):\s*(.+)$/gm)) classes[Number(number)] = unquoted(name);
  if (classes.length > 0) return classes;
  const list = /^names:\s*\n((?:\s*-\s*.+\n?)+)/m.exec(text);
  return list === null ? [] : [...list[1].matchAll(/-\s*(.+)/g)].map(([, name]) => unquoted(name));
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(trimmed) ?? [];
  if (quote === undefined) return trimmed;
  return quote === "'" ? inner.replaceAll("''", "'") : inner.replace(/\\(["\\])/g, '$1');
}
