/** Pictures whose reader is chosen by their first bytes: left to itself, ffmpeg goes by the name and takes a reader that opens other files too. */
export type StillFormat = 'jpeg' | 'webp' | 'bmp' | 'tiff';

/** Bytes that `stillFormat` and `exifTurn` want to see. */
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

type Turn = 0 | 90 | 180 | 270;
/** EXIF orientation -> degrees clockwise. Mirrored ones (2, 4, 5, 7), which no camera writes, are shown as stored. */
const TURNS: Readonly<Record<number, Turn>> = { 3: 180, 6: 90, 8: 270 };
const ORIENTATION_TAG = 0x0112;

/** How far a JPEG must be turned to be seen upright, degrees clockwise, from its EXIF block; 0 without one. */
export function exifTurn(jpeg: Buffer): Turn {
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] !== 0xe1 || jpeg.toString('latin1', at + 4, at + 10) !== 'Exif\0\0') continue;
    return TURNS[orientationIn(jpeg.subarray(at + 10, at + 2 + jpeg.readUInt16BE(at + 2)))] ?? 0;
  }
  return 0;
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
