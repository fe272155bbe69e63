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

/** Paints masks into pixels of the part of the frame that they cover, selected ones last; null when nothing is covered. */
export function composeOverlay(masks: readonly MaskLook[], look: OverlayLook, video: Size): Overlay | null {
  const ring = ringWidth(video);
  const matte = look.mode === 'matte';
  const boxes = masks.map(({ mask }) => rectOf(maskBox(mask), ring, video));
  const part = matte ? { left: 0, top: 0, right: video.width, bottom: video.height } : unionOf(boxes);
  if (part === null) return null;
  const width = part.right - part.left;
  const pixels = new Uint32Array(width * (part.bottom - part.top));
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
  /** One byte a pixel of the box. */
  readonly bits: Uint8Array;
  /** Stretches of the mask within one line of the frame: y, from x, to x (exclusive), one after the other. */
  readonly stretches: readonly number[];
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

function blendLine(pixels: Uint32Array, from: number, to: number, colour: number, alpha: number): void {
  const plain = (alpha << 24) | colour;
  for (let at = from; at < to; at++) pixels[at] = pixels[at] === 0 ? plain : blend(pixels[at], colour, alpha);
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
  const { look, box, bits, stretches } = layer;
  if (look.selected) paintRing(pixels, part, layer, ring);
  const stride = part.right - part.left;
  const wide = box.right - box.left;
  const line = (0xff000000 | wordOf(look.colour)) >>> 0;
  const dot = DOT_RINGS * ring;
  const shift = ring * wide;
  for (let index = 0; index < stretches.length; index += 3) {
    const y = stretches[index];
    const from = stretches[index + 1];
    const to = stretches[index + 2];
    let at = (y - box.top) * wide + from - box.left;
    let target = (y - part.top) * stride + from - part.left;
    const isInside = at >= shift && at + shift + to - from < bits.length;
    for (let x = from; x < to; x++, at++, target++) {
      // Far from the ends of the stretch only the lines above and below tell.
      const isMiddle = isInside && x - from >= ring && to - x > ring;
      const edge = isMiddle ? bits[at - shift] === 0 || bits[at + shift] === 0 : isEdge(bits, at, wide, ring);
      if (!edge) continue;
      const gap = look.provisional && (Math.floor(x / dot) + Math.floor(y / dot)) % 2 === 0;
      if (!gap) pixels[target] = line;
    }
  }
}

function paintRing(pixels: Uint32Array, part: Rect, { box, bits }: Layer, ring: number): void {
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
  const wide = box.right - box.left;
  const bits = new Uint8Array(wide * (box.bottom - box.top));
  const stretches: number[] = [];
  const { width } = look.mask;
  forEachRun(look.mask, (start, end) => {
    for (let from = start; from < end; ) {
      const y = Math.floor(from / width);
      const to = Math.min(end, (y + 1) * width);
      const left = (y - box.top) * wide - y * width - box.left;
      bits.fill(1, from + left, to + left);
      stretches.push(y, from - y * width, to - y * width);
      from = to;
    }
  });
  return { look, box, bits, stretches };
}

/** Outside the box counts as background, so an object cut by the frame's border is outlined there too. */
function isEdge(bits: Uint8Array, at: number, wide: number, ring: number): boolean {
  const column = at % wide;
  if (column < ring || column + ring >= wide) return true;
  const above = at - ring * wide;
  const below = at + ring * wide;
  if (above < 0 || below >= bits.length) return true;
  return bits[at - ring] === 0 || bits[at + ring] === 0 || bits[above] === 0 || bits[below] === 0;
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
