import type { Heading, MemoryBank, Observation } from './memory-bank.ts';
import type { Trusted } from './object-track.ts';
import type { GuardSettings } from './track-settings.ts';

/** `trusted`: shown and remembered; `doubtful`: shown, not remembered; `lost`: absent, not remembered. */
export type Verdict = 'trusted' | 'doubtful' | 'lost';

/** What the detector said of an object's concept on a frame. */
export interface Witness {
  /** Probability 0..1 that the concept is on the frame at all. */
  readonly presence: number;
  /** A detection supports the object's mask. */
  readonly matched: boolean;
}

/**
 * The studio's second opinion on a tracked frame. A model that has lost its object tends to answer with the whole frame or with
 * a different thing; feeding that back makes the loss permanent. Compares with the last trusted frame and the conditioning frames.
 */
export function judge(seen: Observation, bank: MemoryBank, guards: GuardSettings | null): Verdict {
  if (guards === null) return 'trusted';
  if (seen.scoreLogit <= 0 || seen.area === 0) return 'lost';
  const known = knownAreas(bank);
  if (known === null) return 'trusted';
  const fraction = seen.area / seen.logits.length;
  const everWas = known.largest / seen.logits.length;
  if (fraction > guards.fullFrameFraction && everWas < guards.fullFrameFraction / 2) return 'lost';
  if (seen.iou >= guards.doubtfulIou) return 'trusted';
  const jump = seen.area / Math.max(1, known.last);
  return jump > guards.areaJump ? 'lost' : 'doubtful';
}

/**
 * The same for an object that only its memory vouches for. When an object goes at once, a small part of the place where it was is often
 * still taken for it: so sudden a fall is a loss, and stays one until the mask is of a size again or some time has passed.
 */
export function judgeFollowed(
  seen: Observation,
  track: { readonly bank: MemoryBank; readonly lastTrusted: Trusted | null },
  heading: Heading,
  guards: GuardSettings | null,
): Verdict {
  const { bank, lastTrusted } = track;
  if (guards === null || lastTrusted === null) return judge(seen, bank, guards);
  const ago = (seen.frameIndex - lastTrusted.frameIndex) * heading;
  const fallen = guards.fallen.some(
    ({ area, scoreBelow = Number.POSITIVE_INFINITY, frames }) =>
      ago > 0 && ago <= frames && seen.area < area * lastTrusted.area && seen.scoreLogit < scoreBelow,
  );
  return fallen ? 'lost' : judge(seen, bank, guards);
}

/** The same for an object that was absent and is found by a second look: the model must be sure of it. */
export function judgeFound(...about: Parameters<typeof judgeFollowed>): Verdict {
  const [seen, , , guards] = about;
  return seen.iou < (guards?.returns?.iou ?? 0) ? 'lost' : judgeFollowed(...about);
}

/**
 * The same for an object that a concept found. Its detector's word counts too: nothing on the frame supports the mask, and the concept
 * as a whole is not there, then what the tracker follows is something else.
 */
export function judgeMember(
  seen: Observation,
  bank: MemoryBank,
  witness: Witness,
  guards: GuardSettings | null,
): Verdict {
  if (guards !== null && !witness.matched && witness.presence < guards.missingPresence) return 'lost';
  return judge(seen, bank, guards);
}

/** Areas of the last trusted frame and of the largest one that a prompt or detection vouched for. */
function knownAreas(bank: MemoryBank): { readonly last: number; readonly largest: number } | null {
  let largest = 0;
  let last = 0;
  for (const { area } of bank.conditioning.values()) {
    largest = Math.max(largest, area);
    last = area;
  }
  if (bank.conditioning.size === 0) return null;
  for (const { area, tokens } of bank.tracked.values()) {
    if (tokens === null || area === 0) continue;
    last = area;
    largest = Math.max(largest, area);
  }
  return { last, largest };
}
