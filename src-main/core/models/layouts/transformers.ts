import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { PortRule } from '../roles.ts';
import { decoderOutputs, floats, int64s, nothing, readClicks, splitBox } from './decoder-tensors.ts';
import { type ImageLayout, imagenet } from './layout.ts';

const f32 = (name: string, ...shape: (number | string)[]): PortRule => ({ name, dtypes: ['f32'], shape });
const i64 = (name: string, ...shape: (number | string)[]): PortRule => ({ name, dtypes: ['i64'], shape });
const maybe = (port: PortRule): PortRule => ({ ...port, optional: true });

/**
 * SAM 2 and EdgeTAM as onnx-community publishes them for transformers.js. A box is an input of its own; there is no mask input, so a
 * correction cannot see the mask that it corrects.
 */
export const transformersSam2: ImageLayout = {
  name: 'transformers-sam2',
  arch: 'sam2.1',
  madeBy: 'onnx-community (transformers.js, SAM 2 and EdgeTAM)',
  image: { fit: 'stretch', ...imagenet },
  rules: {
    image_encoder: {
      inputs: [f32('pixel_values', 1, 3, 'S', 'S')],
      outputs: [
        f32('image_embeddings.0', 1, 'c4', 'h4', 'h4'),
        f32('image_embeddings.1', 1, 'c8', 'h8', 'h8'),
        f32('image_embeddings.2', 1, 'C', 'G', 'G'),
      ],
    },
    mask_decoder: {
      inputs: [
        f32('image_embeddings.0', 1, 'c4', 'h4', 'h4'),
        f32('image_embeddings.1', 1, 'c8', 'h8', 'h8'),
        f32('image_embeddings.2', 1, 'C', 'G', 'G'),
        f32('input_points', 1, 'n', 'P', 2),
        i64('input_labels', 1, 'n', 'P'),
        f32('input_boxes', 1, 'k', 4),
      ],
      outputs: [
        f32('pred_masks', 1, 'n', 'm', 'L', 'L'),
        f32('iou_scores', 1, 'n', 'm'),
        maybe(f32('object_score_logits', 1, 'n', 1)),
      ],
    },
  },
  feeds: (ort, role, contract) => {
    if (role === 'image_encoder') return { pixel_values: contract.pixel_values };
    const { box, clicks } = splitBox(readClicks(contract));
    const { points, labels } = clicks;
    return {
      'image_embeddings.0': contract.feat_s4,
      'image_embeddings.1': contract.feat_s8,
      'image_embeddings.2': contract.image_embed,
      input_points: floats(ort, points.flat(), [1, 1, points.length, 2]),
      input_labels: int64s(ort, labels, [1, 1, labels.length]),
      input_boxes: floats(ort, box ?? [], [1, box === null ? 0 : 1, 4]),
    };
  },
  outputs: (ort, role, given) =>
    role === 'image_encoder'
      ? {
          feat_s4: given['image_embeddings.0'],
          feat_s8: given['image_embeddings.1'],
          feat_s16: given['image_embeddings.2'],
        }
      : decoderOutputs(ort, given.pred_masks, given.iou_scores, given.object_score_logits),
};

/** SAM 1 as transformers.js uses it: clicks only. The positional embeddings travel in the place of the finest features. */
export const transformersSam1: ImageLayout = {
  name: 'transformers-sam1',
  arch: 'sam1',
  madeBy: 'onnx-community or Xenova (transformers.js, SAM 1)',
  image: { fit: 'longest-pad', ...imagenet },
  rules: {
    image_encoder: {
      inputs: [f32('pixel_values', 1, 3, 'S', 'S')],
      outputs: [f32('image_embeddings', 1, 'C', 'G', 'G'), f32('image_positional_embeddings', 1, 'C', 'G', 'G')],
    },
    mask_decoder: {
      inputs: [
        f32('image_embeddings', 1, 'C', 'G', 'G'),
        f32('image_positional_embeddings', 1, 'C', 'G', 'G'),
        f32('input_points', 1, 'n', 'P', 2),
        i64('input_labels', 1, 'n', 'P'),
      ],
      outputs: [f32('pred_masks', 1, 'n', 'm', 'L', 'L'), f32('iou_scores', 1, 'n', 'm')],
    },
  },
  feeds: (ort, role, contract) => {
    if (role === 'image_encoder') return { pixel_values: contract.pixel_values };
    const { points, labels } = readClicks(contract);
    if (labels.some((label) => label >= 2)) {
      const message =
        'This imported model takes points only; prompt with points instead of a box, or use another pack.';
      throw new StudioError('prompt-invalid', 'user', message);
    }
    return {
      image_embeddings: contract.image_embed,
      image_positional_embeddings: contract.feat_s4,
      input_points: floats(ort, points.flat(), [1, 1, points.length, 2]),
      input_labels: int64s(ort, labels, [1, 1, labels.length]),
    };
  },
  outputs: (ort, role, given) =>
    role === 'image_encoder'
      ? { feat_s4: given.image_positional_embeddings, feat_s8: nothing(ort), feat_s16: given.image_embeddings }
      : decoderOutputs(ort, given.pred_masks, given.iou_scores, undefined),
};
