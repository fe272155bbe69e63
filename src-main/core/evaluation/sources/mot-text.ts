import { basename } from 'node:path';
import { isMotDistractor, parseMotRow } from '../../../../src-shared/datasets/mot-row.ts';
import { isMotsIgnored, parseMotsRow } from '../../../../src-shared/datasets/mots-row.ts';
import { type CompressedCocoRle, maskFromCocoRle } from '../../../../src-shared/mask/coco-rle.ts';
import type { CocoBox } from '../coco-rle.ts';
import type { BoxSequence, MarkedBox, MaskSequence } from './mask-sequence.ts';
import { unreadable } from './read-failure.ts';

/** What the first frame of a video is called in MOTChallenge text, and in MOTS text as KITTI and our own exports write it. */
const FIRST_IN_MOT = 1;
const FIRST_IN_MOTS = 0;
/** The top-left corner of the picture in MOTChallenge text. */
const CORNER = 1;

/**
 * MOTChallenge text `frame,id,left,top,width,height,...`, whose frames and pixels count from 1 (ground truth rows whose seventh
 * number is 0 do not count), or MOTS text `frame id class height width rle`, whose frames count from 0. Frames without a row are
 * frames without objects. Throws `file-unreadable` naming the line.
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
  const frames = new Map<number, { readonly boxes: Map<number, CocoBox>; readonly marked: MarkedBox[] }>();
  for (const { at, line } of lines) {
    const row = parseMotRow(line);
    if (row === null) throw unreadable(path, `is not MOTChallenge text: line ${at} is "${line.slice(0, 60)}"`);
    const { frame, id } = row;
    const here = frames.get(frame) ?? { boxes: new Map<number, CocoBox>(), marked: [] };
    frames.set(frame, here);
    const box: CocoBox = [row.left - CORNER, row.top - CORNER, row.width, row.height];
    if (row.zero) here.marked.push({ id, box, distractor: isMotDistractor(row) });
    if (row.ignored) continue;
    if (here.boxes.has(id)) throw unreadable(path, `has object ${id} twice on frame ${frame} (line ${at})`);
    here.boxes.set(id, box);
  }
  const numbers = frameNumbers(frames);
  return {
    kind: 'boxes',
    name,
    frames: numbers.map(frameName),
    firstNumber: FIRST_IN_MOT,
    sparse: true,
    boxesAt: (position) => frames.get(numbers[position])?.boxes ?? new Map(),
    markedAt: (position) => frames.get(numbers[position])?.marked ?? [],
  };
}

function readMasks(lines: readonly Line[], name: string, path: string): MaskSequence {
  const frames = new Map<
    number,
    { readonly masks: Map<number, CompressedCocoRle>; readonly ignored: CompressedCocoRle[] }
  >();
  let size: readonly [number, number] | null = null;
  for (const { at, line } of lines) {
    const row = parseMotsRow(line);
    if (row === null) throw unreadable(path, `is not MOTS text: line ${at} is "${line.slice(0, 60)}"`);
    const { frame, id, rle } = row;
    size ??= rle.size;
    if (size[0] !== rle.size[0] || size[1] !== rle.size[1]) {
      throw unreadable(path, `has masks of two sizes (line ${at})`);
    }
    const here = frames.get(frame) ?? { masks: new Map<number, CompressedCocoRle>(), ignored: [] };
    if (isMotsIgnored(id)) here.ignored.push(rle);
    else here.masks.set(id, rle);
    frames.set(frame, here);
  }
  const numbers = frameNumbers(frames);
  const [height, width] = size ?? [0, 0];
  return {
    kind: 'masks',
    name,
    width,
    height,
    frames: numbers.map(frameName),
    firstNumber: FIRST_IN_MOTS,
    sparse: true,
    masksAt: (position) =>
      new Map(
        [...(frames.get(numbers[position])?.masks ?? [])].map(([id, rle]) => [id, maskFromCocoRle(rle)] as const),
      ),
    ignoredAt: (position) => (frames.get(numbers[position])?.ignored ?? []).map(maskFromCocoRle),
  };
}

/** Every frame from the first named to the last, so that a gap counts as frames without objects. */
function frameNumbers(frames: ReadonlyMap<number, unknown>): number[] {
  const sorted = [...frames.keys()].sort((a, b) => a - b);
  const first = Math.min(1, sorted[0]);
  const last = sorted[sorted.length - 1];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function frameName(number: number): string {
  return String(number).padStart(6, '0');
}
