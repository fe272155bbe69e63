import { StudioError } from '../errors/studio-error.ts';

/**
 * A binary mask at video size as run lengths, row-major, alternating background and foreground and starting with background,
 * each run a LEB128 varint. The runs sum to width * height. An empty mask is one run. Owns its bytes; never mutated.
 */
export interface RleMask {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Collects runs in order and packs them; adjacent runs of one value merge. */
export class RleWriter {
  readonly #width: number;
  readonly #height: number;
  #bytes = new Uint8Array(256);
  #length = 0;
  #value = 0;
  #run = 0;
  #total = 0;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  /** Appends `count` >= 0 pixels of `value` (0 or 1). */
  push(value: number, count: number): void {
    if (count === 0) return;
    if (value !== this.#value) {
      this.#emit(this.#run);
      this.#value = value;
      this.#run = 0;
    }
    this.#run += count;
    this.#total += count;
  }

  /** Closes the mask; throws `internal` when the runs do not fill the frame exactly. */
  finish(): RleMask {
    const pixels = this.#width * this.#height;
    if (this.#total !== pixels) {
      throw new StudioError('internal', 'bug', `A mask has ${this.#total} pixels instead of ${pixels}.`);
    }
    this.#emit(this.#run);
    return { width: this.#width, height: this.#height, bytes: this.#bytes.slice(0, this.#length) };
  }

  #emit(run: number): void {
    if (this.#length + 5 > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    let rest = run;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }
}

/** Packs a bitmap of width * height bytes (0 is background, anything else foreground). */
export function rleFromBitmap(bitmap: Uint8Array, width: number, height: number): RleMask {
  const writer = new RleWriter(width, height);
  const pixels = width * height;
  let start = 0;
  while (start < pixels) {
    const value = bitmap[start] === 0 ? 0 : 1;
    let end = start + 1;
    if (value === 0) while (end < pixels && bitmap[end] === 0) end++;
    else while (end < pixels && bitmap[end] !== 0) end++;
    writer.push(value, end - start);
    start = end;
  }
  return writer.finish();
}

export function emptyMask(width: number, height: number): RleMask {
  const writer = new RleWriter(width, height);
  writer.push(0, width * height);
  return writer.finish();
}

/**
 * Calls `visit(start, end)` for each foreground run (pixel offsets, end exclusive), in order.
 * Throws `mask-corrupt` when the bytes do not describe exactly width * height pixels: hostile input cannot loop or overrun.
 */
export function forEachRun(mask: RleMask, visit: (start: number, end: number) => void): void {
  const { bytes } = mask;
  const pixels = mask.width * mask.height;
  let position = 0;
  let offset = 0;
  let foreground = false;
  while (offset < bytes.length) {
    let run = 0;
    let scale = 1;
    let byte = 0x80;
    while (byte & 0x80) {
      if (offset >= bytes.length || scale > 2 ** 28) throw corrupt(mask);
      byte = bytes[offset++];
      run += (byte & 0x7f) * scale;
      scale *= 128;
    }
    const end = position + run;
    if (end > pixels || (run === 0 && offset > 1)) throw corrupt(mask);
    if (foreground) visit(position, end);
    position = end;
    foreground = !foreground;
  }
  if (position !== pixels) throw corrupt(mask);
}

function corrupt(mask: RleMask): StudioError {
  return new StudioError(
    'mask-corrupt',
    'resource',
    `A stored mask of ${mask.width}x${mask.height} is damaged; track that frame again.`,
  );
}

/** Unpacks into `target` (width * height bytes, 0 or 1), made when not given. */
export function bitmapFromRle(mask: RleMask, target = new Uint8Array(mask.width * mask.height)): Uint8Array {
  target.fill(0);
  forEachRun(mask, (start, end) => target.fill(1, start, end));
  return target;
}

/** Number of foreground pixels. */
export function maskArea(mask: RleMask): number {
  let area = 0;
  forEachRun(mask, (start, end) => {
    area += end - start;
  });
  return area;
}

/** Tight box of the foreground in whole pixels (width and height count pixels), or null when the mask is empty. */
export function maskBox(mask: RleMask): { x: number; y: number; width: number; height: number } | null {
  const { width } = mask;
  let left = width;
  let right = -1;
  let top = -1;
  let bottom = -1;
  forEachRun(mask, (start, end) => {
    const firstRow = Math.floor(start / width);
    const lastRow = Math.floor((end - 1) / width);
    if (top < 0) top = firstRow;
    bottom = lastRow;
    if (firstRow !== lastRow) {
      left = 0;
      right = width - 1;
      return;
    }
    left = Math.min(left, start - firstRow * width);
    right = Math.max(right, end - 1 - lastRow * width);
  });
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Intersection over union of two masks of one size; two empty masks give 1. */
export function maskIou(a: RleMask, b: RleMask): number {
  const runs: number[] = [];
  let areaA = 0;
  forEachRun(a, (start, end) => {
    runs.push(start, end);
    areaA += end - start;
  });
  let areaB = 0;
  let intersection = 0;
  let cursor = 0;
  forEachRun(b, (start, end) => {
    areaB += end - start;
    while (cursor < runs.length && runs[cursor + 1] <= start) cursor += 2;
    for (let at = cursor; at < runs.length && runs[at] < end; at += 2) {
      intersection += Math.min(end, runs[at + 1]) - Math.max(start, runs[at]);
    }
  });
  const union = areaA + areaB - intersection;
  return union === 0 ? 1 : intersection / union;
}
