import type { StopReason } from '../../../src-shared/domain/review.ts';
import { likeness, type SeenMask } from './seen-mask.ts';

/** A reason to look, and how heavy it weighs, 0..1. */
export interface Doubt {
  readonly reason: StopReason;
  readonly severity: number;
}

/** What is usual for an object, learned as its frames pass. */
export interface Usual {
  readonly confidence: number | null;
  readonly stepIou: number | null;
}

/** Smaller masks change their area by a few pixels all the time. */
const SMALLEST_AREA = 64;
const LOW_SCORE = 0.5;
/** A score this far below what is usual for the object is a doubt, however high it is. */
const DROP = 0.25;
const AREA_JUMP = 1.8;
const SMALL_STEP = 0.3;

/** What the scores of one mask say. */
export function scoreDoubts(mask: SeenMask, usual: Usual): Doubt[] {
  if (mask.byPerson || mask.area === 0) return [];
  const doubts: Doubt[] = [];
  const { presence, visible, confidence } = mask;
  if (presence !== null && presence < LOW_SCORE) {
    doubts.push({ reason: { kind: 'presence', value: presence }, severity: 0.4 + (LOW_SCORE - presence) });
  }
  if (visible !== null && visible < LOW_SCORE) {
    doubts.push({ reason: { kind: 'visible', value: visible }, severity: 0.4 + (LOW_SCORE - visible) });
  }
  if (confidence === null) return doubts;
  const below = confidence < LOW_SCORE ? LOW_SCORE - confidence : (usual.confidence ?? 0) - confidence - DROP;
  if (below > 0) doubts.push({ reason: { kind: 'confidence', value: confidence }, severity: 0.3 + below });
  return doubts;
}

/** What the step from the frame before says; `before` is the object one frame earlier. */
export function stepDoubts(mask: SeenMask, before: SeenMask, usual: Usual): Doubt[] {
  if (mask.area === 0) return before.area === 0 ? [] : [{ reason: { kind: 'gone' }, severity: 0.4 }];
  if (before.area === 0) return [];
  const doubts: Doubt[] = [];
  const ratio = mask.area / before.area;
  const times = Math.max(ratio, 1 / ratio);
  if (times > AREA_JUMP && Math.max(mask.area, before.area) >= SMALLEST_AREA) {
    doubts.push({ reason: { kind: 'jump', ratio }, severity: 0.35 + 0.2 * Math.log2(times / AREA_JUMP) + 0.1 });
  }
  const { stepIou } = mask;
  if (stepIou !== null && stepIou < SMALL_STEP && stepIou < (usual.stepIou ?? 0) / 2) {
    doubts.push({ reason: { kind: 'moved', iou: stepIou }, severity: 0.4 + (SMALL_STEP - stepIou) });
  }
  return doubts;
}

/** The object is back after frames without it: the longer and the less alike, the more doubtful. */
export function returnDoubt(mask: SeenMask, lost: SeenMask): Doubt {
  const absentFrames = mask.frameIndex - lost.frameIndex - 1;
  const alike = likeness(mask, lost);
  return { reason: { kind: 'returned', absentFrames, likeness: alike }, severity: 0.4 + 0.3 * (1 - alike) };
}
