/** How objects are drawn; lengths are pixels of a picture whose short side is 1080 and scale with it. */
export interface AnnotateStyle {
  /** 0..1; 0 draws no fill. */
  readonly fillOpacity: number;
  /** Thickness of the mask's edge; 0 draws none. */
  readonly outlinePixels: number;
  /** Brightness of the edge relative to the object's colour, 0..1. */
  readonly outlineBrightness: number;
  /** Thickness of the box; 0 draws none. */
  readonly boxPixels: number;
  /** Height of a capital letter in the label; 0 draws no label. */
  readonly labelPixels: number;
}

/** What other looks are made from; `overlay` is the default look of an annotated video. */
export const annotateStyles: Readonly<Record<'overlay' | 'outline' | 'box', AnnotateStyle>> = {
  overlay: { fillOpacity: 0.45, outlinePixels: 2, outlineBrightness: 0.72, boxPixels: 2, labelPixels: 15 },
  outline: { fillOpacity: 0, outlinePixels: 3, outlineBrightness: 1, boxPixels: 0, labelPixels: 15 },
  box: { fillOpacity: 0, outlinePixels: 0, outlineBrightness: 1, boxPixels: 3, labelPixels: 15 },
};

/** Lengths of one style in whole pixels of one picture. */
export interface ScaledStyle {
  readonly outline: number;
  readonly box: number;
  readonly capHeight: number;
  readonly dash: number;
}

const SMALLEST_CAP_HEIGHT = 8;

export function scaleStyle(style: AnnotateStyle, width: number, height: number): ScaledStyle {
  const scale = Math.min(width, height) / 1080;
  const line = (pixels: number) => (pixels <= 0 ? 0 : Math.max(1, Math.ceil(pixels * scale - 0.01)));
  const cap = style.labelPixels <= 0 ? 0 : Math.max(SMALLEST_CAP_HEIGHT, Math.round(style.labelPixels * scale));
  return { outline: line(style.outlinePixels), box: line(style.boxPixels), capHeight: cap, dash: line(12) };
}
