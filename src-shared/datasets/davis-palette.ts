/**
 * 256 RGB triples of the DAVIS and PASCAL VOC index pictures: the bits of the index are dealt out to the high bits of R, G, B in
 * turn (VOCdevkit `VOClabelcolormap.m`). Object 1 is 128,0,0; 2 is 0,128,0; 3 is 128,128,0; 4 is 0,0,128.
 */
export function davisPalette(): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) {
    let rest = index;
    for (let bit = 7; rest > 0; bit--, rest >>= 3) {
      for (let channel = 0; channel < 3; channel++) {
        palette[index * 3 + channel] |= ((rest >> channel) & 1) << bit;
      }
    }
  }
  return palette;
}
