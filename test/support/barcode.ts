/** 16 black or white blocks, 8 by 2, that cover the picture: a frame that carries its own number through any codec. */
const COLUMNS = 8;
const ROWS = 2;

/** uint8 RGB [height, width, 3] with the barcode of a number 0..65535. */
export function barcodeFrame(code: number, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * ROWS) / height);
    for (let x = 0; x < width; x++) {
      const bit = row * COLUMNS + Math.floor((x * COLUMNS) / width);
      pixels.fill((code >> bit) & 1 ? 255 : 0, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return pixels;
}

/** Number of an RGB (`channels` 3) or luma (1) picture; null when a block is neither dark nor bright. */
export function readBarcode(pixels: Uint8Array, width: number, height: number, channels: 1 | 3 = 3): number | null {
  let code = 0;
  for (let bit = 0; bit < COLUMNS * ROWS; bit++) {
    const x = Math.floor(((bit % COLUMNS) + 0.5) * (width / COLUMNS));
    const y = Math.floor((Math.floor(bit / COLUMNS) + 0.5) * (height / ROWS));
    const value = pixels[(y * width + x) * channels]!;
    if (value > 90 && value < 165) return null;
    if (value >= 165) code |= 1 << bit;
  }
  return code;
}
