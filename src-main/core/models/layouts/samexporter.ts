import type { Tensor } from 'onnxruntime-node';
import type { PortRule } from '../roles.ts';
import type { OrtModule } from '../runtime/ort.ts';
import { decoderOutputs, floats, nothing, readClicks } from './decoder-tensors.ts';
import { type Feeds, type ImageLayout, imagenet } from './layout.ts';

const f32 = (name: string, ...shape: (number | string)[]): PortRule => ({ name, dtypes: ['f32'], shape });
const maybe = (port: PortRule): PortRule => ({ ...port, optional: true });

/** Clicks, box corners and previous logits, as both decoders take them. */
function prompts(ort: OrtModule, contract: Feeds, padded: boolean): Record<string, Tensor> {
  const { points, labels } = readClicks(contract);
  const pad = padded && !labels.some((label) => label >= 2);
  const coords = pad ? [...points.flat(), 0, 0] : points.flat();
  const kinds = pad ? [...labels, -1] : labels;
  return {
    point_coords: floats(ort, coords, [1, kinds.length, 2]),
    point_labels: floats(ort, kinds, [1, kinds.length]),
    mask_input: contract.mask_input,
    has_mask_input: contract.has_mask,
  };
}

/** SAM 2 and 2.1 as samexporter, AnyLabeling and their relatives write them; the graph appends its own pad point. */
export const samexporterSam2: ImageLayout = {
  name: 'samexporter-sam2',
  arch: 'sam2.1',
  madeBy: 'samexporter (SAM 2)',
  image: { fit: 'stretch', ...imagenet },
  rules: {
    image_encoder: {
      inputs: [f32('image', 1, 3, 'S', 'S')],
      outputs: [
        f32('high_res_feats_0', 1, 'c4', 'h4', 'h4'),
        f32('high_res_feats_1', 1, 'c8', 'h8', 'h8'),
        f32('image_embed', 1, 'C', 'G', 'G'),
      ],
    },
    mask_decoder: {
      inputs: [
        f32('image_embed', 1, 'C', 'G', 'G'),
        f32('high_res_feats_0', 1, 'c4', 'h4', 'h4'),
        f32('high_res_feats_1', 1, 'c8', 'h8', 'h8'),
        f32('point_coords', 'B', 'P', 2),
        f32('point_labels', 'B', 'P'),
        f32('mask_input', 'B', 1, 'L', 'L'),
        f32('has_mask_input', 'b'),
      ],
      outputs: [
        f32('masks', 'B', 'm', 'y', 'x'),
        f32('iou_predictions', 'B', 'm'),
        maybe(f32('low_res_masks', 'B', 'm', 'L', 'L')),
      ],
    },
  },
  feeds: (ort, role, contract) =>
    role === 'image_encoder'
      ? { image: contract.pixel_values }
      : {
          image_embed: contract.image_embed,
          high_res_feats_0: contract.feat_s4,
          high_res_feats_1: contract.feat_s8,
          ...prompts(ort, contract, false),
        },
  outputs: (ort, role, given) =>
    role === 'image_encoder'
      ? { feat_s4: given.high_res_feats_0, feat_s8: given.high_res_feats_1, feat_s16: given.image_embed }
      : decoderOutputs(ort, given.low_res_masks ?? given.masks, given.iou_predictions, undefined),
};

/** SAM 1 as the original exporter writes it: the caller appends the pad point where there is no box. */
export const samexporterSam1: ImageLayout = sam1(
  'samexporter-sam1',
  f32('*', 1, 3, 'S', 'S'),
  (_ort, pixels) => pixels,
);

/** The same with normalising and padding inside the graph (samexporter --use-preprocess): it takes RGB 0..255 as [height, width, 3]. */
export const samexporterSam1Rgb: ImageLayout = sam1('samexporter-sam1-rgb', f32('*', 'h', 'w', 3), rawPicture);

/** Undoes normalising; where the square is empty (0) that gives the mean, which the graph turns into 0 again. */
function rawPicture(ort: OrtModule, { data, dims }: Tensor): Tensor {
  const [, , height, width] = dims;
  const source = data as Float32Array;
  const target = new Float32Array(source.length);
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0; at < height * width; at++) {
      target[3 * at + channel] =
        (source[channel * height * width + at] * imagenet.std[channel] + imagenet.mean[channel]) * 255;
    }
  }
  return new ort.Tensor('float32', target, [height, width, 3]);
}

function sam1(name: string, picture: PortRule, prepared: (ort: OrtModule, pixels: Tensor) => Tensor): ImageLayout {
  return {
    name,
    arch: 'sam1',
    madeBy: 'samexporter or segment-anything (SAM 1)',
    image: { fit: 'longest-pad', ...imagenet },
    rules: {
      image_encoder: {
        inputs: [picture],
        outputs: [f32('image_embeddings', 1, 'C', 'G', 'G')],
      },
      mask_decoder: {
        inputs: [
          f32('image_embeddings', 1, 'C', 'G', 'G'),
          f32('point_coords', 1, 'P', 2),
          f32('point_labels', 1, 'P'),
          f32('mask_input', 1, 1, 'L', 'L'),
          f32('has_mask_input', 1),
          maybe(f32('orig_im_size', 2)),
        ],
        outputs: [
          maybe(f32('masks', 'b', 'm', 'y', 'x')),
          f32('iou_predictions', 'b', 'm'),
          f32('low_res_masks', 'b', 'm', 'L', 'L'),
        ],
      },
    },
    feeds: (ort, role, contract) => {
      if (role === 'image_encoder') return { '*': prepared(ort, contract.pixel_values) };
      const side = 4 * contract.mask_input.dims[2];
      return {
        image_embeddings: contract.image_embed,
        ...prompts(ort, contract, true),
        orig_im_size: floats(ort, [side, side], [2]),
      };
    },
    outputs: (ort, role, given) =>
      role === 'image_encoder'
        ? { feat_s4: nothing(ort), feat_s8: nothing(ort), feat_s16: given.image_embeddings }
        : decoderOutputs(ort, given.low_res_masks, given.iou_predictions, undefined),
  };
}
