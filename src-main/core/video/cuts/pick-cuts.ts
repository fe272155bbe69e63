/** A difference from the frame before above this is a cut whatever goes on around it. */
const SURE = 0.42;
/** Above this it is one when the frames around are much alike. */
const LIKELY = 0.12;
/** Times the largest difference nearby. */
const STANDS_OUT = 3;
const AROUND = 4;

/**
 * First frames of new shots, from each frame's scene score (0..1, how much it differs from the frame before, less what differed already).
 * A flash of light differs twice within a few frames and is no cut.
 */
export function pickCuts(scores: Float32Array): Uint32Array<ArrayBuffer> {
  const cuts: number[] = [];
  for (let frame = 1; frame < scores.length; frame++) {
    const score = scores[frame];
    if (score < LIKELY) continue;
    const most = largestNear(scores, frame);
    if (score >= SURE ? score > most : score >= STANDS_OUT * most) cuts.push(frame);
  }
  return Uint32Array.from(cuts);
}

function largestNear(scores: Float32Array, frame: number): number {
  let most = 0;
  const last = Math.min(scores.length - 1, frame + AROUND);
  for (let near = Math.max(1, frame - AROUND); near <= last; near++) {
    if (near !== frame && scores[near] > most) most = scores[near];
  }
  return most;
}
