import type { Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

/** Outputs of the image encoder for one frame. */
export class EncodedImage {
  readonly kind = 'image-features';
  readonly packId: string;
  readonly tensors: Readonly<Record<string, Tensor>>;

  constructor(packId: string, tensors: Readonly<Record<string, Tensor>>) {
    this.packId = packId;
    this.tensors = tensors;
  }
}

/** Memory-conditioned features of a batch, [batch, C, g, g]. */
export class ConditionedImage {
  readonly kind = 'conditioned-features';
  readonly packId: string;
  readonly batch: number;
  readonly data: Float32Array<ArrayBuffer>;

  constructor(packId: string, batch: number, data: Float32Array<ArrayBuffer>) {
    this.packId = packId;
    this.batch = batch;
    this.data = data;
  }
}

/** Features of one phrase: [1, X, W] and which of the X tokens count. */
export class EncodedText {
  readonly kind = 'text-features';
  readonly packId: string;
  readonly features: Float32Array;
  readonly valid: Uint8Array;

  constructor(packId: string, features: Float32Array, valid: Uint8Array) {
    this.packId = packId;
    this.features = features;
    this.valid = valid;
  }
}

type Constructor<T> = new (...args: never[]) => T;

/** Opens an opaque handle; throws `internal` when it was made by another pack's runtime. */
export function ownHandle<T extends { readonly packId: string }>(
  type: Constructor<T>,
  handle: unknown,
  packId: string,
): T {
  if (handle instanceof type && handle.packId === packId) return handle;
  throw new StudioError('internal', 'bug', `Features of another model pack were given to "${packId}".`);
}
