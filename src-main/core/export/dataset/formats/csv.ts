import { join } from 'node:path';
import type { ObjectId } from '../../../../../src-shared/domain/ids.ts';
import { maskArea, maskBox, type RleMask } from '../../../../../src-shared/mask/rle.ts';
import { forEachRowRun } from '../../../../../src-shared/mask/row-runs.ts';
import type { StoredMask } from '../../ports.ts';
import type { DatasetFormat, DatasetFrame, DatasetObject, ReadItem, ReadSource } from '../dataset-format.ts';
import { readCsv } from '../reading/csv-fields.ts';
import { itemsByFrame } from '../reading/frame-order.ts';
import { type CsvValue, CsvWriter } from '../writing/csv-writer.ts';

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
  'speed',
  'class',
];

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * `masks.csv`: one row per object and processed frame. Box in whole pixels, area in pixels, centroid in pixels where (0, 0) is the
 * top-left corner of the picture; box and centroid are empty and the area 0 where the object is absent. Speed is the way of the
 * centroid since the object's last row in pixels per second; empty when it was not there then.
 */
export const csvFormat: DatasetFormat = {
  name: 'csv',
  summary: 'a table of measurements: box, area, centroid, speed, every score',
  shapes: ['box'],
  onePerPixel: false,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: () => ['measurements-only'],
  async open(plan) {
    const csv = await CsvWriter.create(join(plan.folder, FILE), COLUMNS);
    const objects = new Map(plan.objects.map((object) => [object.objectId, object]));
    const last = new Map<ObjectId, (Point & { readonly secs: number }) | null>();
    return {
      async writeFrame(frame) {
        for (const stored of frame.masks) {
          const centre = stored.mask === null ? null : maskCentroid(stored.mask);
          const speed = speedOf(last.get(stored.objectId) ?? null, centre, frame.secs);
          last.set(stored.objectId, centre === null ? null : { ...centre, secs: frame.secs });
          await csv.write(maskRow(frame, stored, { centre, speed, object: objects.get(stored.objectId) }));
        }
        return 0;
      },
      async finish() {
        await csv.finish();
        return 1;
      },
      [Symbol.asyncDispose]: () => csv[Symbol.asyncDispose](),
    };
  },
  recognises: (files) => files.names('', /\.csv$/i).some((name) => /^frame,.*object_id.*width/.test(files.head(name))),
  read: (source) => itemsByFrame(read(source)),
};

async function* read({ files, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  for (const name of files.names('', /\.csv$/i)) {
    if (!/^frame,.*object_id.*width/.test(files.head(name))) continue;
    let columns: readonly string[] | null = null;
    for await (const fields of readCsv(files.at(name))) {
      if (columns === null) {
        columns = fields;
        continue;
      }
      const value = (column: string) => fields[columns?.indexOf(column) ?? -1] ?? '';
      const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((column) => Number(value(column)));
      const frame = Number(value('frame'));
      if (value('width') === '') continue;
      if (![x, y, width, height, frame].every(Number.isFinite) || width <= 0 || height <= 0) {
        skipped.add('a row that is no measurement');
        continue;
      }
      const label = value('class') || value('name') || null;
      yield { frame, track: value('object_id') || null, label, shape: { kind: 'box', box: { x, y, width, height } } };
    }
  }
}

function maskRow(
  frame: DatasetFrame,
  stored: StoredMask,
  measured: {
    readonly centre: Point | null;
    readonly speed: number | null;
    readonly object: DatasetObject | undefined;
  },
): CsvValue[] {
  const box = stored.mask === null ? null : maskBox(stored.mask);
  const { scores } = stored;
  const { centre, speed, object } = measured;
  return [
    frame.frameIndex,
    frame.pts,
    frame.secs,
    stored.objectId,
    object?.name ?? '',
    stored.source,
    ...(box === null ? [null, null, null, null] : [box.x, box.y, box.width, box.height]),
    stored.mask === null ? 0 : maskArea(stored.mask),
    ...(centre === null ? [null, null] : [centre.x, centre.y]),
    scores.predictedIou,
    scores.objectScoreLogit,
    scores.presence,
    scores.detection,
    speed,
    object?.className ?? '',
  ];
}

/** Pixels per second, thousandths. */
function speedOf(before: (Point & { readonly secs: number }) | null, now: Point | null, secs: number): number | null {
  if (before === null || now === null || secs <= before.secs) return null;
  const speed = Math.hypot(now.x - before.x, now.y - before.y) / (secs - before.secs);
  return Math.round(speed * 1000) / 1000;
}

/** Mean of the pixel centres, thousandths of a pixel; null when the mask is empty. */
export function maskCentroid(mask: RleMask): Point | null {
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  forEachRowRun(mask, (y, from, to) => {
    const count = to - from;
    sumX += (count * (from + to)) / 2;
    sumY += count * (y + 0.5);
    area += count;
  });
  if (area === 0) return null;
  return { x: Math.round((sumX / area) * 1000) / 1000, y: Math.round((sumY / area) * 1000) / 1000 };
}
