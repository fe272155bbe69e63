import { fillRounded, type PixelBox } from '../annotate/draw-rectangle.ts';
import { typefaceAt } from '../annotate/font/typeface.ts';
import { Ink } from '../annotate/ink.ts';
import { inkDark, inkWhite, type Rgb, yuvFromRgb } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';

/** Doubtful to sure: vermilion, amber, pale, teal. Lightness and hue both change, so the ends stay apart for every colour vision. */
const STOPS: readonly Rgb[] = [
  { r: 214, g: 48, b: 49 },
  { r: 240, g: 147, b: 43 },
  { r: 246, g: 224, b: 114 },
  { r: 38, g: 166, b: 154 },
];
const UNKNOWN = '#9aa3b0';

/** `#rrggbb` of a score 0..1; grey when the model gave none. */
export function heatColour(score: number | null): string {
  if (score === null) return UNKNOWN;
  const { r, g, b } = rampAt(score);
  return `#${[r, g, b].map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}

function rampAt(score: number): Rgb {
  const place = Math.min(1, Math.max(0, score)) * (STOPS.length - 1);
  const index = Math.min(STOPS.length - 2, Math.floor(place));
  const part = place - index;
  const [from, to] = [STOPS[index], STOPS[index + 1]];
  const mix = (a: number, b: number) => a + (b - a) * part;
  return { r: mix(from.r, to.r), g: mix(from.g, to.g), b: mix(from.b, to.b) };
}

/** The scale in the lower left corner; nothing on pictures too small for it. */
export function drawHeatLegend(image: YuvImage, chroma: Uint16Array): void {
  const cap = Math.max(8, Math.round((Math.min(image.width, image.height) / 1080) * 15));
  const face = typefaceAt(cap);
  const pad = Math.round(cap * 0.8);
  const bar = { width: cap * 12, height: Math.round(cap * 0.75) };
  const [low, high] = ['0', '1 confidence'];
  const lowWidth = Math.ceil(face.measure(low));
  const width = Math.ceil(4 * pad + lowWidth + bar.width + face.measure(high));
  const height = cap + 2 * pad;
  const box: PixelBox = { x: 2 * pad, y: image.height - height - 2 * pad, width, height };
  if (box.y < 0 || box.x + width > image.width) return;
  const ink = new Ink(image, chroma);
  const use = (colour: Rgb) => ink.use(yuvFromRgb(colour, image.matrix, image.fullRange));
  use(inkDark);
  fillRounded(ink, box, cap * 0.5, 0.82);
  ink.flush();
  const barLeft = box.x + 2 * pad + lowWidth;
  const barTop = box.y + Math.round((height - bar.height) / 2);
  for (let x = 0; x < bar.width; x += 2) {
    use(rampAt(x / (bar.width - 1)));
    for (let y = 0; y < bar.height; y++) ink.row(barTop + y, barLeft + x, barLeft + x + 2, 255);
    ink.flush();
  }
  use(inkWhite);
  const baseline = box.y + pad + cap;
  const dot = (x: number, y: number, alpha: number) => ink.dot(x, y, alpha);
  face.draw(low, box.x + pad, baseline, dot);
  face.draw(high, barLeft + bar.width + pad, baseline, dot);
  ink.flush();
}
