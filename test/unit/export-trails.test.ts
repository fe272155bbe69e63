import { describe, expect, it } from 'vitest';
import { parseColour, yuvFromRgb } from '../../src-main/core/export/annotate/yuv-colour.ts';
import { drawTrail, type Trail } from '../../src-main/core/export/compose/trails.ts';
import type { YuvImage } from '../../src-main/core/export/index.ts';

const colour = '#2080f0';

type Centre = Trail['centres'][number];

function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Small and odd-sided; the last two large enough for thicker lines. */
const sizeOf = (seed: number) => (seed < 34 ? ([121, 83] as const) : ([642, 481] as const));
const chromaSizeOf = (width: number, height: number) => Math.ceil(width / 2) * Math.ceil(height / 2);

function noise(seed: number): YuvImage {
  const random = randoms(seed);
  const [width, height] = sizeOf(seed);
  const data = Uint8Array.from(
    { length: width * height + 2 * chromaSizeOf(width, height) },
    () => 16 + Math.floor(220 * random()),
  );
  return { width, height, fullRange: false, matrix: 'bt709', data };
}

/** Walks that cross themselves, stand still, run level or upright, leave the picture, and have gaps. */
function walk(seed: number): readonly Centre[] {
  const random = randoms(seed);
  const [width, height] = sizeOf(seed);
  const stride = [0, 2, 9, 40, 150][seed % 5];
  let [x, y] = [random() * width, random() * height];
  return Array.from({ length: 2 + (seed % 31) }, () => {
    if (seed % 7 !== 1) x += (random() - 0.5) * stride;
    if (seed % 7 !== 2) y += (random() - 0.5) * stride;
    return seed % 3 === 0 && random() < 0.15 ? null : { x: seed % 4 === 0 ? Math.round(x) : x, y };
  });
}

/** The trail as its definition says: every pixel of the picture is asked for every piece. `wider` is the mutation. */
function byDefinition(image: YuvImage, centres: readonly Centre[], wider = 0): void {
  const { width, height } = image;
  const thick = Math.max(1.2, (Math.min(width, height) / 1080) * 4.2);
  const path = centres.map((centre, at) => {
    const [before, after] = [centres[at - 1], centres[at + 1]];
    if (centre === null || !before || !after) return centre;
    return { x: (before.x + 2 * centre.x + after.x) / 4, y: (before.y + 2 * centre.y + after.y) / 4 };
  });
  let alpha = new Float64Array(width * height);
  const piece = (from: NonNullable<Centre>, to: NonNullable<Centre>, radius: number, strength: number) => {
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    alpha = alpha.map((value, at) => {
      const [px, py] = [(at % width) + 0.5 - from.x, Math.floor(at / width) + 0.5 - from.y];
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const cover = radius + wider + 0.5 - Math.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2);
      return Math.max(value, Math.round(strength * Math.min(1, Math.max(0, cover))));
    });
  };
  const blend = (rgb: string) => {
    const { y, u, v } = yuvFromRgb(parseColour(rgb), image.matrix, image.fullRange);
    blendPlanes(image, alpha, [Math.round(y), Math.round(u), Math.round(v)]);
    alpha.fill(0);
  };
  for (let at = 1; at < path.length; at++) {
    const [from, to, age] = [path[at - 1], path[at], at / (path.length - 1)];
    if (from && to) piece(from, to, thick * (0.35 + 0.65 * age), Math.round(40 + 205 * age));
  }
  blend(colour);
  const head = path.at(-1);
  if (!head) return;
  piece(head, head, thick * 2.5, 255);
  blend('#ffffff');
  piece(head, head, thick * 1.7, 255);
  blend(colour);
}

function blendPlanes({ data, width, height }: YuvImage, alpha: Float64Array, [y, u, v]: readonly number[]): void {
  const [chromaWidth, chromaSize] = [Math.ceil(width / 2), chromaSizeOf(width, height)];
  const mix = (at: number, over: number, part: number, whole: number) => {
    data[at] = Math.floor((data[at] * (whole - part) + over * part) / whole + 0.5);
  };
  const [gathered, whole] = [new Float64Array(chromaSize), new Float64Array(chromaSize)];
  for (let at = 0; at < width * height; at++) {
    const sample = (Math.floor(at / width) >> 1) * chromaWidth + ((at % width) >> 1);
    gathered[sample] += alpha[at];
    whole[sample] += 255;
    mix(at, y, alpha[at], 255);
  }
  for (let sample = 0; sample < chromaSize; sample++) {
    mix(width * height + sample, u, gathered[sample], whole[sample]);
    mix(width * height + chromaSize + sample, v, gathered[sample], whole[sample]);
  }
}

const seeds = Array.from({ length: 36 }, (_, seed) => seed);

function drawn(seed: number) {
  const image = noise(seed);
  const chroma = new Uint16Array(chromaSizeOf(image.width, image.height));
  const alpha = new Uint8Array(image.width * image.height);
  drawTrail(image, chroma, alpha, { colour, centres: walk(seed) });
  return { image, clean: chroma.every((value) => value === 0) && alpha.every((value) => value === 0) };
}

function defined(seed: number, wider: number): YuvImage {
  const image = noise(seed);
  byDefinition(image, walk(seed), wider);
  return image;
}

describe('trails', () => {
  it.each(seeds)('are drawn as every pixel of the picture by itself would be, walk %i', (seed) => {
    const { image, clean } = drawn(seed);
    expect(Buffer.compare(image.data, defined(seed, 0).data)).toBe(0);
    expect(clean).toBe(true);
  });

  it('would be noticed when they were a hundredth of a pixel wider', () => {
    const small = seeds.slice(0, 34);
    const unlike = small.filter((seed) => Buffer.compare(drawn(seed).image.data, defined(seed, 0.01).data) !== 0);
    expect(unlike.length).toBeGreaterThan(25);
  });
});
