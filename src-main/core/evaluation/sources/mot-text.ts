import { basename } from 'node:path';
import { parseMotRow } from '../../../../src-shared/datasets/mot-row.ts';
import { isMotsIgnored, parseMotsRow } from '../../../../src-shared/datasets/mots-row.ts';
import { type CompressedCocoRle, maskFromCocoRle } from '../../../../src-shared/mask/coco-rle.ts';
import type { CocoBox } from '../coco-rle.ts';
import type { BoxSequence, MaskSequence } from './mask-sequence.ts';
import { unreadable } from './read-failure.ts';

/**
 * MOTChallenge text `frame,id,left,top,width,height,...` (ground truth rows whose seventh number is 0 do not count) or MOTS text
 * `frame id class height width rle`. Frames count from 1 there; frames without a row are frames without objects.
 * Throws `file-unreadable` naming the line.
 */
export function readMotText(text: string, path: string): BoxSequence | MaskSequence {
  const lines = text.split(/\r?\n/).map((line, at) => ({ at: at + 1, line: line.trim() }));
  const filled = lines.filter(({ line }) => line !== '');
  if (filled.length === 0) throw unreadable(path, 'is empty');
  const name = basename(path).replace(/\.txt$/i, '');
  return filled[0].line.includes(',') ? readBoxes(filled, name, path) : readMasks(filled, name, path);
}

interface Line {
  readonly at: number;
  readonly line: string;
}

function readBoxes(lines: readonly Line[], name: string, path: string): BoxSequence {
  const frames = new Map<number, Map<number, CocoBox>>();
  for (const { at, line } of lines) {
    const row = parseMotRow(line);
    if (row === null) throw unreadable(path, `is not MOTChallenge text: line ${at} is "${line.slice(0, 60)}"`);
    if (row.ignored) continue;
    const { frame, id, left, top, width, height } = row;
    const boxes = frames.get(frame) ?? new Map<number, CocoBox>();
    if (boxes.has(id)) throw unreadable(path, `has object ${id} twice on frame ${frame} (line ${at})`);
    frames.set(frame, boxes.set(id, [left, top, width, height]));
  }
  const numbers = frameNumbers(frames);
  return {
    kind: 'boxes',
    name,
    frames: numbers.map(frameName),
    boxesAt: (position) => frames.get(numbers[position]) ?? new Map(),
  };
}

function readMasks(lines: readonly Line[], name: string, path: string): MaskSequence {
  const frames = new Map<number, Map<number, CompressedCocoRle>>();
  let size: readonly [number, number] | null = null;
  for (const { at, line } of lines) {
    const row = parseMotsRow(line);
    if (row === null) throw unreadable(path, `is not MOTS text: line ${at} is "${line.slice(0, 60)}"`);
    const { frame, id, rle } = row;
    size ??= rle.size;
    if (size[0] !== rle.size[0] || size[1] !== rle.size[1]) {
      throw unreadable(path, `has masks of two sizes (line ${at})`);
    }
    const masks = frames.get(frame) ?? new Map<number, CompressedCocoRle>();
    if (!isMotsIgnored(id)) masks.set(id, rle);
    frames.set(frame, masks);
  }
  const numbers = frameNumbers(frames);
  const [height, width] = size ?? [0, 0];
  return {
    kind: 'masks',
    name,
    width,
    height,
    frames: numbers.map(frameName),
    sparse: true,
    masksAt: (position) =>
      new Map([...(frames.get(numbers[position]) ?? [])].map(([id, rle]) => [id, maskFromCocoRle(rle)] as const)),
  };
}

/** Every frame from the first named to the last, so that a gap counts as frames without objects. */
function frameNumbers(frames: ReadonlyMap<number, unknown>): number[] {
  const first = Math.min(1, ...frames.keys());
  const last = Math.max(...frames.keys());
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function frameName(number: number): string {
  return String(number).padStart(6, '0');
}
