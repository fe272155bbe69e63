/**
 * Draws the studio's icons: `node resources/icons/make-icons.ts` writes icon.ico, icon.icns, linux/*.png and the same for session
 * files beside itself. The mark is the page's own: a thing, and its mask a moment later.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { drawMark, type Rgba } from './draw-mark.ts';

const HERE = import.meta.dirname;
const LINUX_SIZES = [16, 24, 32, 48, 64, 96, 128, 256, 512, 1024];
const WINDOWS_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256];
/** Apple's names of the sizes; each holds a PNG. */
const APPLE_SIZES = {
  icp4: 16,
  icp5: 32,
  ic07: 128,
  ic08: 256,
  ic09: 512,
  ic10: 1024,
  ic11: 32,
  ic12: 64,
  ic13: 256,
  ic14: 512,
};
/** From this size on an .ico holds a PNG; smaller ones stay bitmaps, which every reader knows. */
const PNG_FROM = 256;

type Draw = (size: number) => Rgba;

function encodePng({ size, pixels }: Rgba): Buffer {
  const png = new PNG({ width: size, height: size });
  png.data.set(pixels);
  return PNG.sync.write(png, { deflateLevel: 9 });
}

function encodeIco(draw: Draw): Buffer {
  const images = WINDOWS_SIZES.map((size) => ({
    size,
    bytes: size >= PNG_FROM ? encodePng(draw(size)) : encodeBitmap(draw(size)),
  }));
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { size, bytes }] of images.entries()) {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(bytes.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...images.map(({ bytes }) => bytes)]);
}

/** A bitmap as icons have it: BGRA from the bottom up, then an empty one-bit mask, which the alpha makes needless. */
function encodeBitmap({ size, pixels }: Rgba): Buffer {
  const head = Buffer.alloc(40);
  head.writeUInt32LE(40, 0);
  head.writeInt32LE(size, 4);
  head.writeInt32LE(size * 2, 8);
  head.writeUInt16LE(1, 12);
  head.writeUInt16LE(32, 14);
  const body = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [red, green, blue, alpha] = pixels.subarray((y * size + x) * 4);
      body.set([blue, green, red, alpha], ((size - 1 - y) * size + x) * 4);
    }
  }
  return Buffer.concat([head, body, Buffer.alloc(Math.ceil(size / 32) * 4 * size)]);
}

function encodeIcns(draw: Draw): Buffer {
  const parts = Object.entries(APPLE_SIZES).map(([type, size]) => {
    const png = encodePng(draw(size));
    const head = Buffer.alloc(8);
    head.write(type, 'ascii');
    head.writeUInt32BE(png.length + 8, 4);
    return Buffer.concat([head, png]);
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.write('icns', 'ascii');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}

mkdirSync(join(HERE, 'linux'), { recursive: true });
for (const size of LINUX_SIZES)
  writeFileSync(join(HERE, `linux/${size}x${size}.png`), encodePng(drawMark({ kind: 'app', size, margin: 0.03 })));
writeFileSync(
  join(HERE, 'icon.ico'),
  encodeIco((size) => drawMark({ kind: 'app', size, margin: 0.02 })),
);
writeFileSync(
  join(HERE, 'icon.icns'),
  encodeIcns((size) => drawMark({ kind: 'app', size, margin: 0.098 })),
);
writeFileSync(
  join(HERE, 'session.ico'),
  encodeIco((size) => drawMark({ kind: 'session', size, margin: 0.04 })),
);
writeFileSync(
  join(HERE, 'session.icns'),
  encodeIcns((size) => drawMark({ kind: 'session', size, margin: 0.06 })),
);
