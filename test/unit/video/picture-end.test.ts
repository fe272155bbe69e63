import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { PictureEnd } from '../../../src-main/core/video/picture-end.ts';

/** What is taken of the bytes when they come in chunks of one size. */
function taken(format: 'png' | 'jpeg', bytes: Buffer, chunk: number) {
  const end = new PictureEnd(format);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length && !end.ended; at += chunk) parts.push(end.take(bytes.subarray(at, at + chunk)));
  return { bytes: Buffer.concat(parts), ended: end.ended, endsInScan: end.endsInScan };
}

const segment = (marker: number, ...body: number[]) => [0xff, marker, 0, body.length + 2, ...body];
const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const scan = [...segment(0xda, 1, 1, 0, 0, 63, 0), 1, 0xff, 0, 0xd9, 0xff, 0xd0, 7, 0xff, 0, 0xff, 0xd7, 9];
/** With a thumbnail that ends in an application segment, restarts, stuffed and filling bytes, and two scans. */
const jpeg = Buffer.from([
  ...SOI,
  ...segment(0xe1, ...SOI, 3, ...EOI),
  ...[0xff, ...segment(0xc2, 8, 0, 1, 0, 1, 1, 1, 0x11, 0)],
  ...scan,
  ...segment(0xc4, 0xff, 0xd9),
  ...scan,
  ...[0xff, ...EOI],
]);
const png = PNG.sync.write(new PNG({ width: 3, height: 2 }));
const behind = Buffer.from([0, 0, ...jpeg, ...png, 0xff, 0xd9]);

describe('where a picture ends', () => {
  it.each([
    ['jpeg', jpeg],
    ['png', png],
  ] as const)('a %s, whatever lies behind it and wherever chunks are cut', (format, picture) => {
    for (const chunk of [1, 2, 3, 7, 64, 10_000]) {
      expect(taken(format, Buffer.concat([picture, behind]), chunk)).toEqual({
        bytes: picture,
        ended: true,
        endsInScan: false,
      });
    }
  });

  it('tells a JPEG cut in its coded data from one cut in a segment', () => {
    const cut = (length: number) => taken('jpeg', jpeg.subarray(0, length), 5);
    expect(cut(jpeg.length - 4)).toMatchObject({ ended: false, endsInScan: true });
    expect(cut(jpeg.length - 1)).toMatchObject({ ended: false, endsInScan: true });
    expect(cut(8)).toMatchObject({ ended: false, endsInScan: false });
    expect(taken('png', png.subarray(0, -1), 5)).toMatchObject({ ended: false });
  });
});
