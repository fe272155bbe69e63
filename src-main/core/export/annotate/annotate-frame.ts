import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { maskBox, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { type AnnotateStyle, type ScaledStyle, scaleStyle } from './annotate-style.ts';
import { drawLabel, measureLabel } from './draw-label.ts';
import { drawOutline } from './draw-outline.ts';
import { type PixelBox, strokeBox } from './draw-rectangle.ts';
import { writable } from './font/typeface.ts';
import { Ink } from './ink.ts';
import { placeLabel } from './place-label.ts';
import { spansFromMask } from './span-rows.ts';
import { tintMask } from './tint-mask.ts';
import { darken, parseColour, readableOn, yuvFromRgb } from './yuv-colour.ts';
import { type YuvImage, yuvByteLength } from './yuv-image.ts';

/** One object as it is drawn on one frame. */
export interface AnnotatedObject {
  readonly objectId: ObjectId;
  readonly name: string;
  /** sRGB, `#rrggbb`. */
  readonly colour: string;
  /** At frame size; null or empty: the object is absent and nothing is drawn. */
  readonly mask: RleMask | null;
  /** 0..1, shown with two decimals; null shows none. */
  readonly score: number | null;
  /** Still inside hotstart: edge and box are dashed. */
  readonly provisional: boolean;
}

/** Working memory of `annotateFrame` for one frame size; reuse it across frames. Zero between calls. */
export interface AnnotateScratch {
  readonly bitmap: Uint8Array;
  readonly chroma: Uint16Array;
}

export function createAnnotateScratch(width: number, height: number): AnnotateScratch {
  return {
    bitmap: new Uint8Array(width * height),
    chroma: new Uint16Array(Math.ceil(width / 2) * Math.ceil(height / 2)),
  };
}

/**
 * Draws objects into a frame, in place: all fills and edges first (a higher object id lies on top), then every label, so that no
 * fill hides a label. The result depends on the arguments alone. Pixels further than one pixel from a mask and outside boxes
 * and chips keep their bytes, except that a chroma sample belongs to its whole 2x2 block.
 * Throws `internal` when a mask or the data does not have the frame's size, `mask-corrupt` for damaged masks.
 */
export function annotateFrame(
  image: YuvImage,
  objects: readonly AnnotatedObject[],
  style: AnnotateStyle,
  scratch: AnnotateScratch = createAnnotateScratch(image.width, image.height),
): void {
  checkSizes(image, objects);
  const ink = new Ink(image, scratch.chroma);
  const scaled = scaleStyle(style, image.width, image.height);
  const drawn: { readonly object: AnnotatedObject; readonly box: PixelBox }[] = [];
  for (const object of [...objects].sort((a, b) => a.objectId - b.objectId)) {
    const box = object.mask === null ? null : maskBox(object.mask);
    if (object.mask === null || box === null) continue;
    drawMask(image, ink, object, object.mask, style, scaled, scratch);
    const frameBox = boxAround(box, scaled.box, image);
    if (scaled.box > 0) drawBox(image, ink, object, frameBox, scaled);
    drawn.push({ object, box: frameBox });
  }
  if (scaled.capHeight > 0) drawLabels(image, ink, drawn, scaled);
}

function drawMask(
  image: YuvImage,
  ink: Ink,
  object: AnnotatedObject,
  mask: RleMask,
  style: AnnotateStyle,
  scaled: ScaledStyle,
  scratch: AnnotateScratch,
): void {
  if (style.fillOpacity <= 0 && scaled.outline === 0) return;
  const colour = parseColour(object.colour);
  const rows = spansFromMask(mask);
  tintMask(image, rows, yuvFromRgb(colour, image.matrix, image.fullRange), style.fillOpacity);
  if (scaled.outline === 0) return;
  ink.use(yuvFromRgb(darken(colour, style.outlineBrightness), image.matrix, image.fullRange));
  const dash = object.provisional ? scaled.dash : 0;
  drawOutline(ink, rows, { thickness: scaled.outline, opacity: 0.95, dash }, scratch.bitmap);
  ink.flush();
}

function drawBox(image: YuvImage, ink: Ink, object: AnnotatedObject, box: PixelBox, scaled: ScaledStyle): void {
  ink.use(yuvFromRgb(parseColour(object.colour), image.matrix, image.fullRange));
  strokeBox(ink, box, scaled.box, 0.95, object.provisional ? scaled.dash : 0);
  ink.flush();
}

function drawLabels(
  image: YuvImage,
  ink: Ink,
  drawn: readonly { readonly object: AnnotatedObject; readonly box: PixelBox }[],
  scaled: ScaledStyle,
): void {
  const placed: PixelBox[] = [];
  const gap = Math.max(1, Math.round(scaled.capHeight / 5));
  for (const { object, box } of drawn) {
    const chip = measureLabel(labelText(object), scaled.capHeight, Math.round(image.width * 0.4));
    const spot = placeLabel(box, chip, image, gap, placed);
    if (spot === null) continue;
    placed.push(spot);
    const colour = parseColour(object.colour);
    const letters = yuvFromRgb(readableOn(colour), image.matrix, image.fullRange);
    drawLabel(ink, chip, spot, yuvFromRgb(colour, image.matrix, image.fullRange), letters);
  }
}

function labelText({ name, objectId, score }: AnnotatedObject) {
  return { name: writable(name.trim()), id: `#${objectId}`, score: score === null ? '' : score.toFixed(2) };
}

/** The box's line stands just outside the mask, but never outside the frame. */
function boxAround(box: PixelBox, line: number, frame: { readonly width: number; readonly height: number }): PixelBox {
  const x = Math.max(0, box.x - line);
  const y = Math.max(0, box.y - line);
  const width = Math.min(frame.width, box.x + box.width + line) - x;
  return { x, y, width, height: Math.min(frame.height, box.y + box.height + line) - y };
}

function checkSizes(image: YuvImage, objects: readonly AnnotatedObject[]): void {
  const { width, height } = image;
  if (image.data.length !== yuvByteLength(width, height)) {
    throw new StudioError('internal', 'bug', `A ${width}x${height} frame has ${image.data.length} bytes.`);
  }
  for (const { mask, objectId } of objects) {
    if (mask === null || (mask.width === width && mask.height === height)) continue;
    const size = `${mask.width}x${mask.height}`;
    throw new StudioError(
      'internal',
      'bug',
      `The mask of object ${objectId} is ${size}, its frame ${width}x${height}.`,
    );
  }
}
