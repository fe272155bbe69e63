import type { Size } from '../../src-shared/geometry/geometry.ts';
import { forEachRun, maskBox, type RleMask } from '../../src-shared/mask/rle.ts';

/** A mask as it is to be painted. */
export interface MaskLook {
  readonly mask: RleMask;
  /** `#rrggbb` */
  readonly colour: string;
  readonly selected: boolean;
  /** Striped, with a dotted outline: may still change or go. */
  readonly provisional: boolean;
}

export interface OverlayLook {
  readonly mode: 'fill' | 'outline' | 'matte';
  /** Of the fill, 0..1. */
  readonly opacity: number;
}

/** RGBA pixels (straight alpha, little-endian words) of a part of the frame. */
export interface Overlay {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const STRIPE_PIXELS = 6;
/** Side of an outline's dots, in widths of the outline. */
const DOT_RINGS = 3;
const LINES_PER_OUTLINE_PIXEL = 360;

/** Room for the pixels of overlays, one after the other: new room for every frame of a clip costs more than the painting. */
export class OverlayRoom {
  #words = new Uint32Array(0);

  /** Clear; valid until it is taken again. */
  take(count: number): Uint32Array<ArrayBuffer> {
    if (this.#words.length < count) this.#words = new Uint32Array(count);
    return this.#words.subarray(0, count).fill(0);
  }
}

/**
 * Paints masks into pixels of the part of the frame that they cover, selected ones last; null when nothing is covered. The pixels lie in
 * `room`, until it is used again.
 */
export function composeOverlay(
  masks: readonly MaskLook[],
  look: OverlayLook,
  video: Size,
  room = new OverlayRoom(),
): Overlay | null {
  const ring = ringWidth(video);
  const matte = look.mode === 'matte';
  const boxes = masks.map(({ mask }) => rectOf(maskBox(mask), ring, video));
  const part = matte ? { left: 0, top: 0, right: video.width, bottom: video.height } : unionOf(boxes);
  if (part === null) return null;
  const width = part.right - part.left;
  const pixels = room.take(width * (part.bottom - part.top));
  if (matte) pixels.fill(0xff000000);
  const order = masks.map((_, index) => index).sort((a, b) => Number(masks[a].selected) - Number(masks[b].selected));
  const layers = order.flatMap((index) => {
    const box = boxes[index];
    return box === null ? [] : [layerOf(masks[index], box)];
  });
  // Outlines come over every fill, so that each of several overlapping objects can be told apart.
  for (const layer of layers) paintFill(pixels, part, layer, look);
  if (!matte) for (const layer of layers) paintOutline(pixels, part, layer, ring);
  return { x: part.left, y: part.top, width, height: part.bottom - part.top, pixels };
}

/** Width of outlines, in video pixels. */
export function ringWidth({ height }: Size): number {
  return Math.max(1, Math.round(height / LINES_PER_OUTLINE_PIXEL));
}

interface Layer {
  readonly look: MaskLook;
  readonly box: Rect;
  /** Stretches of the mask within one line of the frame: y, from x, to x (exclusive), one after the other, in reading order. */
  readonly stretches: readonly number[];
  /** Of each line of the box, where its stretches begin in `stretches`; one more at the end. */
  readonly lines: Int32Array;
}

function paintFill(pixels: Uint32Array, part: Rect, { look, stretches }: Layer, overlay: OverlayLook): void {
  const matte = overlay.mode === 'matte';
  const fillAlpha = overlay.mode === 'fill' ? Math.round(overlay.opacity * 255) : 0;
  if (!matte && fillAlpha === 0) return;
  const stride = part.right - part.left;
  const colour = wordOf(look.colour);
  for (let at = 0; at < stretches.length; at += 3) {
    const y = stretches[at];
    const line = (y - part.top) * stride - part.left;
    const from = line + stretches[at + 1];
    const to = line + stretches[at + 2];
    if (matte) pixels.fill(0xffffffff, from, to);
    else if (look.provisional) paintStripes(pixels, from, to, stretches[at + 1] + y, colour, fillAlpha);
    else blendLine(pixels, from, to, colour, fillAlpha);
  }
}

/** Neighbours mostly cover the same: what a colour becomes is worked out once for each change along the line. */
function blendLine(pixels: Uint32Array, from: number, to: number, colour: number, alpha: number): void {
  let under = 0;
  let result = blend(under, colour, alpha);
  for (let at = from; at < to; at++) {
    if (pixels[at] !== under) {
      under = pixels[at];
      result = blend(under, colour, alpha);
    }
    pixels[at] = result;
  }
}

/** `diagonal`: x + y of the first pixel. */
function paintStripes(
  pixels: Uint32Array,
  from: number,
  to: number,
  diagonal: number,
  colour: number,
  alpha: number,
): void {
  for (let at = from; at < to; at++) {
    const thin = (diagonal + at - from) % (2 * STRIPE_PIXELS) < STRIPE_PIXELS;
    pixels[at] = blend(pixels[at], colour, thin ? alpha >> 2 : alpha);
  }
}

/** A line along the inside of the mask, dotted while the mask is provisional; a white ring around the selected one. */
function paintOutline(pixels: Uint32Array, part: Rect, layer: Layer, ring: number): void {
  const { look, box } = layer;
  if (look.selected) paintRing(pixels, part, layer, ring);
  const stride = part.right - part.left;
  const line = (0xff000000 | wordOf(look.colour)) >>> 0;
  const dot = look.provisional ? DOT_RINGS * ring : 0;
  for (let y = box.top; y < box.bottom; y++) {
    const own = stretchesOf(layer, y);
    if (own.length === 0) continue;
    const inner = innerOf(layer, y, own, ring);
    const base = (y - part.top) * stride - part.left;
    let next = 0;
    for (let at = 0; at < own.length; at += 2) {
      let x = own[at];
      const to = own[at + 1];
      while (next < inner.length && inner[next] < to) {
        paintDots(pixels, base, x, inner[next], y, line, dot);
        x = inner[next + 1];
        next += 2;
      }
      paintDots(pixels, base, x, to, y, line, dot);
    }
  }
}

/** From x to x (exclusive) of one line; with `dot` 0 without gaps. */
function paintDots(
  pixels: Uint32Array,
  base: number,
  from: number,
  to: number,
  y: number,
  colour: number,
  dot: number,
): void {
  if (dot === 0) {
    if (from < to) pixels.fill(colour, base + from, base + to);
    return;
  }
  for (let x = from; x < to; x++) {
    if ((Math.floor(x / dot) + Math.floor(y / dot)) % 2 !== 0) pixels[base + x] = colour;
  }
}

/**
 * Pixels of a line whose neighbours at the outline's width, left, right, above and below, are in the mask too: from x, to x (exclusive).
 * Outside the box counts as background, so an object cut by the frame's border is outlined there too.
 */
function innerOf(layer: Layer, y: number, own: readonly number[], ring: number): readonly number[] {
  const above = stretchesOf(layer, y - ring);
  const below = stretchesOf(layer, y + ring);
  if (above.length === 0 || below.length === 0) return NONE;
  const beside = common(common(own, own, ring), own, -ring);
  return common(common(beside, above, 0), below, 0);
}

const NONE: readonly number[] = [];

/** From x, to x of a line of the frame; empty outside the box. */
function stretchesOf({ box, lines, stretches }: Layer, y: number): readonly number[] {
  if (y < box.top || y >= box.bottom) return NONE;
  const result: number[] = [];
  for (let at = lines[y - box.top]; at < lines[y - box.top + 1]; at += 3)
    result.push(stretches[at + 1], stretches[at + 2]);
  return result;
}

/** What is in both of two sorted lists of stretches, the second moved by `shift`. */
function common(one: readonly number[], other: readonly number[], shift: number): readonly number[] {
  const result: number[] = [];
  let a = 0;
  let b = 0;
  while (a < one.length && b < other.length) {
    const from = Math.max(one[a], other[b] + shift);
    const to = Math.min(one[a + 1], other[b + 1] + shift);
    if (from < to) result.push(from, to);
    if (one[a + 1] < other[b + 1] + shift) a += 2;
    else b += 2;
  }
  return result;
}

function paintRing(pixels: Uint32Array, part: Rect, layer: Layer, ring: number): void {
  const { box } = layer;
  const bits = bitsOf(layer);
  const stride = part.right - part.left;
  const wide = box.right - box.left;
  let at = 0;
  for (let y = box.top; y < box.bottom; y++) {
    let to = (y - part.top) * stride + box.left - part.left;
    for (let x = box.left; x < box.right; x++, at++, to++) {
      if (bits[at] === 0 && touches(bits, at, wide, ring)) pixels[to] = 0xf0ffffff;
    }
  }
}

/** The box has a margin of background of the ring's width (or ends at the frame's border). */
function layerOf(look: MaskLook, box: Rect): Layer {
  const stretches: number[] = [];
  const lines = new Int32Array(box.bottom - box.top + 1);
  const { width } = look.mask;
  let line = box.top;
  forEachRun(look.mask, (start, end) => {
    for (let from = start; from < end; ) {
      const y = Math.floor(from / width);
      const to = Math.min(end, (y + 1) * width);
      while (line < y) lines[++line - box.top] = stretches.length;
      stretches.push(y, from - y * width, to - y * width);
      from = to;
    }
  });
  while (line < box.bottom) lines[++line - box.top] = stretches.length;
  return { look, box, stretches, lines };
}

/** One byte a pixel of the box. */
function bitsOf({ box, stretches }: Layer): Uint8Array {
  const wide = box.right - box.left;
  const bits = new Uint8Array(wide * (box.bottom - box.top));
  for (let at = 0; at < stretches.length; at += 3) {
    const line = (stretches[at] - box.top) * wide - box.left;
    bits.fill(1, line + stretches[at + 1], line + stretches[at + 2]);
  }
  return bits;
}

function touches(bits: Uint8Array, at: number, wide: number, ring: number): boolean {
  const column = at % wide;
  for (let distance = 1; distance <= ring; distance++) {
    if (column >= distance && bits[at - distance] === 1) return true;
    if (column + distance < wide && bits[at + distance] === 1) return true;
    if (bits[at - distance * wide] === 1 || bits[at + distance * wide] === 1) return true;
  }
  return false;
}

/** `colour` over what is there, both with straight alpha. */
function blend(under: number, colour: number, alpha: number): number {
  const underAlpha = under >>> 24;
  if (underAlpha === 0) return ((alpha << 24) | colour) >>> 0;
  const outAlpha = alpha + Math.round((underAlpha * (255 - alpha)) / 255);
  const mix = (shift: number) => {
    const over = (colour >>> shift) & 255;
    const below = (under >>> shift) & 255;
    return Math.round((over * alpha + (below * underAlpha * (255 - alpha)) / 255) / outAlpha);
  };
  return ((outAlpha << 24) | (mix(16) << 16) | (mix(8) << 8) | mix(0)) >>> 0;
}

/** `#rrggbb` as 0x00bbggrr. */
function wordOf(colour: string): number {
  const rgb = Number.parseInt(colour.slice(1), 16);
  return ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16);
}

function rectOf(box: ReturnType<typeof maskBox>, margin: number, video: Size): Rect | null {
  if (box === null) return null;
  return {
    left: Math.max(0, box.x - margin),
    top: Math.max(0, box.y - margin),
    right: Math.min(video.width, box.x + box.width + margin),
    bottom: Math.min(video.height, box.y + box.height + margin),
  };
}

function unionOf(boxes: readonly (Rect | null)[]): Rect | null {
  let union: Rect | null = null;
  for (const box of boxes) {
    if (box === null) continue;
    union =
      union === null
        ? box
        : {
            left: Math.min(union.left, box.left),
            top: Math.min(union.top, box.top),
            right: Math.max(union.right, box.right),
            bottom: Math.max(union.bottom, box.bottom),
          };
  }
  return union;
}
