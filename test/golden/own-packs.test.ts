import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import type { ImageFeatures } from '../../src-main/core/tracking/index.ts';
import { settingsFor } from '../../src-main/core/tracking/index.ts';
import { selectDetections } from '../../src-main/core/tracking/planner/index.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { rleFromLogits } from '../../src-shared/mask/mask-from-logits.ts';
import { maskIou, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { cutsOf, mostCloseInAnswer } from './mask-cuts.ts';
import { type Deviation, readTrajectory, replay, trajectoryNames, videoFrames } from './trajectory-fixtures.ts';
import { mistaken, mistakenFrames, mutations } from './trajectory-mistakes.ts';

/** Tiny packs and goldens that models/recipes/goldens.py made; nothing outside the repository is needed. */
const root = join(import.meta.dirname, 'packs');
const tolerance = { logits: 1e-3, score: 1e-3, iou: 1e-3, minMaskIou: 0.995 };
const componentTolerance = 1e-4;

/** Mistakes that show in a pack, and the trajectory that shows them. */
const visible: Readonly<Record<string, readonly (readonly [trajectory: string, mistake: string])[]>> = {
  'sam21-tiny-own': [
    ['a-point-forward', 'tpos-off-by-one'],
    ['a-point-forward', 'cond-tpos-0'],
    ['a-point-forward', 'no-pointers'],
    ['a-point-forward', 'pointer-offset-zero'],
    ['a-point-forward', 'points-half-pixel'],
    ['d-two-objects', 'previous-frame-only'],
    ['b-box-negative', 'points-swapped-xy'],
    ['b-box-negative', 'no-stability'],
    ['c-mask', 'bgr-input'],
    ['e-refine', 'no-previous-logits'],
    ['e-refine', 'ignore-occlusion'],
    ['e-refine', 'only-nearest-conditioning-frame'],
    ['f-reverse', 'no-reverse-direction'],
    ['f-reverse', 'never-binarise'],
  ],
  'edgetam-tiny-own': [
    ['a-point-forward', 'no-pointers'],
    ['a-point-forward', 'no-nomem-embedding'],
    ['b-box-negative', 'points-swapped-xy'],
    ['b-box-negative', 'never-binarise'],
    ['c-mask', 'tpos-reversed'],
    ['d-two-objects', 'previous-frame-only'],
    ['e-refine', 'no-previous-logits'],
    ['f-reverse', 'no-reverse-direction'],
    ['f-reverse', 'resize-without-antialias'],
  ],
  'sam3-tiny-own': [
    ['a-point-forward', 'tpos-off-by-one'],
    ['a-point-forward', 'cond-tpos-0'],
    ['a-point-forward', 'pointer-offset-zero'],
    ['b-box-negative', 'never-binarise'],
    ['c-mask', 'no-pointers'],
    ['d-two-objects', 'previous-frame-only'],
    ['e-refine', 'no-previous-logits'],
    ['f-reverse', 'ignore-occlusion'],
    ['f-reverse', 'no-reverse-direction'],
    ['j-selection', 'points-swapped-xy'],
  ],
};

describe.each(Object.keys(visible))('%s', (packId) => {
  let model: PackRuntime;
  beforeAll(async () => {
    model = await openPackRuntime(await readPack(join(root, packId)), { threads: 1 });
  });
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
  });

  test.each(trajectoryNames(packId, root))('%s', async (name) => {
    const worst = await replay(model, readTrajectory(packId, name, root));
    expect(complaints(worst), JSON.stringify(worst)).toEqual([]);
  });

  test('no pixel that matters lies within rounding of zero, and one that did would be noticed', () => {
    for (const name of trajectoryNames(packId, root)) {
      const trajectory = readTrajectory(packId, name, root);
      const { remembered, answered } = cutsOf(trajectory, model.spec.imageSize);
      expect([name, remembered]).toEqual([name, 0]);
      expect(answered, name).toBeLessThanOrEqual(mostCloseInAnswer);
      const prompt = trajectory.results.find(({ source }) => source === 'prompt')!;
      // Four cells, so that a pixel of the resized mask lies among them.
      const { lowres } = model.spec;
      const at = prompt.tensorRow * lowres ** 2 + 4 * lowres + 4;
      for (const cell of [at, at + 1, at + lowres, at + lowres + 1]) trajectory.logits[cell] = 1e-6;
      expect(cutsOf(trajectory, model.spec.imageSize).remembered, name).toBeGreaterThan(0);
    }
  });

  test('the reference policy chooses these settings by itself', () => {
    const { settings } = readTrajectory(packId, 'e-refine', root);
    const { refineAsCond, refineUsesMemory, clearAround } = settingsFor('reference', model.spec);
    expect({ refineAsCond, refineUsesMemory, clearAround }).toEqual({
      refineAsCond: settings.refineAsCond,
      refineUsesMemory: settings.refineUsesMemory,
      clearAround: settings.clearAround,
    });
  });

  test.each(visible[packId])('%s fails with %s', async (name, mistake) => {
    const mutation = mutations[mistake];
    const trajectory = readTrajectory(packId, name, root);
    const frames = mistakenFrames(trajectory, model.spec.imageSize, mutation);
    const worst = await replay(mistaken(model, mutation), trajectory, frames, (each) => complaints(each).length > 0);
    expect(complaints(worst), JSON.stringify(worst)).not.toEqual([]);
  });

  test('image encoder, to the digit, and not in BGR order', async () => {
    const goldens = components(packId);
    const pixels = goldens.bytes('frame0_resized_u8');
    const expected = ['feat_s4', 'feat_s8', 'feat_s16'].map((name) => ({ name, data: goldens.f32(`shared_${name}`) }));
    const difference = (features: ImageFeatures) =>
      Math.max(...expected.map(({ name, data }) => relativeDifference(tensorOf(features, name), data)));
    expect(difference(await model.encodeImage(pixels))).toBeLessThan(componentTolerance);
    for (let at = 0; at < pixels.length; at += 3) pixels.subarray(at, at + 3).reverse();
    expect(difference(await model.encodeImage(pixels))).toBeGreaterThan(0.01);
  });
});

/** SAM 3 enlarges masks by 3.5, so that pixels of a slanted edge come to lie at zero; the recipe does it in the reference's own roundings. */
test("memory of a mask prompt is the reference's where its enlarged pixels are zero, and an error of 1e-6 there would show", async () => {
  await using model = await openPackRuntime(await readPack(join(root, 'sam3-tiny-own')), { threads: 1 });
  const goldens = components('sam3-tiny-own');
  const image = await model.encodeImage(goldens.bytes('frame0_resized_u8'));
  const expected = goldens.f32('memory_encoder.b1-mask-prompt.out.mem_tokens');
  const logits = goldens.f32('memory_encoder.b1-mask-prompt.in.mask_logits');
  const difference = async () => {
    const [tokens] = await model.encodeMemory(image, [{ logits, binarize: true, objectScoreLogit: 10 }]);
    return relativeDifference(tokens!, expected);
  };
  expect(await difference()).toBeLessThan(componentTolerance);
  for (const [at, value] of logits.entries()) logits[at] = value + 1e-6;
  expect(await difference()).toBeGreaterThan(100 * componentTolerance);
});

interface DetectionCase {
  readonly name: string;
  readonly threshold: number;
  readonly frame: number;
  readonly concept: string;
  readonly boxes: readonly (readonly [number, number, number, number])[];
  readonly boxLabels: readonly number[];
  readonly keep: readonly number[];
  readonly scores: readonly number[];
  readonly boxesXyxyPixels: readonly (readonly number[])[];
  readonly keepAfterNms05: readonly number[];
}

describe('concepts of sam3-tiny-own', () => {
  const played = join(root, 'sam3-tiny-own/goldens/concepts');
  test.each(readdirSync(played))('%s hangs by no pixel', (name) => {
    const { close, margin, masks } = JSON.parse(readFileSync(join(played, name, 'concept.json'), 'utf8'));
    expect(close.remembered).toBe(0);
    expect(close.answered).toBeLessThanOrEqual(mostCloseInAnswer);
    expect(margin).toBeGreaterThan(2e-4);
    expect(masks.length).toBeGreaterThan(0);
  });

  const folder = join(root, 'sam3-tiny-own/goldens/detections');
  const { cases } = JSON.parse(readFileSync(join(folder, 'detections.json'), 'utf8')) as { cases: DetectionCase[] };
  const { width, height } = readTrajectory('sam3-tiny-own', 'a-point-forward', root);
  let model: PackRuntime;
  beforeAll(async () => {
    model = await openPackRuntime(await readPack(join(root, 'sam3-tiny-own')), { threads: 1 });
  });
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
  });

  async function detect({ frame, concept, boxes, boxLabels }: DetectionCase) {
    const index = frameIndex(frame);
    const frames = videoFrames({ width, height, root }, model.spec.imageSize)({ first: index, last: index }, 'forward');
    const [picture] = await Array.fromAsync(frames);
    const exemplars = boxes.map(([centreX, centreY, boxWidth, boxHeight], at) => ({
      ...{ centreX, centreY, width: boxWidth, height: boxHeight },
      positive: boxLabels[at] === 1,
    }));
    return model.detect(await model.encodeImage(picture.pixels), await model.encodeText(concept), exemplars);
  }

  test.each(cases)('$name', async (golden) => {
    const { lowres } = model.spec;
    const raw = await detect(golden);
    const among = (detNmsThresh: number) =>
      selectDetections(raw, lowres, { scoreThreshold: golden.threshold, detNmsThresh });
    const kept = among(1);
    expect(kept.map(({ query }) => query)).toEqual(golden.keep);
    const survivors = among(0.5).map(({ query }) => query);
    expect(survivors.sort((a, b) => a - b)).toEqual(golden.keepAfterNms05);
    const masks = PNG.sync.read(readFileSync(join(folder, `${golden.name}.png`)));
    for (const [index, { query, score, box }] of kept.entries()) {
      expect(score).toBeCloseTo(golden.scores[index], 4);
      const corners = [box.left * width, box.top * height, box.right * width, box.bottom * height];
      expect(corners).toEqual(golden.boxesXyxyPixels[index].map((edge) => expect.closeTo(edge, 1)));
      const logits = raw.masks.subarray(query * lowres ** 2, (query + 1) * lowres ** 2);
      const from = index * width * height;
      const tile = Uint8Array.from({ length: width * height }, (_, at) => masks.data[(from + at) * 4]);
      const expected = rleFromBitmap(tile, width, height);
      expect(maskIou(rleFromLogits(logits, lowres, width, height), expected)).toBeGreaterThanOrEqual(0.995);
    }
  });

  test.each([
    ['without its boxes', (golden: DetectionCase) => ({ ...golden, boxes: [] })],
    [
      'with boxes as negative ones',
      (golden: DetectionCase) => ({ ...golden, boxLabels: golden.boxLabels.map(() => 0) }),
    ],
    ['for another phrase', (golden: DetectionCase) => ({ ...golden, concept: 'green ring' })],
  ])('a case %s is noticed', async (_, change) => {
    const golden = cases.find(({ boxes }) => boxes.length > 0)!;
    const raw = await detect(change(golden));
    const options = { scoreThreshold: golden.threshold, detNmsThresh: 1 };
    const scores = selectDetections(raw, model.spec.lowres, options).map(({ score }) => Math.round(score * 1e4));
    expect(scores).not.toEqual(golden.scores.map((score) => Math.round(score * 1e4)));
  });
});

function complaints(worst: Deviation): readonly string[] {
  const wrong: string[] = [];
  if (worst.minMaskIou < tolerance.minMaskIou) wrong.push('mask IoU');
  if (!(worst.logits <= tolerance.logits)) wrong.push('logits');
  if (!(worst.score <= tolerance.score)) wrong.push('score');
  if (!(worst.iou <= tolerance.iou)) wrong.push('predicted IoU');
  return wrong;
}

/** Tensors of a pack's per-graph goldens by name. */
function components(packId: string) {
  const folder = join(root, packId, 'goldens/components');
  const bytes = (name: string) => {
    const type = name === 'frame0_resized_u8' ? 'u8' : 'f32';
    return new Uint8Array(readFileSync(join(folder, `${name}.${type}`)));
  };
  return { bytes, f32: (name: string) => new Float32Array(bytes(name).buffer) };
}

/** Features are opaque to the tracker; this suite is about their numbers. */
function tensorOf(features: ImageFeatures, name: string): Float32Array {
  const { tensors } = features as unknown as { tensors: Readonly<Record<string, { readonly data: Float32Array }>> };
  return tensors[name].data;
}

function relativeDifference(actual: Float32Array, golden: Float32Array): number {
  const scale = golden.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-6);
  const worst = golden.reduce((top, value, at) => Math.max(top, Math.abs(value - actual[at])), 0);
  return actual.length === golden.length && !Number.isNaN(worst) ? worst / scale : Number.POSITIVE_INFINITY;
}
