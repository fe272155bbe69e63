import { readFile } from 'node:fs/promises';
import { labelPicture, type PictureSamples } from '../../../../src-shared/datasets/label-picture.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { type RleMask, rleFromBitmap } from '../../../../src-shared/mask/rle.ts';
import { fileFailure } from '../../base/file-failure.ts';
import { pngHeader, pngSamples } from '../../base/png-samples.ts';

export interface ReadMaskOptions {
  /** Only pixels of exactly this palette index, grey value or DAVIS colour are foreground; by default everything above 0 is. */
  readonly value?: number;
}

/**
 * Reads a person's mask. Foreground is a palette index above 0, a grey value above 0, any colour but black, or, where the
 * picture has see-through pixels, what is at least half opaque. Any bit depth, interlaced or not.
 * Throws `file-missing`, `permission-denied` or `prompt-invalid` (not a PNG, damaged, another size than `expected`).
 */
export async function readMaskPng(path: string, expected: Size, options: ReadMaskOptions = {}): Promise<RleMask> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileFailure(error, path, 'read');
  }
  return maskFromPng(bytes, path, expected, options);
}

/** `readMaskPng` for bytes that are already in memory; `name` is what messages call them. */
export function maskFromPng(bytes: Buffer, name: string, expected: Size, options: ReadMaskOptions = {}): RleMask {
  return maskFromSamples(decodeSamples(bytes, name, expected), expected, options);
}

/** `maskFromPng` for a picture that was decoded as `decodeSamples` does. */
export function maskFromSamples(
  samples: PictureSamples & { readonly hasAlpha: boolean },
  expected: Size,
  options: ReadMaskOptions = {},
): RleMask {
  const { rgba, hasAlpha } = samples;
  const pixels = expected.width * expected.height;
  const bitmap = new Uint8Array(pixels);
  const seeThrough = hasAlpha && someTransparent(rgba, pixels);
  const values = options.value !== undefined && samples.kind === 'colour' ? labelPicture(samples).labels : null;
  for (let at = 0; at < pixels; at++) {
    const red = rgba[at * 4];
    if (options.value !== undefined) bitmap[at] = (values?.[at] ?? red) === options.value ? 1 : 0;
    else if (seeThrough) bitmap[at] = rgba[at * 4 + 3] > half(rgba) ? 1 : 0;
    else bitmap[at] = red || rgba[at * 4 + 1] || rgba[at * 4 + 2] ? 1 : 0;
  }
  return rleFromBitmap(bitmap, expected.width, expected.height);
}

/** The samples of a PNG of the expected size. Throws `prompt-invalid`. */
export function decodeSamples(
  bytes: Buffer,
  name: string,
  expected: Size,
): PictureSamples & { readonly hasAlpha: boolean } {
  const header = pngHeader(bytes);
  if (header === null) throw invalid(`${name} is not a PNG picture; give the mask as PNG.`);
  if (header.width !== expected.width || header.height !== expected.height) {
    const [own, wanted] = [header, expected].map((size) => `${size.width}x${size.height}`);
    throw new StudioError(
      'prompt-invalid',
      'user',
      `The mask ${name} is ${own}, the video is ${wanted}; give a mask of the video's size.`,
      { details: { reason: `a mask of ${own} in a video of ${wanted}` } },
    );
  }
  try {
    return { ...pngSamples(bytes, header), hasAlpha: header.hasAlpha };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`The mask ${name} is damaged (${reason}); give it anew.`, error);
  }
}

function someTransparent(rgba: PictureSamples['rgba'], pixels: number): boolean {
  const most = half(rgba) * 2 + 1;
  for (let at = 0; at < pixels; at++) if (rgba[at * 4 + 3] < most) return true;
  return false;
}

function half(rgba: PictureSamples['rgba']): number {
  return rgba instanceof Uint16Array ? 32767 : 127;
}

function invalid(message: string, cause?: unknown): StudioError {
  return new StudioError('prompt-invalid', 'user', message, { cause });
}
