import { type YuvImage, yuvByteLength } from '../annotate/yuv-image.ts';

/** Luma weights of red and blue: ITU-R BT.601-7 and BT.709-6, section 3. */
const WEIGHTS = { bt601: { kr: 0.299, kb: 0.114 }, bt709: { kr: 0.2126, kb: 0.0722 } } as const;

/**
 * A picture as RGBA [height, width, 4]; straight alpha, taken from the plane behind the others when `alpha`, else 255. Chroma is that of
 * the 2x2 block, as in every decode of ours.
 */
export function rgbaOf(image: YuvImage, alpha: boolean): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, data } = image;
  const out = new Uint8ClampedArray(width * height * 4);
  const chromaWidth = Math.ceil(width / 2);
  const uStart = width * height;
  const vStart = uStart + chromaWidth * Math.ceil(height / 2);
  const alphaStart = yuvByteLength(width, height);
  const { luma, redOfV, greenOfU, greenOfV, blueOfU } = tablesFor(image);
  for (let y = 0; y < height; y++) {
    const chromaRow = (y >> 1) * chromaWidth;
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const u = data[uStart + chromaRow + (x >> 1)];
      const v = data[vStart + chromaRow + (x >> 1)];
      const bright = luma[data[at]];
      out[at * 4] = bright + redOfV[v];
      out[at * 4 + 1] = bright + greenOfU[u] + greenOfV[v];
      out[at * 4 + 2] = bright + blueOfU[u];
      out[at * 4 + 3] = alpha ? data[alphaStart + at] : 255;
    }
  }
  return out;
}

function tablesFor({ matrix, fullRange }: YuvImage) {
  const { kr, kb } = WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const scale = fullRange ? 1 : 255 / 224;
  const table = (of: (value: number) => number) => Float32Array.from({ length: 256 }, (_, value) => of(value));
  const chroma = (factor: number) => table((value) => (value - 128) * scale * factor);
  return {
    luma: table((value) => (fullRange ? value : ((value - 16) * 255) / 219)),
    redOfV: chroma(2 * (1 - kr)),
    greenOfU: chroma((-2 * (1 - kb) * kb) / kg),
    greenOfV: chroma((-2 * (1 - kr) * kr) / kg),
    blueOfU: chroma(2 * (1 - kb)),
  };
}
