import { open, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { decodeFrames } from './decode-frames.ts';
import { openPictures } from './open-pictures.ts';
import type { OpenVideoOptions } from './open-video-options.ts';
import { jpegSize, pngSize } from './pictures.ts';
import { displayedSize, exifOrientation, UPRIGHT } from './still-format.ts';
import { FrameTable } from './table/frame-table.ts';

/** One decoded picture as it is shown, uint8 RGB [height, width, 3]; owned by the receiver. */
export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/** Enough for the header of a JPEG with large EXIF and colour profile blocks. */
const HEADER_BYTES = 4 * 1024 * 1024;

export interface ReadPictureOptions extends OpenVideoOptions {
  /** A picture that has this size only as it is stored is not turned by its EXIF block. */
  readonly expectedSize?: PictureSize | undefined;
}

interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes one PNG or JPEG picture through the same path as the frames of a picture folder. Errors: `file-missing`,
 * `media-refused` (not such a picture, or it cannot be read), `media-too-large`, `ffmpeg-failed`, `cancelled`.
 */
export async function readPicture(path: string, options: ReadPictureOptions): Promise<DecodedPicture> {
  throwIfAborted(options.signal);
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => null);
  if (found === null || !found.isFile()) {
    throw new StudioError('file-missing', 'user', `There is no picture ${path}; check the path.`, {
      details: { path },
    });
  }
  const header = await readHeader(absolute, Math.min(found.size, HEADER_BYTES)).catch(
    (cause: NodeJS.ErrnoException) => {
      const message = `${path} cannot be read (${cause.code ?? cause.message}).`;
      throw new StudioError('media-refused', 'user', message, { details: { path }, cause });
    },
  );
  const png = pngSize(header);
  const size = png ?? jpegSize(header);
  if (size === null) {
    throw new StudioError('media-refused', 'user', `${path} is not a readable PNG or JPEG picture.`, {
      details: { path },
    });
  }
  const folder = {
    names: [basename(absolute)],
    format: png === null ? 'jpeg' : 'png',
    ...size,
    orientation: png === null ? orientationOf(header, size, options.expectedSize) : UPRIGHT,
    sizeBytes: found.size,
  } as const;
  const opening = openPictures(dirname(absolute), '', folder);
  const source = {
    info: opening.info,
    table: new FrameTable(opening.table),
    plan: opening.plan,
    extras: opening.extras,
    tools: options.tools,
    cacheDir: options.cacheDir,
  };
  for await (const { pixels } of decodeFrames(source, { first: 0, last: 0, signal: options.signal })) {
    return { width: source.info.width, height: source.info.height, pixels };
  }
  throw new StudioError('media-refused', 'user', `${path} could not be decoded.`, { details: { path } });
}

function orientationOf(header: Buffer, stored: PictureSize, expected: PictureSize | undefined) {
  const tagged = exifOrientation(header);
  const shown = displayedSize(stored.width, stored.height, tagged.rotation);
  const is = ({ width, height }: PictureSize) => width === expected?.width && height === expected.height;
  return is(stored) && !is(shown) ? UPRIGHT : tagged;
}

async function readHeader(path: string, bytes: number): Promise<Buffer> {
  await using file = await open(path, 'r');
  const header = Buffer.alloc(bytes);
  await file.read(header, 0, bytes, 0);
  return header;
}
