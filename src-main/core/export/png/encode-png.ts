import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { pngChunk } from '../../base/png-samples.ts';

const deflateAsync = promisify(deflate);
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** The PNG specification's numbers of the sample layouts that we write, and their bytes a pixel. */
const COLOUR_TYPE = { grey: 0, grey16: 0, rgb: 2, palette: 3 } as const;
const PIXEL_BYTES = { grey: 1, grey16: 2, rgb: 3, palette: 1 } as const;
/** Masks are long runs: a low level is as small as a high one and several times faster. */
const LEVEL = 4;

export interface PngPicture {
  readonly kind: 'grey' | 'grey16' | 'rgb' | 'palette';
  readonly width: number;
  readonly height: number;
  /** Tight rows, 8 bits a sample: [height, width] or, for rgb, [height, width, 3]; grey16 has two bytes a pixel, high one first. */
  readonly pixels: Uint8Array;
  /** RGB triples, up to 256; palette pictures only. */
  readonly palette?: Uint8Array;
}

/** A PNG file, not interlaced, no metadata: the same picture gives the same bytes. */
export async function encodePng(picture: PngPicture): Promise<Buffer> {
  const { width, height, kind } = picture;
  const stride = width * PIXEL_BYTES[kind];
  const filtered = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    filtered.set(picture.pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = kind === 'grey16' ? 16 : 8;
  header[9] = COLOUR_TYPE[kind];
  const chunks = [Buffer.from(SIGNATURE), pngChunk('IHDR', header)];
  if (kind === 'palette') chunks.push(pngChunk('PLTE', picture.palette ?? new Uint8Array(3)));
  chunks.push(pngChunk('IDAT', await deflateAsync(filtered, { level: LEVEL })), pngChunk('IEND', new Uint8Array(0)));
  return Buffer.concat(chunks);
}
