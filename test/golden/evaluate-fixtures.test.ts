import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { cocoRleFromMask, evaluate, openEvaluationSource } from '../../src-main/core/evaluation/index.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { METRICS_ROOT } from './metrics-fixtures.ts';

/** The metric fixtures once more, but the way a user's files go: written to disk, read by `evaluate`, taken from its report. */
const haveMetrics = existsSync(path.join(METRICS_ROOT, 'README.md'));
if (!haveMetrics) console.log('skipped: evaluation goldens need ../shared/fixtures/metrics');

/** Fixture JSON is trusted test data of many shapes. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any;
const readFixture = (...parts: string[]): Json =>
  haveMetrics ? JSON.parse(readFileSync(path.join(METRICS_ROOT, ...parts), 'utf8')) : { cases: [] };
const namedCases = (cases: Json[]) => cases.map((item): [string, Json] => [item.name, item]);
const filesOf = (folder: string) =>
  haveMetrics ? readdirSync(path.join(METRICS_ROOT, folder)).filter((name) => name.endsWith('.json')) : [];

/** `evaluate` takes one ground truth; the oracle over several annotators is in metrics.test.ts. */
const oneAnnotator = (name: string) => readFixture('cgf1', name).groundTruths.length === 1;

describe.skipIf(!haveMetrics)('evaluate on the metric fixtures', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'masklet-evaluate-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const put = (name: string, content: Buffer | string) => {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    return target;
  };
  const run = async (truthPath: string, predictionPath: string, skipFirstAndLast: boolean): Promise<Json> => {
    const named = async (at: string) => ({ name: at, notes: [], source: await openEvaluationSource(at) });
    const request = { truth: await named(truthPath), predictions: [await named(predictionPath)], skipFirstAndLast };
    return (await evaluate({ ...request, signal: new AbortController().signal, onProgress: () => {} })).data;
  };

  it.each(namedCases(readFixture('jf', 'jf.json').cases))('J and F: %s', async (name, item) => {
    for (const side of ['gt', 'pred'] as const) {
      const stacked = PNG.sync.read(readFileSync(path.join(METRICS_ROOT, 'jf', item[side])));
      for (let frame = 0; frame < item.numFrames; frame++) {
        const png = new PNG({ width: item.width, height: item.height });
        const bytes = item.width * item.height * 4;
        stacked.data.copy(png.data, 0, frame * bytes, (frame + 1) * bytes);
        put(`jf/${name}/${side}/${String(frame).padStart(5, '0')}.png`, PNG.sync.write(png, { colorType: 0 }));
      }
    }
    const base = path.join(folder, 'jf', name);
    const { videos, overall } = await run(path.join(base, 'gt'), path.join(base, 'pred'), item.skipFirstAndLast);
    for (const object of videos[0].objects) {
      const expected = item.objects[object.objectId];
      expect(object.j.mean * 100).toBeCloseTo(expected.J, 6);
      expect(object.f.mean * 100).toBeCloseTo(expected.F, 6);
    }
    expect(videos[0].objects).toHaveLength(Object.keys(item.objects).length);
    if (overall.jf === null) expect(item.mean.JF ?? null).toBeNull();
    else expect(overall.jf.jf * 100).toBeCloseTo(item.mean.JF, 6);
  });

  it.each(namedCases(readFixture('tracking', 'tracking.json').cases))(
    'HOTA, IDF1, MOTA through YouTube-VIS files: %s',
    async (name, item) => {
      const sizes = [...item.gt, ...item.pred].flat().map(({ mask }: Json) => mask.shape);
      const [height, width] = sizes[0] ?? [4, 4];
      const length = Math.max(item.gt.length, item.pred.length);
      const file = (frames: Json[][]) => {
        const ids = [...new Set(frames.flat().map(({ id }) => id as number))];
        const maskAt = (id: number, frame: number) => frames[frame]?.find((object) => object.id === id)?.mask ?? null;
        const annotations = ids.map((id) => ({
          id,
          video_id: 1,
          category_id: 1,
          segmentations: Array.from({ length }, (_, frame) => rleOf(maskAt(id, frame))),
        }));
        return JSON.stringify({
          videos: [{ id: 1, width, height, length }],
          categories: [{ id: 1, name: 'thing' }],
          annotations,
        });
      };
      const { overall } = await run(
        put(`${name}-gt.json`, file(item.gt)),
        put(`${name}-pred.json`, file(item.pred)),
        false,
      );
      const { HOTA, DetA, AssA } = item.expected.mean;
      expect([overall.hota.hota, overall.hota.detA, overall.hota.assA].map((value) => value.toFixed(6))).toEqual(
        [HOTA, DetA, AssA].map((value) => value.toFixed(6)),
      );
      const { IDF1, MOTA, IDSW } = item.expected.identity;
      expect(overall.identity.idf1).toBeCloseTo(IDF1, 6);
      expect(overall.clear.mota).toBeCloseTo(MOTA, 6);
      expect(overall.clear.idSwitches).toBe(IDSW);
    },
  );

  it.each(filesOf('coco').map((name) => [name]))('COCO: %s', async (name) => {
    const item = readFixture('coco', name);
    const truth = put(`coco/${name}`, JSON.stringify(item.groundTruth));
    const data = await run(truth, put(`coco/found-${name}`, JSON.stringify(item.detections)), false);
    for (const [key, kind] of [
      ['segm', 'mask'],
      ['bbox', 'box'],
    ]) {
      const { AP, AP50, APs, AR100 } = item.expected[key];
      const { ap, ap50, apSmall, ar100 } = data[kind];
      const found = [ap, ap50, apSmall, ar100].map((value) => (value ?? -1).toFixed(6));
      expect(found).toEqual([AP, AP50, APs, AR100].map((value: number) => value.toFixed(6)));
    }
  });

  it.each(
    filesOf('cgf1')
      .filter(oneAnnotator)
      .map((name) => [name]),
  )('cgF1: %s', async (name) => {
    const item = readFixture('cgf1', name);
    const truth = put(`cgf1/${name}`, JSON.stringify(item.groundTruths[0]));
    const data = await run(truth, put(`cgf1/found-${name}`, JSON.stringify(item.predictions)), false);
    expect(data.cgf1.mask.mean.cgF1).toBeCloseTo(item.expected.segm.summary.cgF1, 6);
    expect(data.cgf1.box.mean.cgF1).toBeCloseTo(item.expected.bbox.summary.cgF1, 6);
  });
});

/** Packed bits, row-major, least significant first. */
function rleOf(mask: Json): object | null {
  if (mask === null) return null;
  const [height, width] = mask.shape;
  const bytes = Buffer.from(mask.base64, 'base64');
  const bitmap = Uint8Array.from({ length: width * height }, (_, at) => (bytes[at >> 3] >> (at & 7)) & 1);
  return cocoRleFromMask(rleFromBitmap(bitmap, width, height));
}
