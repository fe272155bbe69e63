import type { PortDtype } from './manifest.ts';

/**
 * A dimension of a role: a number, or a symbol. Upper-case `B F N P K` are dynamic (batch, memory frames, pointers, points,
 * boxes); the other symbols of `manifestSymbols` come from the manifest; the rest are free but must agree across the pack.
 */
export type DimRule = number | string;

export interface PortRule {
  readonly name: string;
  readonly dtypes: readonly PortDtype[];
  readonly shape: readonly DimRule[];
  /** The runtime can live without it. */
  readonly optional?: boolean;
}

export interface RoleRule {
  readonly inputs: readonly PortRule[];
  readonly outputs: readonly PortRule[];
}

export const roles = [
  'image_encoder',
  'mask_decoder',
  'memory_encoder',
  'memory_attention',
  'mask_prompt',
  'text_encoder',
  'detector',
] as const;
export type Role = (typeof roles)[number];

/** Dimensions that vary from call to call; a graph may fix all but the number of points. */
export const dynamicSymbols: ReadonlySet<string> = new Set(['B', 'F', 'N', 'P', 'K']);

/** Where a symbol's value stands in pack.json. */
export const manifestSymbols: Readonly<Record<string, string>> = {
  S: 'image.size',
  G: 'grid',
  L: 'lowres',
  M: 'maskPromptSize',
  T: 'memTokens',
  D: 'memDim',
  R: 'ptrDim',
  Q: 'detector.numQueries',
  X: 'text.contextLength',
};

const f32 = (name: string, ...shape: DimRule[]): PortRule => ({ name, dtypes: ['f32'], shape });
const i32 = (name: string, ...shape: DimRule[]): PortRule => ({ name, dtypes: ['i32'], shape });
const index = (name: string, ...shape: DimRule[]): PortRule => ({ name, dtypes: ['i32', 'i64'], shape });
const bool = (name: string, ...shape: DimRule[]): PortRule => ({ name, dtypes: ['bool'], shape });
const optional = (port: PortRule): PortRule => ({ ...port, optional: true });

const featS4 = f32('feat_s4', 1, 'c4', 'h4', 'h4');
const featS8 = f32('feat_s8', 1, 'c8', 'h8', 'h8');
const detS4 = f32('det_s4', 1, 'd4', 'e4', 'e4');
const detS8 = f32('det_s8', 1, 'd8', 'e8', 'e8');
const detS16 = f32('det_s16', 1, 'd16', 'e16', 'e16');

/** The contract of every graph: sam-pipeline 4.2 and 4.3. */
export const roleTable: Readonly<Record<Role, RoleRule>> = {
  image_encoder: {
    inputs: [f32('pixel_values', 1, 3, 'S', 'S')],
    outputs: [
      featS4,
      featS8,
      f32('feat_s16', 1, 'C', 'G', 'G'),
      // Required when the pack has a detector; `checkGraph` decides.
      optional(detS4),
      optional(detS8),
      optional(detS16),
    ],
  },
  mask_decoder: {
    inputs: [
      featS4,
      featS8,
      f32('image_embed', 'B', 'C', 'G', 'G'),
      f32('no_mem_scale', 'B'),
      f32('point_coords', 'B', 'P', 2),
      i32('point_labels', 'B', 'P'),
      f32('mask_input', 'B', 1, 'L', 'L'),
      f32('has_mask', 'B'),
    ],
    outputs: [
      f32('masks', 'B', 4, 'L', 'L'),
      f32('iou_scores', 'B', 4),
      f32('object_score_logits', 'B', 1),
      f32('obj_ptrs', 'B', 4, 'R'),
    ],
  },
  memory_encoder: {
    inputs: [
      f32('image_embed', 1, 'C', 'G', 'G'),
      f32('mask_logits', 'B', 1, 'L', 'L'),
      f32('binarize', 'B'),
      f32('object_score_logits', 'B', 1),
    ],
    outputs: [f32('mem_tokens', 'B', 'T', 'D')],
  },
  memory_attention: {
    inputs: [
      f32('feat', 1, 'C', 'G', 'G'),
      f32('mem_tokens', 'B', 'F', 'T', 'D'),
      index('mem_tpos_idx', 'B', 'F'),
      f32('mem_valid', 'B', 'F'),
      f32('obj_ptrs', 'B', 'N', 'R'),
      f32('ptr_tpos', 'B', 'N'),
      f32('ptr_valid', 'B', 'N'),
    ],
    outputs: [f32('cond_feat', 'B', 'C', 'G', 'G')],
  },
  mask_prompt: {
    inputs: [f32('mask', 'B', 1, 'M', 'M')],
    outputs: [f32('mask_input', 'B', 1, 'L', 'L')],
  },
  text_encoder: {
    inputs: [index('input_ids', 'B', 'X'), i32('attention_mask', 'B', 'X')],
    outputs: [f32('text_features', 'B', 'X', 'W')],
  },
  detector: {
    inputs: [
      detS4,
      detS8,
      detS16,
      f32('text_features', 1, 'X', 'W'),
      bool('text_valid', 1, 'X'),
      f32('boxes', 1, 'K', 4),
      i32('box_labels', 1, 'K'),
      bool('box_valid', 1, 'K'),
    ],
    outputs: [
      f32('pred_logits', 1, 'Q'),
      f32('pred_boxes', 1, 'Q', 4),
      f32('presence_logits', 1, 1),
      f32('pred_masks', 1, 'Q', 'L', 'L'),
      optional(f32('semantic_seg', 1, 1, 'L', 'L')),
    ],
  },
};

export function isRole(name: string): name is Role {
  return (roles as readonly string[]).includes(name);
}
