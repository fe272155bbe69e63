import { describe, expect, it } from 'vitest';
import {
  type AnnotatedObject,
  type AnnotateStyle,
  annotateFrame,
  annotateStyles,
  createAnnotateScratch,
  type YuvImage,
} from '../../src-main/core/export/index.ts';
import { objectId } from '../../src-shared/domain/ids.ts';
import { bitmapFromRle, emptyMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';

const fillOnly: AnnotateStyle = { ...annotateStyles.overlay, outlinePixels: 0, boxPixels: 0, labelPixels: 0 };
const edgeOnly: AnnotateStyle = { ...annotateStyles.outline, labelPixels: 0 };

/** A picture whose every byte differs from its neighbours, from a fixed recurrence. */
function noise(width: number, height: number): YuvImage {
  const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(size);
  let state = 12345;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[at] = 16 + ((state >>> 16) % 220);
  }
  return { width, height, fullRange: false, matrix: 'bt709', data };
}

function object(mask: AnnotatedObject['mask'], id = 1, colour = '#ff0000', name = 'Ball'): AnnotatedObject {
  return { objectId: objectId(id), name, colour, mask, score: 0.93, provisional: false };
}

function disc(width: number, height: number, cx: number, cy: number, radius: number) {
  const bitmap = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (Math.hypot(x - cx, y - cy) <= radius) bitmap[y * width + x] = 1;
  }
  return rleFromBitmap(bitmap, width, height);
}

/** The fill as its definition says (shares in whole 256ths), pixel by pixel; `chromaShift` is the mutation that must be noticed. */
function expectedFill(image: YuvImage, bitmap: Uint8Array, yuv: readonly number[], opacity: number, chromaShift = 0) {
  const { width, height } = image;
  const out = image.data.slice();
  const blend = (under: number, over: number, part: number) => {
    const share = Math.round(256 * part);
    return Math.floor((under * (256 - share) + Math.round(over * share) + 128) / 256);
  };
  for (let at = 0; at < width * height; at++) if (bitmap[at]) out[at] = blend(out[at], yuv[0], opacity);
  const chromaWidth = Math.ceil(width / 2);
  const chromaSize = chromaWidth * Math.ceil(height / 2);
  for (let sample = 0; sample < chromaSize; sample++) {
    let covered = 0;
    let count = 0;
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const x = (sample % chromaWidth) * 2 + dx + chromaShift;
      const y = Math.floor(sample / chromaWidth) * 2 + dy;
      if (x >= width || y >= height) continue;
      count++;
      covered += bitmap[y * width + x];
    }
    for (const plane of [1, 2]) {
      const at = width * height + (plane - 1) * chromaSize + sample;
      if (count > 0) out[at] = blend(out[at], yuv[plane], (opacity * covered) / count);
    }
  }
  return out;
}

/** #ff0000 in BT.709 limited range: 16 + 219 * 0.2126 and so on, worked out by hand. */
const red709 = [16 + 219 * 0.2126, 128 + (224 * -0.2126) / 1.8556, 240];

describe('annotateFrame fill', () => {
  for (const [width, height] of [
    [64, 48],
    [63, 47],
    [17, 64],
    [5, 3],
  ]) {
    it(`tints ${width}x${height} by the formula, chroma by coverage`, () => {
      const image = noise(width, height);
      const before = { ...image, data: image.data.slice() };
      const mask = disc(width, height, width * 0.6, height * 0.5, Math.min(width, height) * 0.45);
      annotateFrame(image, [object(mask)], fillOnly);
      const bitmap = bitmapFromRle(mask);
      expect(image.data).toEqual(expectedFill(before, bitmap, red709, 0.45));
      expect(image.data).not.toEqual(expectedFill(before, bitmap, red709, 0.45, 1));
    });
  }

  it('uses the matrix and the range of the frame', () => {
    const white = { ...noise(8, 8), fullRange: true, matrix: 'bt601' as const };
    const full = rleFromBitmap(new Uint8Array(64).fill(1), 8, 8);
    annotateFrame(white, [object(full, 1, '#00ff00')], { ...fillOnly, fillOpacity: 1 });
    expect(white.data[0]).toBe(Math.round(255 * 0.587));
    expect(white.data[64]).toBe(Math.round(128 - (255 * 0.587) / 1.772));
    expect(white.data[80]).toBe(Math.round(128 - (255 * 0.587) / 1.402));
  });

  it('paints a higher object id on top, whatever the order given', () => {
    const [a, b] = [noise(32, 32), noise(32, 32)];
    const objects = [object(disc(32, 32, 12, 16, 9), 1, '#ff0000'), object(disc(32, 32, 20, 16, 9), 2, '#0000ff')];
    annotateFrame(a, objects, { ...fillOnly, fillOpacity: 1 });
    annotateFrame(b, objects.toReversed(), { ...fillOnly, fillOpacity: 1 });
    expect(a.data).toEqual(b.data);
    expect(a.data[16 * 32 + 16]).toBe(Math.round(16 + 219 * 0.0722));
  });
});

describe('annotateFrame edges and labels', () => {
  it('leaves every byte outside the edge and its 2x2 blocks alone', () => {
    const [width, height] = [161, 91];
    const image = noise(width, height);
    const before = image.data.slice();
    const mask = disc(width, height, 70, 40, 25);
    annotateFrame(image, [object(mask)], { ...annotateStyles.overlay, boxPixels: 0, labelPixels: 0 });
    const reached = bitmapFromRle(disc(width, height, 70, 40, 28));
    let touched = 0;
    let strayed = 0;
    for (let at = 0; at < width * height; at++) {
      if (image.data[at] === before[at]) continue;
      if (reached[at]) touched++;
      else strayed++;
    }
    expect(touched).toBeGreaterThan(1500);
    const chromaWidth = Math.ceil(width / 2);
    for (let sample = 0; sample < chromaWidth * Math.ceil(height / 2); sample++) {
      const [x, y] = [(sample % chromaWidth) * 2, Math.floor(sample / chromaWidth) * 2];
      const near = [0, 1, width, width + 1].some((step) => reached[y * width + x + step]);
      const at = width * height + sample;
      if (!near && image.data[at] !== before[at]) strayed++;
    }
    expect(strayed).toBe(0);
  });

  it('draws the edge, not the inside, in style outline', () => {
    const image = noise(200, 200);
    const before = image.data.slice();
    annotateFrame(image, [object(disc(200, 200, 100, 100, 60))], edgeOnly);
    expect(image.data[100 * 200 + 100]).toBe(before[100 * 200 + 100]);
    const edge = image.data[100 * 200 + 40];
    expect(Math.abs(edge - red709[0])).toBeLessThan(12);
  });

  it('has gaps in the edge of a provisional object', () => {
    const solid = noise(200, 200);
    const dashed = noise(200, 200);
    const before = solid.data.slice();
    const shape = object(disc(200, 200, 100, 100, 60));
    annotateFrame(solid, [shape], edgeOnly);
    annotateFrame(dashed, [{ ...shape, provisional: true }], edgeOnly);
    const changed = (data: Uint8Array) => data.reduce((sum, value, at) => sum + (value === before[at] ? 0 : 1), 0);
    expect(changed(dashed.data) / changed(solid.data)).toBeGreaterThan(0.35);
    expect(changed(dashed.data) / changed(solid.data)).toBeLessThan(0.65);
  });

  it('has no edge along the border of the frame', () => {
    const image = noise(40, 40);
    const before = image.data.slice();
    annotateFrame(image, [object(rleFromBitmap(new Uint8Array(1600).fill(1), 40, 40))], edgeOnly);
    expect(image.data).toEqual(before);
  });

  it('writes the score: another score, other pixels', () => {
    const image = noise(640, 360);
    const plain = noise(640, 360);
    const objects = [0.93, 0.94].map((score) => ({ ...object(disc(640, 360, 60, 20, 18)), score }));
    annotateFrame(image, [objects[0]], annotateStyles.box);
    annotateFrame(plain, [objects[1]], annotateStyles.box);
    expect(image.data).not.toEqual(plain.data);
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 3],
    [16, 16],
    [33, 7],
  ])('survives a frame of %i x %i', (width, height) => {
    for (const style of Object.values(annotateStyles)) {
      const image = noise(width, height);
      const full = rleFromBitmap(new Uint8Array(width * height).fill(1), width, height);
      annotateFrame(image, [object(full), object(emptyMask(width, height), 2), object(null, 3)], style);
    }
  });

  it('draws nothing for absent objects and leaves the scratch clean', () => {
    const scratch = createAnnotateScratch(64, 48);
    const image = noise(64, 48);
    const before = image.data.slice();
    annotateFrame(image, [object(null), object(emptyMask(64, 48), 2)], annotateStyles.overlay, scratch);
    expect(image.data).toEqual(before);
    annotateFrame(image, [object(disc(64, 48, 30, 20, 12))], annotateStyles.overlay, scratch);
    expect(scratch.bitmap.every((value) => value === 0) && scratch.chroma.every((value) => value === 0)).toBe(true);
  });

  it('refuses a mask of another size', () => {
    expect(() => annotateFrame(noise(8, 8), [object(emptyMask(9, 8))], annotateStyles.overlay)).toThrow(/9x8.*8x8/);
  });
});
