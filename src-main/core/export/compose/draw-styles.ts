import type { RenderStyleName } from '../../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type AnnotatedObject, annotateFrame } from '../annotate/annotate-frame.ts';
import { type AnnotateStyle, annotateStyles } from '../annotate/annotate-style.ts';
import { dilateSpans } from '../annotate/grow-spans.ts';
import { type SpanRows, spansFromMask } from '../annotate/span-rows.ts';
import { parseColour, yuvFromRgb } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';
import { dimBackground, greyBackground, replaceBackground } from './backgrounds.ts';
import { blurPlane, pixelatePlane } from './coarse.ts';
import type { ComposeScratch } from './compose-scratch.ts';
import { fillSpans, matteImage } from './fill-spans.ts';
import { drawHeatLegend, heatColour } from './heat.ts';
import type { Matte } from './matte.ts';
import { planesOf } from './planes.ts';
import type { Look } from './resolve-look.ts';
import { type Scene, scaledPixels } from './scene.ts';
import { uniteSpans } from './span-sets.ts';
import { drawTrail } from './trails.ts';

/** Draws one style into a frame, in place. */
export type DrawStyle = (image: YuvImage, scene: Scene, look: Look, scratch: ComposeScratch) => void;
export type InPlaceStyleName = Exclude<RenderStyleName, 'side-by-side' | 'crop'>;

/** The styles that change pixels where they are. */
export const drawStyles: Readonly<Record<InPlaceStyleName, DrawStyle>> = {
  overlay: (image, { objects }, look, scratch) => drawOverlay(image, objects, look, scratch),
  outline: (image, { objects }, look, scratch) => {
    drawObjects(image, objects, withLabels(annotateStyles.outline, look), scratch);
  },
  box: (image, { objects }, look, scratch) => {
    drawObjects(image, objects, withLabels(annotateStyles.box, look), scratch);
  },
  heat: drawHeat,
  trails: drawTrails,
  redact: drawRedaction,
  matte: (image, scene) => matteImage(image, unionOf(scene, image)),
  spotlight: (image, scene, look, scratch) => dimBackground(image, matteOf(image, scene, look, scratch), look.strength),
  desaturate: (image, scene, look, scratch) => {
    greyBackground(image, matteOf(image, scene, look, scratch), look.strength);
  },
  cutout: (image, scene, look, scratch) => {
    replaceBackground(image, matteOf(image, scene, look, scratch), look.colour ?? '#000000');
  },
  blur: (image, scene, look, scratch) => {
    const sigma = shortSide(image) * (0.005 + 0.05 * look.strength);
    const planes = planesOf(image, matteOf(image, scene, look, scratch));
    for (const plane of planes) blurPlane(image.data, plane, sigma, scratch.coarse);
  },
  pixelate: (image, scene, look, scratch) => {
    const cell = 2 * Math.max(1, Math.round(shortSide(image) * (0.004 + 0.026 * look.strength)));
    const planes = planesOf(image, matteOf(image, scene, look, scratch));
    for (const plane of planes) pixelatePlane(image.data, plane, cell, scratch.coarse);
  },
};

export function drawOverlay(
  image: YuvImage,
  objects: readonly AnnotatedObject[],
  look: Look,
  scratch: ComposeScratch,
): void {
  drawObjects(image, objects, withLabels({ ...annotateStyles.overlay, fillOpacity: look.strength }, look), scratch);
}

/** What any shown object covers. */
export function unionOf({ objects }: Scene, { width, height }: YuvImage): SpanRows {
  const present = objects.flatMap(({ mask }) => (mask === null ? [] : [spansFromMask(mask)]));
  return uniteSpans(present, width, height);
}

const HEAT: AnnotateStyle = { ...annotateStyles.overlay, boxPixels: 0 };
const UNDER_TRAILS: AnnotateStyle = { ...annotateStyles.overlay, fillOpacity: 0.25, boxPixels: 0, labelPixels: 0 };
const LABELS_ALONE: AnnotateStyle = { ...annotateStyles.box, boxPixels: 0 };

function drawHeat(image: YuvImage, { objects }: Scene, look: Look, scratch: ComposeScratch): void {
  const heated = objects.map((object) => ({ ...object, colour: heatColour(object.score) }));
  drawObjects(image, heated, withLabels({ ...HEAT, fillOpacity: look.strength }, look), scratch);
  if (look.labels) drawHeatLegend(image, scratch.annotate(image.width, image.height).chroma);
}

function drawTrails(image: YuvImage, { objects, trails }: Scene, look: Look, scratch: ComposeScratch): void {
  drawObjects(image, objects, UNDER_TRAILS, scratch);
  const { chroma, bitmap } = scratch.annotate(image.width, image.height);
  for (const trail of trails) drawTrail(image, chroma, bitmap, trail);
  if (look.labels) drawObjects(image, objects, LABELS_ALONE, scratch);
}

function drawRedaction(image: YuvImage, { cover }: Scene, look: Look): void {
  if (cover === null) throw new StudioError('internal', 'bug', 'Redaction needs to know what to cover.');
  fillSpans(image, cover.spans, yuvFromRgb(parseColour(look.colour ?? '#000000'), image.matrix, image.fullRange));
}

function matteOf(image: YuvImage, scene: Scene, look: Look, scratch: ComposeScratch): Matte {
  const matte = scratch.matte(image.width, image.height);
  matte.paint(dilateSpans(unionOf(scene, image), scaledPixels(look.dilate, image)));
  return matte;
}

function withLabels(style: AnnotateStyle, look: Look): AnnotateStyle {
  return look.labels ? style : { ...style, labelPixels: 0 };
}

function drawObjects(
  image: YuvImage,
  objects: readonly AnnotatedObject[],
  style: AnnotateStyle,
  scratch: ComposeScratch,
): void {
  annotateFrame(image, objects, style, scratch.annotate(image.width, image.height));
}

function shortSide({ width, height }: YuvImage): number {
  return Math.min(width, height);
}
