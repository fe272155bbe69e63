import type { SpanRows } from '../annotate/span-rows.ts';
import type { YuvColour } from '../annotate/yuv-colour.ts';
import type { YuvImage } from '../annotate/yuv-image.ts';

/**
 * Covers the spans with one opaque colour. A chroma sample that any covered pixel shares is replaced as a whole, so that nothing of
 * the original is left in it.
 */
export function fillSpans(image: YuvImage, spans: SpanRows, colour: YuvColour): void {
  const { data, width, height } = image;
  const { rowStart, xs } = spans;
  const chromaWidth = Math.ceil(width / 2);
  const uStart = width * height;
  const vStart = uStart + chromaWidth * Math.ceil(height / 2);
  const [luma, u, v] = [Math.round(colour.y), Math.round(colour.u), Math.round(colour.v)];
  for (let y = 0; y < height; y++) {
    const chromaRow = (y >> 1) * chromaWidth;
    for (let at = rowStart[y]; at < rowStart[y + 1]; at += 2) {
      data.fill(luma, y * width + xs[at], y * width + xs[at + 1]);
      const from = chromaRow + (xs[at] >> 1);
      const to = chromaRow + ((xs[at + 1] + 1) >> 1);
      data.fill(u, uStart + from, uStart + to);
      data.fill(v, vStart + from, vStart + to);
    }
  }
}

/** White where the spans are, black elsewhere, no colour. */
export function matteImage(image: YuvImage, spans: SpanRows): void {
  const { data, width, height, fullRange } = image;
  data.fill(fullRange ? 0 : 16, 0, width * height);
  data.fill(128, width * height);
  const white = fullRange ? 255 : 235;
  for (let y = 0; y < height; y++) {
    for (let at = spans.rowStart[y]; at < spans.rowStart[y + 1]; at += 2) {
      data.fill(white, y * width + spans.xs[at], y * width + spans.xs[at + 1]);
    }
  }
}
