import type { Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { OrtModule } from '../runtime/ort.ts';
import type { Outputs } from '../runtime/outputs.ts';
import type { Feeds } from './layout.ts';

/** Clicks of one object, with a box's corners apart. */
export interface Clicks {
  /** [x, y] in model pixels, in order. */
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly labels: readonly number[];
}

const tokens = 4;
/** What an export without a visibility score is taken to say: the object is there. */
const visibleLogit = 10;

/** The contract's points of one object; slots that mean "none" are left out. */
export function readClicks({ point_coords: coords, point_labels: labels }: Feeds): Clicks {
  const at = coords.data as Float32Array;
  const kept = [...(labels.data as Int32Array)].flatMap((label, index) => (label < 0 ? [] : [{ label, index }]));
  return {
    points: kept.map(({ index }) => [at[2 * index], at[2 * index + 1]] as const),
    labels: kept.map(({ label }) => label),
  };
}

/** Splits off a box (labels 2 and 3): its corners as [x0, y0, x1, y1], or null. */
export function splitBox({ points, labels }: Clicks): {
  readonly box: readonly number[] | null;
  readonly clicks: Clicks;
} {
  const corners = points.filter((_, index) => labels[index] >= 2);
  const isClick = (_: unknown, index: number) => labels[index] < 2;
  const clicks = { points: points.filter(isClick), labels: labels.filter(isClick) };
  return { box: corners.length === 2 ? corners.flat() : null, clicks };
}

export function floats(ort: OrtModule, values: readonly number[], dims: readonly number[]): Tensor {
  return new ort.Tensor('float32', Float32Array.from(values), dims);
}

export function int64s(ort: OrtModule, values: readonly number[], dims: readonly number[]): Tensor {
  return new ort.Tensor(
    'int64',
    BigInt64Array.from(values, (value) => BigInt(value)),
    dims,
  );
}

/** A one-number stand-in for features that the export does not have. */
export function nothing(ort: OrtModule): Tensor {
  return floats(ort, [0], [1, 1, 1, 1]);
}

/**
 * The contract's decoder outputs from an export's masks [.., M, L, L] and IoUs [.., M] of one object. Four masks are taken as they are; of
 * three (an export without the single-mask token) the best by IoU also stands for it; a lone mask stands for all.
 */
export function decoderOutputs(ort: OrtModule, masks: Tensor, ious: Tensor, score: Tensor | undefined): Outputs {
  const given = ious.data as Float32Array;
  const count = given.length;
  const [height, width] = masks.dims.slice(-2);
  const plane = height * width;
  const source = masks.data as Float32Array;
  if (count === 0 || source.length !== count * plane) {
    const message = `The mask decoder gave ${source.length} numbers for ${count} masks; the pack does not fit its layout.`;
    throw new StudioError('model-output-invalid', 'user', message);
  }
  const order = tokenOrder(given);
  const planes = new Float32Array(tokens * plane);
  order.forEach((index, token) => {
    planes.set(source.subarray(index * plane, (index + 1) * plane), token * plane);
  });
  const chosen = order.map((index) => given[index]);
  const visible = score === undefined ? visibleLogit : (score.data as Float32Array)[0];
  return {
    masks: new ort.Tensor('float32', planes, [1, tokens, height, width]),
    iou_scores: floats(ort, chosen, [1, tokens]),
    object_score_logits: floats(ort, [visible], [1, 1]),
    obj_ptrs: new ort.Tensor('float32', new Float32Array(0), [1, tokens, 0]),
  };
}

/** Which of the export's masks stands for each of the contract's tokens. */
function tokenOrder(ious: Float32Array): readonly number[] {
  if (ious.length >= tokens) return [0, 1, 2, 3];
  const best = ious.indexOf(Math.max(...ious));
  const last = ious.length - 1;
  return [best, 0, Math.min(1, last), Math.min(2, last)];
}
