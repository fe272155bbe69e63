import type { DecodedObject, DecoderConstants } from './ports.ts';

/** Which of the decoder's four tokens speak for the object. */
export interface MaskChoice {
  readonly maskIndex: number;
  readonly pointerIndex: number;
  /** Best predicted IoU among the tokens that were candidates. */
  readonly bestIou: number;
}

/** How a motion model re-weighs candidates; null: it has no opinion yet. */
export type CandidateScore = (logits: Float32Array, predictedIou: number) => number;

/**
 * One click or none is ambiguous: the best of the three alternatives by predicted IoU, pointer of the same token. More points (a box
 * counts two) name one thing: token 0, unless its edge is so soft that the best alternative is safer; the pointer stays token 0's.
 * Source: SAM 2 `_use_multimask`, `_dynamic_multimask_via_stability`; sam-pipeline 3.2.
 */
export function chooseMask(
  decoded: DecodedObject,
  pointCount: number,
  constants: DecoderConstants,
  rescore: CandidateScore | null = null,
): MaskChoice {
  const { multimask, stability } = constants;
  const best = bestAlternative(decoded, rescore);
  if (pointCount >= multimask.min && pointCount <= multimask.max) {
    return { maskIndex: best, pointerIndex: best, bestIou: Math.max(...decoded.ious.subarray(1)) };
  }
  const stable = stabilityOf(tokenMask(decoded, 0), stability.delta) >= stability.thresh;
  const maskIndex = stable ? 0 : best;
  return { maskIndex, pointerIndex: 0, bestIou: decoded.ious[maskIndex] };
}

/** Logits [L * L] of one token; a view into the decoder's output. */
export function tokenMask(decoded: DecodedObject, token: number): Float32Array<ArrayBuffer> {
  const size = decoded.masks.length / decoded.ious.length;
  return decoded.masks.subarray(token * size, (token + 1) * size);
}

/** Pointer [ptrDim] of one token; a view. */
export function tokenPointer(decoded: DecodedObject, token: number): Float32Array<ArrayBuffer> {
  const size = decoded.pointers.length / decoded.ious.length;
  return decoded.pointers.subarray(token * size, (token + 1) * size);
}

/** SAM 3's measure of a frame's worth as memory: certainty of visibility times best predicted IoU. Source: `cal_mem_score`. */
export function memoryScore(objectScoreLogit: number, bestIou: number): number {
  if (objectScoreLogit <= 0) return 0;
  return (2 / (1 + Math.exp(-objectScoreLogit)) - 1) * bestIou;
}

function bestAlternative(decoded: DecodedObject, rescore: CandidateScore | null): number {
  let best = 1;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let token = 1; token < decoded.ious.length; token++) {
    const iou = decoded.ious[token];
    const score = rescore === null ? iou : rescore(tokenMask(decoded, token), iou);
    if (score > bestScore) {
      best = token;
      bestScore = score;
    }
  }
  return best;
}

/** Share of the generous mask that the strict mask keeps; 1 for a mask without either. */
function stabilityOf(logits: Float32Array, delta: number): number {
  let strict = 0;
  let generous = 0;
  for (const logit of logits) {
    if (logit > delta) strict++;
    if (logit > -delta) generous++;
  }
  return generous === 0 ? 1 : strict / generous;
}
