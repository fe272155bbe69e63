import { forEachRun, type RleMask } from '../../../src-shared/mask/rle.ts';

/** A bitmap of one bit a pixel: row y is words [y * wordsPerRow, ...), bit x % 32 of word x >> 5; bits past the width are 0. */
export interface BitRows {
  readonly width: number;
  readonly height: number;
  readonly wordsPerRow: number;
  /** Signed, because unsigned words above 2^31 leave the fast integer path of the engine. */
  readonly words: Int32Array;
}

export function emptyBitRows(width: number, height: number): BitRows {
  const wordsPerRow = (width + 31) >>> 5;
  return { width, height, wordsPerRow, words: new Int32Array(wordsPerRow * height) };
}

export function bitRowsFromMask(mask: RleMask): BitRows {
  const bits = emptyBitRows(mask.width, mask.height);
  forEachRun(mask, (start, end) => {
    let y = Math.floor(start / mask.width);
    let from = start - y * mask.width;
    let left = end - start;
    while (left > 0) {
      const to = Math.min(mask.width, from + left);
      setBits(bits.words, y * bits.wordsPerRow, from, to);
      left -= to - from;
      from = 0;
      y++;
    }
  });
  return bits;
}

function setBits(words: Int32Array, base: number, from: number, to: number): void {
  const first = from >>> 5;
  const last = (to - 1) >>> 5;
  const head = 0xffffffff << (from & 31);
  const tail = 0xffffffff >>> (31 - ((to - 1) & 31));
  if (first === last) {
    words[base + first] |= head & tail;
    return;
  }
  words[base + first] |= head;
  words.fill(-1, base + first + 1, base + last);
  words[base + last] |= tail;
}

/** Number of set bits. */
export function countBits(bits: BitRows): number {
  let count = 0;
  for (const word of bits.words) if (word !== 0) count += bitCount(word);
  return count;
}

/** Number of bits set in both; the sizes are equal. */
export function countCommonBits(a: BitRows, b: BitRows): number {
  let count = 0;
  for (let at = 0; at < a.words.length; at++) {
    const word = a.words[at] & b.words[at];
    if (word !== 0) count += bitCount(word);
  }
  return count;
}

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Dilates with the disk x^2 + y^2 <= radius^2 (skimage `disk`). Bits past the width may be set in the result: compare it with
 * `countCommonBits` only. Each set row is widened step by step and laid over the rows where the disk has that half width, so the
 * cost is rows that carry something x radius x words, not pixels x disk.
 */
export function dilateByDisk(bits: BitRows, radius: number): BitRows {
  const { height, wordsPerRow, words } = bits;
  const result = emptyBitRows(bits.width, height);
  const reach = rowsPerHalfWidth(radius);
  const spread = (radius + 31) >>> 5;
  const widened = new Int32Array(wordsPerRow);
  for (let y = 0; y < height; y++) {
    const base = y * wordsPerRow;
    let low = 0;
    while (low < wordsPerRow && words[base + low] === 0) low++;
    if (low === wordsPerRow) continue;
    let high = wordsPerRow - 1;
    while (words[base + high] === 0) high--;
    low = Math.max(0, low - spread);
    high = Math.min(wordsPerRow - 1, high + spread);
    for (let halfWidth = 0; halfWidth <= radius; halfWidth++) {
      widen(widened, words, base, low, high, halfWidth, wordsPerRow);
      for (const dy of reach[halfWidth]) {
        if (y + dy < height) orInto(result.words, (y + dy) * wordsPerRow, widened, low, high);
        if (dy > 0 && y >= dy) orInto(result.words, (y - dy) * wordsPerRow, widened, low, high);
      }
    }
  }
  return result;
}

/** For each half width 0..radius the row distances at which the disk is exactly that wide. */
function rowsPerHalfWidth(radius: number): number[][] {
  const rows = Array.from({ length: radius + 1 }, (): number[] => []);
  for (let dy = 0; dy <= radius; dy++) {
    let halfWidth = radius;
    while (halfWidth * halfWidth + dy * dy > radius * radius) halfWidth--;
    rows[halfWidth].push(dy);
  }
  return rows;
}

/** widened |= row shifted by `by` pixels to both sides; by = 0 starts it afresh. */
function widen(
  widened: Int32Array,
  words: Int32Array,
  base: number,
  low: number,
  high: number,
  by: number,
  wordsPerRow: number,
): void {
  const jump = by >>> 5;
  const shift = by & 31;
  for (let at = low; at <= high; at++) {
    if (by === 0) {
      widened[at] = words[base + at];
      continue;
    }
    const right = at - jump;
    const left = at + jump;
    let bits = 0;
    if (right >= 0) bits |= words[base + right] << shift;
    if (left < wordsPerRow) bits |= words[base + left] >>> shift;
    if (shift > 0 && right >= 1) bits |= words[base + right - 1] >>> (32 - shift);
    if (shift > 0 && left + 1 < wordsPerRow) bits |= words[base + left + 1] << (32 - shift);
    widened[at] |= bits;
  }
}

function orInto(target: Int32Array, base: number, source: Int32Array, low: number, high: number): void {
  for (let at = low; at <= high; at++) target[base + at] |= source[at];
}
