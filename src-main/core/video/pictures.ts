import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { exifOrientation, type Orientation, UPRIGHT } from './still-format.ts';

/** A folder of pictures that plays as a video: same size, same kind, turned alike, natural order of names. */
export interface PictureFolder {
  readonly names: readonly string[];
  readonly format: 'png' | 'jpeg';
  /** Stored pixels, before the orientation. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  readonly sizeBytes: number;
}

const PICTURE_NAME = /\.(png|jpe?g)$/i;
const HEADER_BYTES = 64 * 1024;

/**
 * Lists the pictures of a folder and checks that they fit together. Errors: `no-frames` (no picture), `media-refused`
 * (mixed kinds, sizes or orientations, or not a picture), each naming the file.
 */
export async function listPictures(folder: string, signal?: AbortSignal): Promise<PictureFolder> {
  const collator = new Intl.Collator('en', { numeric: true });
  const names = (await readdir(folder)).filter((name) => PICTURE_NAME.test(name) && !name.startsWith('.'));
  names.sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
  if (names.length === 0)
    throw new StudioError('no-frames', 'user', `${folder} holds no PNG or JPEG pictures; give it a folder of frames.`);
  const format = formatOf(names[0]!);
  let first: { width: number; height: number; orientation: Orientation } | null = null;
  let sizeBytes = 0;
  for (const name of names) {
    throwIfAborted(signal);
    if (formatOf(name) !== format) throw refused(`${folder} mixes PNG and JPEG pictures (${name}); keep one kind.`);
    const header = await readHeader(join(folder, name));
    sizeBytes += header.sizeBytes;
    const size = format === 'png' ? pngSize(header.bytes) : jpegSize(header.bytes);
    if (size === null)
      throw refused(`${join(folder, name)} is not a readable ${format.toUpperCase()} picture; replace or remove it.`);
    const orientation = format === 'png' ? UPRIGHT : exifOrientation(header.bytes);
    first ??= { ...size, orientation };
    if (size.width !== first.width || size.height !== first.height)
      throw refused(
        `${join(folder, name)} is ${size.width}x${size.height} but ${names[0]} is ${first.width}x${first.height}; all pictures of a sequence must have one size.`,
      );
    if (orientation.rotation !== first.orientation.rotation || orientation.mirrored !== first.orientation.mirrored)
      throw refused(
        `${join(folder, name)} asks to be turned otherwise than ${names[0]} (EXIF orientation); nothing was opened. Turn the pictures themselves, so that all ask for the same.`,
      );
  }
  return { names, format, ...first!, sizeBytes };
}

function formatOf(name: string): 'png' | 'jpeg' {
  return name.toLowerCase().endsWith('.png') ? 'png' : 'jpeg';
}

function refused(message: string): StudioError {
  return new StudioError('media-refused', 'user', message);
}

async function readHeader(path: string): Promise<{ readonly bytes: Buffer; readonly sizeBytes: number }> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  let bytes = Buffer.alloc(Math.min(size, HEADER_BYTES));
  await file.read(bytes, 0, bytes.length, 0);
  // Large EXIF or ICC blocks can push the size of a JPEG further back.
  if (size > bytes.length && !path.toLowerCase().endsWith('.png') && jpegSize(bytes) === null) {
    bytes = Buffer.alloc(Math.min(size, 64 * HEADER_BYTES));
    await file.read(bytes, 0, bytes.length, 0);
  }
  return { bytes, sizeBytes: size };
}

/** Width and height of a PNG from its first chunk; null when it is none. */
export function pngSize(bytes: Buffer): { width: number; height: number } | null {
  if (bytes.length < 33 || bytes.readUInt32BE(0) !== 0x89504e47 || bytes.toString('latin1', 12, 16) !== 'IHDR')
    return null;
  return positive(bytes.readUInt32BE(16), bytes.readUInt32BE(20));
}

/** Width and height of a JPEG from its frame header; null when it is none or lies behind the given bytes. */
export function jpegSize(bytes: Buffer): { width: number; height: number } | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return positive(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function positive(width: number, height: number): { width: number; height: number } | null {
  return width > 0 && height > 0 ? { width, height } : null;
}
