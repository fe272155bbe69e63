import type { PictureFit } from '../../../../src-shared/geometry/fit-picture.ts';
import type { Role, RoleRule } from '../roles.ts';
import type { OrtModule } from '../runtime/ort.ts';
import type { Outputs } from '../runtime/outputs.ts';

/** The two roles that a public image export fills. */
export type ImageRole = Extract<Role, 'image_encoder' | 'mask_decoder'>;

export function isImageRole(role: Role): role is ImageRole {
  return role === 'image_encoder' || role === 'mask_decoder';
}

/** Tensors by name, as a session takes them. */
export type Feeds = Outputs;

/**
 * A public export whose graphs speak other names than the pack contract. It says how a frame is prepared, what its graphs look like, and
 * turns the contract's tensors into the graphs' and back. One object a call.
 */
export interface ImageLayout {
  readonly name: string;
  readonly arch: string;
  /** Who makes files of this kind, for people. */
  readonly madeBy: string;
  readonly image: {
    readonly fit: PictureFit;
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
  readonly rules: Readonly<Record<ImageRole, RoleRule>>;
  /** Graph inputs for the contract's inputs of a role. Throws `prompt-invalid` for a prompt that the export cannot take. */
  feeds(ort: OrtModule, role: ImageRole, contract: Feeds): Feeds;
  /** The contract's outputs of a role, from what its graph gave. */
  outputs(ort: OrtModule, role: ImageRole, given: Outputs): Outputs;
}

export const imagenet = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
