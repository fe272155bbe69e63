import type { RleMask } from '../../../src-shared/mask/rle.ts';
import { assign } from '../base/assignment.ts';
import { type CocoBox, cocoBoxIou, cocoMaskIou, mergeMasks } from './coco-rle.ts';
import { intersectionArea, spansFromMask } from './mask-spans.ts';
import type { FrameMasks } from './sequence-jf.ts';
import type { MarkedBox } from './sources/mask-sequence.ts';

type FrameBoxes = ReadonlyMap<number, CocoBox>;

/** A prediction and a true object are matched from this IoU on; a prediction lies in a region with more than this share of itself. */
const HALF = 0.5;
/** What a pair that is too far apart counts in the assignment: TrackEval's choice for MOTS, and for MOT. */
const FAR_MASKS = -10_000;
const FAR_BOXES = 0;

/**
 * The predictions of one frame that are scored: those that match no true object and lie by more than half of their own area in
 * the regions to ignore are left out. Source: TrackEval, mots_challenge.py.
 */
export function withoutMasksToIgnore(truth: FrameMasks, found: FrameMasks, regions: readonly RleMask[]): FrameMasks {
  if (regions.length === 0 || found.size === 0) return found;
  const region = spansFromMask(mergeMasks(regions, 'union'));
  const predictions = [...found].map(([id, mask]) => ({ id, spans: spansFromMask(mask) }));
  const truths = [...truth.values()].map(spansFromMask);
  const spans = predictions.map((each) => each.spans);
  const matched = new Set(matches(cocoMaskIou(truths, spans, []), spans.length, FAR_MASKS).map(([, column]) => column));
  const ignored = predictions.filter(
    (each, column) =>
      !matched.has(column) && intersectionArea(each.spans, region) / each.spans.area > HALF + Number.EPSILON,
  );
  return without(
    found,
    ignored.map(({ id }) => id),
  );
}

/**
 * The same for boxes: predictions are matched to every row of the ground truth, and those matched to a distractor are left out.
 * Source: TrackEval, mot_challenge_2d_box.py.
 */
export function withoutBoxesToIgnore(truth: FrameBoxes, found: FrameBoxes, marked: readonly MarkedBox[]): FrameBoxes {
  if (found.size === 0 || !marked.some(({ distractor }) => distractor)) return found;
  const rows = [...[...truth.values()].map((box) => ({ box, distractor: false })), ...marked];
  const boxes = [...found.values()];
  const iou = cocoBoxIou(
    rows.map(({ box }) => box),
    boxes,
    [],
  );
  const ids = [...found.keys()];
  return without(
    found,
    matches(iou, boxes.length, FAR_BOXES).flatMap(([row, column]) => (rows[row].distractor ? [ids[column]] : [])),
  );
}

/** Pairs of a row and a column that are matched, by the best assignment of the frame. */
function matches(iou: readonly (readonly number[])[], columnCount: number, far: number): [number, number][] {
  const score = (row: number, column: number) => (iou[row][column] < HALF - Number.EPSILON ? far : iou[row][column]);
  const { rows, columns } = assign(iou.length, columnCount, score, 'max');
  return rows
    .map((row, at): [number, number] => [row, columns[at]])
    .filter(([row, column]) => score(row, column) > Number.EPSILON);
}

function without<T>(found: ReadonlyMap<number, T>, ids: readonly number[]): ReadonlyMap<number, T> {
  const out = new Set(ids);
  return out.size === 0 ? found : new Map([...found].filter(([id]) => !out.has(id)));
}
