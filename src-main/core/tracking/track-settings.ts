import type { MemoryPolicyName, TrackingPolicyName } from '../../../src-shared/domain/track.ts';
import type { ModelSpec, PackGuards, TrackerConstants } from './ports.ts';

/** When the studio policy distrusts the model; every rule needs at least one conditioning frame to compare with. */
export interface GuardSettings extends PackGuards {
  /** Fraction of the frame, 0..1: a mask larger than this, where the object never was, is a collapse and not the object. */
  readonly fullFrameFraction: number;
  /** Factor by which the area may change against the last trusted frame before the predicted IoU must vouch for it. */
  readonly areaJump: number;
  /** Below this predicted IoU a frame is shown but not remembered, and an area jump is a loss. */
  readonly doubtfulIou: number;
  /** Below this presence (0..1) of its concept, an object that no detection supports is lost. */
  readonly missingPresence: number;
}

/** What a detection does to the memory of a track that it confirms; see sam-pipeline 2.8. */
export type ReconditionMode = 'det' | 'reference' | 'track';

/** The decisions that the published trackers leave to the predictor. */
export interface TrackSettings {
  /** A corrected frame becomes a conditioning frame; false is the SAM 2.1 predictor's default. */
  readonly refineAsCond: boolean;
  readonly refineUsesMemory: boolean;
  readonly clearAround: boolean;
  /** A frame whose mask was so forgotten is corrected from nothing, as the reference does, even where the session kept the mask. */
  readonly forgetsCleared: boolean;
  /** Conditioning frames given to memory attention; -1: all. */
  readonly maxConditioning: number;
  /**
   * Reference behaviour: an object is also tracked on frames before its own first prompt. Otherwise each object starts at its own
   * prompt, and `both` covers the range on both sides of it.
   */
  readonly everyObjectOnEveryFrame: boolean;
  readonly reconditionMode: ReconditionMode;
  /** null: the model is believed. */
  readonly guards: GuardSettings | null;
  /** Tracked frames kept per object beyond those that the running pass can still recall. */
  readonly spareFrames: number;
}

const spareBytesPerObject = 16 * 2 ** 20;
const mostSpareFrames = 128;
/** Attention cost grows with every conditioning frame; the studio keeps the nearest of an unlimited pack. */
const studioConditioning = 8;

const studioGuards: GuardSettings = {
  fullFrameFraction: 0.9,
  areaJump: 4,
  doubtfulIou: 0.3,
  missingPresence: 0.05,
  fallen: [],
  absences: 'left-out',
};

/**
 * The settings of a policy for a pack. `reference` follows the published predictor of the pack's family: packs with memory
 * selection (SAM 3) correct from the bare frame and clear around it, the others (SAM 2, EdgeTAM) correct with memory.
 */
export function settingsFor(
  policy: TrackingPolicyName,
  spec: ModelSpec,
  overrides: Partial<TrackSettings> = {},
): TrackSettings {
  const constants = spec.tracker;
  const studio = policy === 'studio';
  const entryBytes = 4 * (spec.memTokens * spec.memDim + spec.ptrDim + spec.lowres * spec.lowres);
  const maxCond = constants?.maxCond ?? -1;
  return {
    refineAsCond: true,
    refineUsesMemory: constants?.refinement?.usesMemory ?? !(constants?.memorySelection ?? false),
    clearAround: studio || (constants?.refinement?.clearAround ?? constants?.memorySelection ?? false),
    forgetsCleared: !studio,
    maxConditioning: studio && maxCond < 0 ? studioConditioning : maxCond,
    everyObjectOnEveryFrame: !studio,
    reconditionMode: studio ? 'det' : 'reference',
    guards: studio ? { ...studioGuards, ...constants?.guards } : null,
    spareFrames: Math.min(mostSpareFrames, Math.floor(spareBytesPerObject / entryBytes)),
    ...overrides,
  };
}

/** Which past frames a tracked frame may remember, with the pack's threshold resolved. */
export type MemoryRule =
  | { readonly kind: 'standard' }
  /** SAM 3: visible enough for what it is; `scoreAbove` compares with `memScore`. */
  | { readonly kind: 'selective'; readonly scoreAbove: number }
  /** The same walk for packs without that score: visible and probably right. */
  | { readonly kind: 'visible'; readonly iouAbove: number }
  /** SAMURAI: visible, probably right and where the motion model expects it. */
  | { readonly kind: 'kalman'; readonly iouAbove: number };

export function memoryRule(name: MemoryPolicyName, constants: TrackerConstants): MemoryRule {
  if (name === 'kalman') return { kind: 'kalman', iouAbove: 0.5 };
  if (name === 'standard') return { kind: 'standard' };
  if (constants.memorySelection) return { kind: 'selective', scoreAbove: constants.mfThreshold };
  return { kind: 'visible', iouAbove: 0.5 };
}
