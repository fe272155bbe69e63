import { z } from 'zod';
import { fittingStem } from '../domain/fitting-stem.ts';
import { objectIdSchema } from './object-id-schema.ts';

/** The styles of annotated video, in the order in which help and docs list them. */
export const renderStyleNames = [
  'overlay',
  'outline',
  'box',
  'spotlight',
  'cutout',
  'blur',
  'pixelate',
  'redact',
  'desaturate',
  'heat',
  'trails',
  'side-by-side',
  'crop',
  'matte',
] as const;
export type RenderStyleName = (typeof renderStyleNames)[number];

/** What a video or a sequence of pictures can be written as. */
export const outputCodecNames = ['h264', 'h264-lossless', 'hevc', 'vp9', 'av1', 'prores', 'png', 'exr'] as const;
export type OutputCodecName = (typeof outputCodecNames)[number];

/** Codecs that carry transparency, and codecs that write a folder of pictures. */
export const alphaCodecNames: readonly OutputCodecName[] = ['prores', 'png', 'exr'];
export const pictureCodecNames: readonly OutputCodecName[] = ['png', 'exr'];

/** sRGB `#rrggbb`; `green` is the usual key colour; `alpha` is transparency (cutout alone). */
export const renderColourSchema = z.union([z.literal(['alpha', 'green']), z.string().regex(/^#[0-9a-fA-F]{6}$/)]);

/** A style and its options; null: the style's own default. Lengths are pixels of a picture whose short side is 1080. */
export const renderLookSchema = z.object({
  style: z.enum(renderStyleNames),
  /** Objects to show; the others are left as they are in the source. null: all. */
  objectIds: z.array(objectIdSchema).min(1).nullable().default(null),
  colour: renderColourSchema.nullable().default(null),
  /** 0..1: opacity of fills, depth of dimming, coarseness of blur and pixels. */
  strength: z.number().min(0).max(1).nullable().default(null),
  /** Pixels by which the covered area grows. */
  dilate: z.number().min(0).max(200).nullable().default(null),
  /** Frames for which redaction goes on covering before and after an absence. */
  hold: z.number().int().min(0).max(600).nullable().default(null),
  /** 0..1: masks scored below are uncertain, and redaction covers more. */
  certainty: z.number().min(0).max(1).nullable().default(null),
  /** Frames that a trail reaches back. */
  tail: z.number().int().min(1).max(600).nullable().default(null),
  labels: z.boolean().nullable().default(null),
});
export type RenderLook = z.output<typeof renderLookSchema>;
export type RenderOption = Exclude<keyof RenderLook, 'style' | 'objectIds'>;

/** What a style does where nothing is said. Lengths as in `RenderLook`. */
export const renderDefaults = {
  strength: {
    overlay: 0.45,
    spotlight: 0.72,
    blur: 0.5,
    pixelate: 0.5,
    desaturate: 1,
    heat: 0.58,
    'side-by-side': 0.45,
  } as Readonly<Partial<Record<RenderStyleName, number>>>,
  dilate: { blur: 4, pixelate: 4, redact: 6 } as Readonly<Partial<Record<RenderStyleName, number>>>,
  colour: { cutout: 'green', redact: '#0b0d10' } as Readonly<Partial<Record<RenderStyleName, string>>>,
  hold: 8,
  certainty: 0.5,
  tail: 30,
} as const;

/** The container of a codec: the ending of its file, or '' for a folder of pictures. */
export function codecEnding(codec: OutputCodecName): '.mp4' | '.mov' | '' {
  if (pictureCodecNames.includes(codec)) return '';
  return codec === 'prores' ? '.mov' : '.mp4';
}

/** Name of a rendering that nobody named, after the video's without its ending. */
export function renderName(videoStem: string, style: RenderStyleName, codec: OutputCodecName): string {
  return `${fittingStem(videoStem)}_${style === 'overlay' ? 'tracked' : style}${codecEnding(codec)}`;
}

/** The options that each style takes; any other one is refused instead of being ignored. */
export const renderOptions: Readonly<Record<RenderStyleName, readonly RenderOption[]>> = {
  overlay: ['colour', 'strength', 'labels'],
  outline: ['colour', 'labels'],
  box: ['colour', 'labels'],
  spotlight: ['strength'],
  cutout: ['colour'],
  blur: ['strength', 'dilate'],
  pixelate: ['strength', 'dilate'],
  redact: ['colour', 'dilate', 'hold', 'certainty'],
  desaturate: ['strength'],
  heat: ['strength', 'labels'],
  trails: ['colour', 'tail', 'labels'],
  'side-by-side': ['colour', 'strength', 'labels'],
  crop: [],
  matte: [],
};
