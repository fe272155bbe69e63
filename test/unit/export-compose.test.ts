import { describe, expect, it } from 'vitest';
import {
  type ComposedFrame,
  ComposeScratch,
  composeFrame,
  resolveLook,
  SceneReader,
  type StoredMask,
  type YuvImage,
} from '../../src-main/core/export/index.ts';
import { type RenderStyleName, renderLookSchema, renderStyleNames } from '../../src-shared/contract/render-look.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { bitmapFromRle } from '../../src-shared/mask/rle.ts';
import { discMask, exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';

const [width, height] = [241, 163];
const chromaWidth = Math.ceil(width / 2);
const disc = (x = 110, y = 80, radius = 34) => discMask(width, height, x, y, radius);
const scored = { scores: { ...noScores, predictedIou: 0.9 } };
/** Styles that change the objects alone, without labels and legends. */
const ON_OBJECTS = ['outline', 'heat', 'trails', 'blur', 'pixelate', 'redact'] as const;
const ON_BACKGROUND = ['spotlight', 'desaturate', 'cutout'] as const;

/** A picture whose every byte differs from its neighbours, from a fixed recurrence. */
function noise(seed = 12345): YuvImage {
  const data = new Uint8Array(width * height + 2 * chromaWidth * Math.ceil(height / 2));
  let state = seed;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    data[at] = 16 + ((state >>> 16) % 220);
  }
  return { width, height, fullRange: false, matrix: 'bt709', data };
}

interface Wish {
  readonly [option: string]: unknown;
  readonly style: RenderStyleName;
}

function compose(
  image: YuvImage,
  wish: Wish,
  rows: (frame: number) => readonly StoredMask[] = () => [storedMask(1, disc(), scored)],
  frame = 10,
  scratch = new ComposeScratch(),
): ComposedFrame {
  const look = resolveLook(renderLookSchema.parse(wish), null);
  const scenes = new SceneReader(fakeMasks([exportObject(1, 'Ball', '#f02020')], rows), look, {
    width,
    height,
    frameCount: 40,
    reach: 0,
  });
  const window = wish.style === 'crop' ? { x: 20, y: 10, width: 64, height: 48 } : null;
  return composeFrame(image, scenes.at(frameIndex(frame)), look, scratch, window);
}

/** Bytes that differ, by plane, where `where` is set; a chroma sample counts when all of its block is. */
function changed(before: Uint8Array, after: Uint8Array, where: Uint8Array): { luma: number; chroma: number } {
  let [luma, chroma] = [0, 0];
  for (let at = 0; at < width * height; at++) if (where[at] === 1 && before[at] !== after[at]) luma++;
  for (let sample = 0; sample < 2 * chromaWidth * Math.ceil(height / 2); sample++) {
    const inPlane = sample % (chromaWidth * Math.ceil(height / 2));
    const [x, y] = [(inPlane % chromaWidth) * 2, Math.floor(inPlane / chromaWidth) * 2];
    const block = [0, 1].flatMap((dy) => [0, 1].map((dx) => [x + dx, y + dy] as const));
    const whole = block.every(([bx, by]) => bx >= width || by >= height || where[by * width + bx] === 1);
    const at = width * height + sample;
    if (whole && before[at] !== after[at]) chroma++;
  }
  return { luma, chroma };
}

const inverted = (bitmap: Uint8Array) => bitmap.map((value) => 1 - value);
const nothing = { luma: 0, chroma: 0 };

describe('styles that change the objects', () => {
  it.each(ON_OBJECTS)('%s leaves every byte outside the grown mask as it was', (style) => {
    const image = noise();
    const before = image.data.slice();
    const labelled = style === 'outline' || style === 'heat' || style === 'trails';
    const options = labelled ? { labels: false } : { dilate: 12 };
    compose(image, { style, ...options });
    // 12 pixels of a 1080-line picture are 2 here; the soft edge takes 2 more, a chroma block 1.
    expect(changed(before, image.data, inverted(bitmapFromRle(disc(110, 80, 40))))).toEqual(nothing);
    expect(changed(before, image.data, bitmapFromRle(disc(110, 80, 37))).luma).toBeGreaterThan(200);
  });

  it.each(['overlay', 'box'] as const)(
    '%s leaves every byte off the object and the line of its box as it was',
    (style) => {
      const image = noise();
      const before = image.data.slice();
      compose(image, { style, labels: false });
      const free = inverted(bitmapFromRle(disc(110, 80, 37))).map((value, at) => {
        const away = Math.max(Math.abs((at % width) - 110), Math.abs(Math.floor(at / width) - 80));
        return away > 30 && away < 39 ? 0 : value;
      });
      expect(changed(before, image.data, free)).toEqual(nothing);
      expect(changed(before, image.data, inverted(free)).luma).toBeGreaterThan(200);
    },
  );

  it('would be noticed when the mask of another frame were used', () => {
    const image = noise();
    const before = image.data.slice();
    compose(image, { style: 'blur' }, () => [storedMask(1, disc(122), scored)]);
    expect(changed(before, image.data, inverted(bitmapFromRle(disc(110, 80, 40)))).luma).toBeGreaterThan(100);
  });

  it.each(['blur', 'pixelate'] as const)('%s leaves no detail: neighbours differ little', (style) => {
    const image = noise();
    const rough = roughness(image.data);
    compose(image, { style });
    expect(roughness(image.data)).toBeLessThan(rough / 10);
  });
});

/** Mean difference of neighbouring luma pixels well inside the disc. */
function roughness(data: Uint8Array): number {
  let sum = 0;
  for (let y = 60; y < 100; y++) {
    for (let x = 90; x < 130; x++) sum += Math.abs(data[y * width + x] - data[y * width + x + 1]);
  }
  return sum / 1600;
}

describe('styles that change the background', () => {
  it.each(ON_BACKGROUND)('%s leaves every byte inside the objects as it was', (style) => {
    const image = noise();
    const before = image.data.slice();
    compose(image, { style });
    expect(changed(before, image.data, bitmapFromRle(disc(110, 80, 30)))).toEqual(nothing);
    const outside = changed(before, image.data, inverted(bitmapFromRle(disc(110, 80, 38))));
    expect(outside.chroma).toBeGreaterThan(10_000);
  });

  it('cutout puts exactly the key colour behind the objects', () => {
    const image = noise();
    compose(image, { style: 'cutout', colour: '#ff0000' });
    expect([image.data[0], image.data[width * height]]).toEqual([
      Math.round(16 + 219 * 0.2126),
      Math.round(128 - (224 * 0.2126) / 1.8556),
    ]);
  });

  it('transparent cutout: straight alpha over the source’s own colours, black where nothing shows', () => {
    const image = noise();
    const { data, alpha } = compose(image, { style: 'cutout', colour: 'alpha' });
    expect(alpha).toBe(true);
    const plane = data.subarray(image.data.length);
    expect([plane.length, plane[80 * width + 110], plane[0]]).toEqual([width * height, 255, 0]);
    expect([data[80 * width + 110], data[0]]).toEqual([image.data[80 * width + 110], 16]);
    const seen = Uint8Array.from(plane, (value) => (value > 0 ? 1 : 0));
    expect(changed(image.data, data.subarray(0, image.data.length), seen)).toEqual(nothing);
  });
});

describe('redaction', () => {
  const rows = () => [storedMask(1, disc(), scored)];
  /** Another picture under the mask, the same around it. */
  const withOtherInside = (): YuvImage => {
    const [image, other] = [noise(), noise(999)];
    const inside = bitmapFromRle(disc());
    for (let at = 0; at < width * height; at++) {
      if (inside[at] === 0) continue;
      image.data[at] = other.data[at];
      const [x, y] = [at % width, Math.floor(at / width)];
      const sample = width * height + (y >> 1) * chromaWidth + (x >> 1);
      image.data[sample] = other.data[sample];
      image.data[sample + chromaWidth * Math.ceil(height / 2)] =
        other.data[sample + chromaWidth * Math.ceil(height / 2)];
    }
    return image;
  };

  it('says nothing about what it covers: other pixels inside, the same result', () => {
    const [one, two] = [noise(), withOtherInside()];
    expect(one.data).not.toEqual(two.data);
    compose(one, { style: 'redact', dilate: 0 }, rows);
    compose(two, { style: 'redact', dilate: 0 }, rows);
    expect(one.data).toEqual(two.data);
  });

  it.each(['blur', 'pixelate', 'overlay'] as const)('%s would fail that test, so it is no redaction', (style) => {
    const [one, two] = [noise(), withOtherInside()];
    compose(one, { style }, rows);
    compose(two, { style }, rows);
    expect(one.data).not.toEqual(two.data);
  });

  it('would fail it too if chroma were only covered where all of its block is', () => {
    const [one, two] = [noise(), withOtherInside()];
    const kept = [one, two].map(({ data }) => data.slice(width * height));
    for (const image of [one, two]) compose(image, { style: 'redact', dilate: 0 }, rows);
    const inside = bitmapFromRle(disc());
    for (const [index, image] of [one, two].entries()) {
      for (let sample = 0; sample < chromaWidth * Math.ceil(height / 2); sample++) {
        const at = Math.floor(sample / chromaWidth) * 2 * width + (sample % chromaWidth) * 2;
        const whole = [0, 1, width, width + 1].every((step) => inside[at + step] === 1);
        if (!whole) image.data[width * height + sample] = kept[index][sample];
      }
    }
    expect(one.data).not.toEqual(two.data);
  });
});

describe('layouts', () => {
  it('side by side keeps the source on the left', () => {
    const image = noise();
    const before = image.data.slice();
    const { data, width: wide } = compose(image, { style: 'side-by-side' });
    expect(wide).toBeGreaterThan(2 * width);
    for (let y = 0; y < height; y++) {
      expect(data.subarray(y * wide, y * wide + width)).toEqual(before.subarray(y * width, (y + 1) * width));
    }
  });

  it('crop copies its window', () => {
    const image = noise();
    const { data } = compose(image, { style: 'crop' });
    expect(data.subarray(0, 64)).toEqual(image.data.subarray(10 * width + 20, 10 * width + 84));
    const chroma = width * height + 5 * chromaWidth + 10;
    expect(data.subarray(64 * 48, 64 * 48 + 32)).toEqual(image.data.subarray(chroma, chroma + 32));
  });

  it('a matte is white where the mask is, black elsewhere', () => {
    const image = noise();
    compose(image, { style: 'matte' });
    const expected = bitmapFromRle(disc()).map((value) => (value === 1 ? 235 : 16));
    expect(image.data.subarray(0, width * height)).toEqual(expected);
  });
});

describe('every style', () => {
  it.each(renderStyleNames)('%s depends on its arguments alone, whatever was composed before', (style) => {
    const scratch = new ComposeScratch();
    const moving = (frame: number) => [storedMask(1, disc(60 + 4 * frame), scored)];
    for (const frame of [3, 25, 8]) compose(noise(frame), { style }, moving, frame, scratch);
    const again = compose(noise(), { style }, moving, 10, scratch);
    expect(again).toEqual(compose(noise(), { style }, moving, 10));
  });

  it.each(renderStyleNames)('%s survives absent objects, full frames and tiny pictures', (style) => {
    for (const rows of [[], [storedMask(1, null)], [storedMask(1, discMask(width, height, 0, 0, 900), scored)]]) {
      compose(noise(), { style }, () => rows);
    }
  });
});

describe('resolveLook', () => {
  it.each([
    [{ style: 'overlay', hold: 3 }, null, /--hold/],
    [{ style: 'crop', strength: 0.5 }, null, /no options/],
    [{ style: 'blur', colour: 'alpha' }, null, /--colour/],
    [{ style: 'redact', colour: 'alpha' }, null, /Only the style cutout/],
    [{ style: 'cutout', colour: 'alpha' }, 'h264', /prores, png, exr/],
  ] as const)('refuses %o with codec %s', (wish, codec, sentence) => {
    expect(() => resolveLook(renderLookSchema.parse(wish), codec)).toThrow(sentence);
  });
});
