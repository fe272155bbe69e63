import { join } from 'node:path';
import { forEachRun, maskArea, maskBox, type RleMask } from '../../../../src-shared/mask/rle.ts';
import type { StoredMask } from '../ports.ts';
import { type CsvValue, CsvWriter } from './csv-writer.ts';
import type { DatasetFormat, DatasetFrame, DatasetPlan } from './dataset-format.ts';

const FILE = 'masks.csv';
const COLUMNS = [
  'frame',
  'pts',
  'seconds',
  'object_id',
  'name',
  'source',
  'x',
  'y',
  'width',
  'height',
  'area',
  'centroid_x',
  'centroid_y',
  'predicted_iou',
  'object_score_logit',
  'presence',
  'detection',
];

/**
 * `masks.csv`: one row per object and processed frame. Box in whole pixels, area in pixels, centroid in pixels where (0, 0) is the
 * top-left corner of the picture; box and centroid are empty and the area 0 where the object is absent.
 */
export const csvFormat: DatasetFormat = {
  name: 'csv',
  async open(plan) {
    const csv = await CsvWriter.create(join(plan.folder, FILE), COLUMNS);
    let files = 1;
    return {
      async writeFrame(frame) {
        for (const stored of frame.masks) await csv.write(maskRow(plan, frame, stored));
        const made = files;
        files = 0;
        return made;
      },
      finish: () => csv.finish(),
      [Symbol.asyncDispose]: () => csv[Symbol.asyncDispose](),
    };
  },
  verifyFrame: null,
};

function maskRow(plan: DatasetPlan, frame: DatasetFrame, stored: StoredMask): CsvValue[] {
  const box = stored.mask === null ? null : maskBox(stored.mask);
  const centre = stored.mask === null ? null : maskCentroid(stored.mask);
  const { scores } = stored;
  return [
    frame.frameIndex,
    frame.pts,
    frame.secs,
    stored.objectId,
    plan.objects.find(({ objectId }) => objectId === stored.objectId)?.name ?? '',
    stored.source,
    ...(box === null ? [null, null, null, null] : [box.x, box.y, box.width, box.height]),
    stored.mask === null ? 0 : maskArea(stored.mask),
    ...(centre === null ? [null, null] : [centre.x, centre.y]),
    scores.predictedIou,
    scores.objectScoreLogit,
    scores.presence,
    scores.detection,
  ];
}

/** Mean of the pixel centres, thousandths of a pixel; null when the mask is empty. */
export function maskCentroid(mask: RleMask): { readonly x: number; readonly y: number } | null {
  const { width } = mask;
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  forEachRun(mask, (start, end) => {
    for (let at = start; at < end; ) {
      const y = Math.floor(at / width);
      const rowEnd = Math.min(end, (y + 1) * width);
      const count = rowEnd - at;
      sumX += (count * (at - y * width + rowEnd - y * width)) / 2;
      sumY += count * (y + 0.5);
      area += count;
      at = rowEnd;
    }
  });
  if (area === 0) return null;
  return { x: Math.round((sumX / area) * 1000) / 1000, y: Math.round((sumY / area) * 1000) / 1000 };
}
