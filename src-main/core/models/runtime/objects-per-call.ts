import type { PackSpec } from '../model-pack.ts';

/** Working memory that one call of a graph may take, beside its weights: a batch of objects is cut to it. */
export const defaultCallBytes = 512 * 2 ** 20;

/** A graph whose batch is objects; memory attention works on each object's bank. */
export type BatchedCall =
  | { readonly role: 'mask_decoder' | 'memory_encoder' }
  | { readonly role: 'memory_attention'; readonly frames: number; readonly pointers: number };

/**
 * Objects that one call takes within `callBytes`; at least 1. Small packs take all of them at once, at 1024 pixels SAM 2.1 attends to one
 * object at a time: its batch would cost memory and win nothing.
 */
export function objectsPerCall(call: BatchedCall, spec: PackSpec, callBytes: number): number {
  return Math.max(1, Math.floor(callBytes / bytesPerObject(call, spec)));
}

/** Working memory for one object, bytes. Planes of the low-res grid that decoder and encoder keep at once were measured at 1024 pixels. */
function bytesPerObject(call: BatchedCall, { lowres, memTokens, memDim, ptrDim, queriesAtOnce }: PackSpec): number {
  const floats = Float32Array.BYTES_PER_ELEMENT;
  switch (call.role) {
    case 'mask_decoder':
      return floats * 160 * lowres ** 2;
    case 'memory_encoder':
      return floats * 280 * lowres ** 2;
    case 'memory_attention': {
      const queries = Math.min((lowres / 4) ** 2, queriesAtOnce ?? Number.POSITIVE_INFINITY);
      const keys = call.frames * memTokens + call.pointers * Math.ceil(ptrDim / memDim);
      // Scores before and after softmax; keys and values with their copies.
      return floats * (2 * queries * keys + 8 * keys * ptrDim);
    }
  }
}
