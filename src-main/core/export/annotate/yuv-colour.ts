import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { ColourMatrix } from './yuv-image.ts';

/** Gamma-coded sRGB, 0..255 each. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** One colour as 8-bit Y'CbCr code values (not rounded). */
export interface YuvColour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** Luma weights of red and blue: ITU-R BT.601-7 and BT.709-6, section 3. */
const LUMA = { bt601: { kr: 0.299, kb: 0.114 }, bt709: { kr: 0.2126, kb: 0.0722 } } as const;

/** Parses `#rrggbb`; anything else is `prompt-invalid`. */
export function parseColour(text: string): Rgb {
  const match = /^#([0-9a-f]{6})$/i.exec(text);
  if (match === null) {
    throw new StudioError('prompt-invalid', 'user', `The colour "${text}" is not of the form #rrggbb.`);
  }
  const value = Number.parseInt(match[1], 16);
  return { r: value >> 16, g: (value >> 8) & 255, b: value & 255 };
}

/** sRGB to the code values of a frame with this matrix and range. */
export function yuvFromRgb({ r, g, b }: Rgb, matrix: ColourMatrix, fullRange: boolean): YuvColour {
  const { kr, kb } = LUMA[matrix];
  const luma = kr * r + (1 - kr - kb) * g + kb * b;
  const blue = (b - luma) / (2 * (1 - kb));
  const red = (r - luma) / (2 * (1 - kr));
  if (fullRange) return { y: luma, u: 128 + blue, v: 128 + red };
  return { y: 16 + (luma * 219) / 255, u: 128 + (blue * 224) / 255, v: 128 + (red * 224) / 255 };
}

/** The reverse, clamped to 0..255 and rounded. */
export function rgbFromYuv({ y, u, v }: YuvColour, matrix: ColourMatrix, fullRange: boolean): Rgb {
  const { kr, kb } = LUMA[matrix];
  const luma = fullRange ? y : ((y - 16) * 255) / 219;
  const scale = fullRange ? 1 : 255 / 224;
  const r = luma + 2 * (1 - kr) * (v - 128) * scale;
  const b = luma + 2 * (1 - kb) * (u - 128) * scale;
  const g = (luma - kr * r - kb * b) / (1 - kr - kb);
  return { r: toByte(r), g: toByte(g), b: toByte(b) };
}

/** The same hue, `factor` (0..1) as bright. */
export function darken({ r, g, b }: Rgb, factor: number): Rgb {
  return { r: r * factor, g: g * factor, b: b * factor };
}

/** Relative luminance 0..1 (WCAG 2.2). */
export function relativeLuminance({ r, g, b }: Rgb): number {
  const linear = (value: number) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

export const inkWhite: Rgb = { r: 255, g: 255, b: 255 };
export const inkDark: Rgb = { r: 10, g: 14, b: 20 };

/** White or near-black, whichever reads better on `background` (higher WCAG contrast). */
export function readableOn(background: Rgb): Rgb {
  const back = relativeLuminance(background);
  const onWhite = 1.05 / (back + 0.05);
  const onDark = (back + 0.05) / (relativeLuminance(inkDark) + 0.05);
  return onWhite >= onDark ? inkWhite : inkDark;
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
