import { gunzipSync, gzipSync } from 'node:zlib';
import type { RleMask } from '../../src-shared/mask/rle.ts';

/** What the clip really shows; tests and the demo compare with it. Stored as gzipped JSON. */
export interface SampleTruth {
  readonly clip: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frameCount: number;
  readonly things: readonly ThingTruth[];
}

export interface ThingTruth {
  readonly name: string;
  /** Phrases that name this thing only, the plainest first. */
  readonly phrases: readonly string[];
  /** Frame 0, video pixels: a point inside the visible mask, and the tight box of that mask. */
  readonly click: { readonly x: number; readonly y: number };
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Per frame the visible part at the middle of the exposure, an RLE mask (src-shared/mask/rle.ts) in base64; null when nothing is visible. */
  readonly masks: readonly (string | null)[];
}

export function packTruth(truth: SampleTruth): Uint8Array {
  return gzipSync(JSON.stringify(truth), { level: 9 });
}

/** Reads the bytes of tumble.truth.json.gz. */
export function unpackTruth(bytes: Uint8Array): SampleTruth {
  return JSON.parse(gunzipSync(bytes).toString('utf8'));
}

/** The visible mask of a thing on a frame; null when it cannot be seen. */
export function trueMask(truth: SampleTruth, thing: ThingTruth, frameIndex: number): RleMask | null {
  const stored = thing.masks[frameIndex];
  if (stored === null || stored === undefined) return null;
  return { width: truth.width, height: truth.height, bytes: new Uint8Array(Buffer.from(stored, 'base64')) };
}
