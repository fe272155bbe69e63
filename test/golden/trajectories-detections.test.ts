import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { Tracker, type TrackerModel } from '../../src-main/core/tracking/index.ts';
import { selectDetections } from '../../src-main/core/tracking/planner/index.ts';
import { conceptId, frameIndex } from '../../src-shared/domain/ids.ts';
import type { TrackedFrame } from '../../src-shared/domain/track.ts';
import { rleFromLogits } from '../../src-shared/mask/mask-from-logits.ts';
import { maskIou, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { hasFixtures, packsFolder, videoFrames } from './trajectory-fixtures.ts';

if (!hasFixtures) console.log('Detection goldens skipped: ../shared/fixtures is not here.');

const folder = join(packsFolder, 'sam3-tiny/goldens/detections');
const width = 150;
const height = 100;

interface GoldenCase {
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

const cases: readonly GoldenCase[] = hasFixtures
  ? JSON.parse(readFileSync(join(folder, 'detections.json'), 'utf8')).cases
  : [];

describe.skipIf(!hasFixtures)('concepts of sam3-tiny', () => {
  let model: PackRuntime;
  beforeAll(async () => {
    const vocabFolders = [join(packsFolder, '../tokenizer')];
    model = await openPackRuntime(await readPack(join(packsFolder, 'sam3-tiny')), { threads: 1, vocabFolders });
  });
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
  });

  async function detect(golden: GoldenCase) {
    const frames = videoFrames({ width, height }, model.spec.imageSize);
    const [frame] = await Array.fromAsync(
      frames({ first: frameIndex(golden.frame), last: frameIndex(golden.frame) }, 'forward'),
    );
    const features = await model.encodeImage(frame.pixels);
    const exemplars = golden.boxes.map(([centreX, centreY, boxWidth, boxHeight], index) => ({
      ...{ centreX, centreY, width: boxWidth, height: boxHeight },
      positive: golden.boxLabels[index] === 1,
    }));
    return model.detect(features, await model.encodeText(golden.concept), exemplars);
  }

  test.each(cases)('$name', async (golden) => {
    const { lowres } = model.spec;
    const raw = await detect(golden);
    const among = (detNmsThresh: number) =>
      selectDetections(raw, lowres, { scoreThreshold: golden.threshold, detNmsThresh });
    const kept = among(1);
    expect(kept.map(({ query }) => query)).toEqual(golden.keep);
    expect(
      among(0.5)
        .map(({ query }) => query)
        .sort((a, b) => a - b),
    ).toEqual([...golden.keepAfterNms05].sort((a, b) => a - b));
    const masks = PNG.sync.read(readFileSync(join(folder, `${golden.name}.png`)));
    kept.forEach(({ query, score, box }, index) => {
      expect(score).toBeCloseTo(golden.scores[index], 4);
      const [left, top, right, bottom] = golden.boxesXyxyPixels[index];
      expect([box.left * width, box.top * height, box.right * width, box.bottom * height]).toEqual(
        [left, top, right, bottom].map((edge) => expect.closeTo(edge, 1)),
      );
      const logits = raw.masks.subarray(query * lowres ** 2, (query + 1) * lowres ** 2);
      const tile = Uint8Array.from(
        { length: width * height },
        (_, at) => masks.data[(index * width * height + at) * 4],
      );
      const expected = rleFromBitmap(tile, width, height);
      expect(maskIou(rleFromLogits(logits, lowres, width, height), expected)).toBeGreaterThanOrEqual(0.995);
    });
  });

  test('boxes left out are noticed', async () => {
    const golden = cases.find(({ boxes }) => boxes.length > 0)!;
    const raw = await detect({ ...golden, boxes: [] });
    const kept = selectDetections(raw, model.spec.lowres, { scoreThreshold: golden.threshold, detNmsThresh: 1 });
    const scores = kept.map(({ score }) => Math.round(score * 1e4));
    expect(scores).not.toEqual(golden.scores.map((score) => Math.round(score * 1e4)));
  });

  test('two phrases through the whole loop: the same twice, and across a resume', async () => {
    // Random weights see nothing above 0.5: lower bars make objects begin, double and end.
    const detector = { ...model.spec.detector!, scoreThreshold: 0.25, newDetThresh: 0.3, hotstartUnmatchThresh: 4 };
    const generous: TrackerModel = { ...bound(model), spec: { ...model.spec, detector } };
    const make = () => new Tracker({ model: generous, video: { width, height, frameCount: 18 }, policy: 'reference' });
    const frames = videoFrames({ width, height }, model.spec.imageSize);
    const whole = { first: frameIndex(0), last: frameIndex(17), direction: 'forward' as const };
    const search = async () => {
      const tracker = make();
      for (const [index, phrase] of ['a small red ball', 'striped square'].entries()) {
        await tracker.describe({ kind: 'text', conceptId: conceptId(index + 1), frameIndex: frameIndex(0), phrase });
      }
      return tracker;
    };
    const before = model.runCounts.image_encoder ?? 0;
    const once = await Array.fromAsync((await search()).propagate(whole, frames));
    expect((model.runCounts.image_encoder ?? 0) - before).toBe(18);
    expect(once.some(({ objects }) => objects.length > 1)).toBe(true);

    const first = await search();
    const kept: TrackedFrame[] = [];
    for await (const frame of first.propagate(whole, frames)) {
      kept.push(frame);
      if (frame.frameIndex === 8) break;
    }
    const second = make();
    await second.restore(first.snapshot(), []);
    const resume = { direction: 'forward' as const, frameIndex: frameIndex(9) };
    kept.push(...(await Array.fromAsync(second.propagate({ ...whole, start: frameIndex(0), resume }, frames))));
    expect(kept).toEqual(once);
  });
});

/** The runtime's methods as plain functions, so that the spec beside them can be another. */
function bound(model: PackRuntime): Omit<TrackerModel, 'spec'> {
  return {
    encodeImage: (pixels) => model.encodeImage(pixels),
    attend: (features, items) => model.attend(features, items),
    decode: (features, request) => model.decode(features, request),
    encodeMemory: (features, items) => model.encodeMemory(features, items),
    promptFromMask: (masks) => model.promptFromMask(masks),
    encodeText: (phrase) => model.encodeText(phrase),
    detect: (features, text, exemplars) => model.detect(features, text, exemplars),
  };
}
