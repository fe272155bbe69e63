import { flattenGlyph } from './flatten-glyph.ts';
import { type GlyphShape, glyphs, markLift, marks, marksBelow, unknownGlyph } from './glyphs.ts';

const CAP_UNITS = 14;
const STROKE_UNITS = 1;
/** Middle and top of the small letters' upper stroke. */
const SMALL_MIDDLE = 9.4;
const SMALL_TOP = 10.4;
/** Glyphs are kept at quarter pixels, so spacing stays even at small sizes. */
const SUBPIXELS = 4;

/** Alpha 0..255 of one glyph; `left` and `top` place its corner relative to the whole pen position on the baseline, y down. */
interface GlyphBitmap {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly alpha: Uint8Array;
}

/** The label face at one size; rasterises each glyph once. `capPixels` is the height of a capital in whole pixels. */
export class Typeface {
  readonly capPixels: number;
  readonly #scale: number;
  readonly #radius: number;
  readonly #cache = new Map<string, GlyphBitmap>();

  constructor(capPixels: number) {
    this.capPixels = capPixels;
    this.#scale = capPixels / CAP_UNITS;
    this.#radius = Math.max(0.6, this.#scale * STROKE_UNITS * (capPixels < 14 ? 1 : 0.96));
  }

  /** Advance width in pixels (not rounded). */
  measure(text: string): number {
    let width = 0;
    for (const character of drawable(text)) {
      if (marks[character] === undefined) width += this.#advance(shapeOf(character));
    }
    return width;
  }

  /** Longest start of `text` that fits `maxPixels`, ended by an ellipsis when cut; empty when nothing fits. */
  fit(text: string, maxPixels: number): string {
    if (this.measure(text) <= maxPixels) return text;
    const characters = [...text];
    while (characters.length > 0) {
      characters.pop();
      const cut = `${characters.join('').trimEnd()}…`;
      if (characters.length > 0 && this.measure(cut) <= maxPixels) return cut;
    }
    return '';
  }

  /** Calls `dot(x, y, alpha)` for every inked pixel; the baseline is the lower edge of row `baseline - 1`. */
  draw(text: string, x: number, baseline: number, dot: (x: number, y: number, alpha: number) => void): void {
    let pen = x;
    let before = { start: x, advance: 0, tall: false };
    for (const character of drawable(text)) {
      const mark = marks[character];
      if (mark === undefined) {
        const shape = shapeOf(character);
        before = { start: pen, advance: this.#advance(shape), tall: isTall(character) };
        this.#stamp(character, shape, pen, baseline, dot);
        pen += before.advance;
      } else {
        const start = before.start + (before.advance - this.#advance(mark)) / 2;
        const raised = before.tall && !marksBelow.has(character);
        this.#stamp(raised ? `${character}+` : character, raised ? lifted(mark) : mark, start, baseline, dot);
      }
    }
  }

  #stamp(
    key: string,
    shape: GlyphShape,
    x: number,
    baseline: number,
    dot: (x: number, y: number, alpha: number) => void,
  ): void {
    const quarters = Math.round(x * SUBPIXELS);
    const whole = Math.floor(quarters / SUBPIXELS);
    const bitmap = this.#bitmap(key, shape, quarters - whole * SUBPIXELS);
    for (let row = 0; row < bitmap.height; row++) {
      for (let column = 0; column < bitmap.width; column++) {
        const alpha = bitmap.alpha[row * bitmap.width + column];
        if (alpha > 0) dot(whole + bitmap.left + column, baseline + bitmap.top + row, alpha);
      }
    }
  }

  #advance(shape: GlyphShape): number {
    return (shape.width + 2 * shape.bearing) * this.#scale;
  }

  #bitmap(character: string, shape: GlyphShape, subpixel: number): GlyphBitmap {
    const key = `${character}${subpixel}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const made = this.#rasterise(shape, subpixel / SUBPIXELS);
    this.#cache.set(key, made);
    return made;
  }

  #rasterise(shape: GlyphShape, offset: number): GlyphBitmap {
    const pieces = flattenGlyph(shape);
    for (let at = 0; at < pieces.length; at += 2) {
      pieces[at] = (pieces[at] + shape.bearing) * this.#scale + offset;
      pieces[at + 1] = -this.#hintedHeight(pieces[at + 1] + (shape.lift ?? 0));
    }
    const margin = Math.ceil(this.#radius + 1);
    let [left, right, top, bottom] = [0, 0, 0, 0];
    for (let at = 0; at < pieces.length; at += 2) {
      left = Math.min(left, Math.floor(pieces[at]));
      right = Math.max(right, Math.ceil(pieces[at]));
      top = Math.min(top, Math.floor(pieces[at + 1]));
      bottom = Math.max(bottom, Math.ceil(pieces[at + 1]));
    }
    [left, right, top, bottom] = [left - margin, right + margin, top - margin, bottom + margin];
    const width = right - left;
    const height = bottom - top;
    const alpha = new Uint8Array(width * height);
    for (let at = 0; at < alpha.length; at++) {
      const distance = distanceToPieces(pieces, left + (at % width) + 0.5, top + Math.floor(at / width) + 0.5);
      alpha[at] = Math.round(255 * Math.min(1, Math.max(0, this.#radius + 0.5 - distance)));
    }
    return { width, height, left, top, alpha };
  }

  /** Height of a middle line above the baseline, with the tops of small letters and capitals on whole pixels. */
  #hintedHeight(units: number): number {
    const radius = this.#radius;
    const small = Math.round(SMALL_TOP * this.#scale) - radius;
    const cap = this.capPixels - radius;
    if (units <= 1) return radius + (units - 1) * this.#scale;
    if (units <= SMALL_MIDDLE) return radius + ((units - 1) / (SMALL_MIDDLE - 1)) * (small - radius);
    return small + ((units - SMALL_MIDDLE) / (CAP_UNITS - 1 - SMALL_MIDDLE)) * (cap - small);
  }
}

const drawn = new Map<string, string>();
const MOST_TEXTS = 256;

/**
 * Letters and their accents apart (NFD); accents that the face lacks and control characters are dropped. Labels say the same on frame
 * after frame, so the last texts are remembered.
 */
function drawable(text: string): string {
  let known = drawn.get(text);
  if (known === undefined) {
    const apart = text.normalize('NFD').replace(/\p{Control}/gu, '');
    known = apart.replace(/\p{Mark}/gu, (mark) => (marks[mark] === undefined ? '' : mark));
    if (drawn.size === MOST_TEXTS) drawn.clear();
    drawn.set(text, known);
  }
  return known;
}

/**
 * What the face can write of a name: pictures and signs that it lacks are left out; a name with letters of another script (Chinese, Greek) is
 * left out whole, for half a name is another one.
 */
export function writable(name: string): string {
  const isLacking = (character: string) => marks[character] === undefined && !Object.hasOwn(glyphs, character);
  const lacking = [...drawable(name)].filter(isLacking);
  if (lacking.length === 0) return name;
  if (lacking.some((character) => /\p{Letter}/u.test(character))) return '';
  const kept = [...name].filter((character) => !lacking.includes(character)).join('');
  return kept.replaceAll(/\s+/g, ' ').trim();
}

function shapeOf(character: string): GlyphShape {
  return Object.hasOwn(glyphs, character) ? glyphs[character] : unknownGlyph;
}

function isTall(character: string): boolean {
  return /[A-Z0-9bdfhkltß]/.test(character);
}

/** An accent above its letter, moved up over a tall one. */
function lifted(mark: GlyphShape): GlyphShape {
  return { ...mark, lift: markLift };
}

function distanceToPieces(pieces: Float64Array, x: number, y: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < pieces.length; at += 4) {
    const dx = pieces[at + 2] - pieces[at];
    const dy = pieces[at + 3] - pieces[at + 1];
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : ((x - pieces[at]) * dx + (y - pieces[at + 1]) * dy) / length;
    const t = Math.min(1, Math.max(0, along));
    const ex = x - pieces[at] - t * dx;
    const ey = y - pieces[at + 1] - t * dy;
    best = Math.min(best, ex * ex + ey * ey);
  }
  return Math.sqrt(best);
}

const faces = new Map<number, Typeface>();

/** The face at a size, shared: glyphs are rasterised once per process. */
export function typefaceAt(capPixels: number): Typeface {
  let face = faces.get(capPixels);
  if (face === undefined) {
    face = new Typeface(capPixels);
    faces.set(capPixels, face);
  }
  return face;
}
