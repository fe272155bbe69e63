/** Pictures whose reader is chosen by their first bytes: left to itself, ffmpeg goes by the name and takes a reader that opens other files too. */
export type StillFormat = 'jpeg' | 'webp' | 'bmp' | 'tiff';

/** Bytes that `stillFormat` and `exifOrientation` want to see. */
export const STILL_HEADER_BYTES = 64 * 1024;

/** What kind of picture begins with these bytes; null for everything else (PNG and GIF are recognised by ffmpeg whatever their name). */
export function stillFormat(head: Buffer): StillFormat | null {
  const text = (from: number, to: number) => head.toString('latin1', from, to);
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  // The size of the header follows 12 bytes later: "BM" alone is how a text may begin.
  if (text(0, 2) === 'BM' && head.length >= 18 && [12, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14)))
    return 'bmp';
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return 'tiff';
  return null;
}

/** How stored pixels become the picture: first mirrored left to right, then turned clockwise. */
export interface Orientation {
  readonly mirrored: boolean;
  readonly rotation: 0 | 90 | 180 | 270;
}

export const UPRIGHT: Orientation = { mirrored: false, rotation: 0 };

/** Sides of the picture as it is shown, from the stored ones. */
export function displayedSize(storedWidth: number, storedHeight: number, rotation: Orientation['rotation']) {
  const turned = rotation === 90 || rotation === 270;
  return turned ? { width: storedHeight, height: storedWidth } : { width: storedWidth, height: storedHeight };
}

/** By EXIF number. */
const ORIENTATIONS: Readonly<Record<number, Orientation>> = {
  2: { mirrored: true, rotation: 0 },
  3: { mirrored: false, rotation: 180 },
  4: { mirrored: true, rotation: 180 },
  5: { mirrored: true, rotation: 270 },
  6: { mirrored: false, rotation: 90 },
  7: { mirrored: true, rotation: 90 },
  8: { mirrored: false, rotation: 270 },
};
const ORIENTATION_TAG = 0x0112;

/** How a JPEG is to be seen, from its EXIF block; upright without one. */
export function exifOrientation(jpeg: Buffer): Orientation {
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] !== 0xe1 || jpeg.toString('latin1', at + 4, at + 10) !== 'Exif\0\0') continue;
    return ORIENTATIONS[orientationIn(jpeg.subarray(at + 10, at + 2 + jpeg.readUInt16BE(at + 2)))] ?? UPRIGHT;
  }
  return UPRIGHT;
}

/** The orientation in a TIFF directory; 1 (upright) when it is missing or does not fit. */
function orientationIn(tiff: Buffer): number {
  if (tiff.length < 8) return 1;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (first + 2 > tiff.length) return 1;
  for (let entry = 0; entry < short(first); entry++) {
    const at = first + 2 + 12 * entry;
    if (at + 12 > tiff.length) return 1;
    if (short(at) === ORIENTATION_TAG) return short(at + 8);
  }
  return 1;
}
