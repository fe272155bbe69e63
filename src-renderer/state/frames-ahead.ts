/** Frames that are loaded ahead while playing. */
const MOST_AHEAD = 14;
/** The screen may be this far behind the clock; then pictures are loaded from further on, and those between are left out. */
const MOST_LATE_FRAMES = 12;
/** How far on: about as much as the decoder needs to begin at another place. */
const JUMP_SECS = 0.6;

/** Where loading begins anew when the screen is too late; null: it is not, or what is loaded from there is still to come. */
export function jumpWhenLate(at: {
  readonly due: number;
  readonly shown: number | null;
  readonly rate: number;
  readonly from: number;
  readonly framesPerSec: number;
}): number | null {
  const { due, shown, rate, from, framesPerSec } = at;
  const direction = Math.sign(rate);
  const late = shown === null ? 0 : (due - shown) * direction;
  const isPast = (due - from) * direction >= MOST_LATE_FRAMES * Math.abs(rate);
  if (late <= MOST_LATE_FRAMES * Math.abs(rate) || !isPast) return null;
  return due + Math.ceil(JUMP_SECS * framesPerSec) * rate;
}

interface PlayAhead {
  /** The frame that the clock is at. */
  readonly due: number;
  /** The frame on screen; null: none yet. */
  readonly shown: number | null;
  /** Nothing before it is loaded. */
  readonly from: number;
  /** Clips a second, negative backwards. */
  readonly rate: number;
  readonly first: number;
  readonly last: number;
  readonly looping: boolean;
}

/**
 * The frames to load while playing, the one needed first at the front: one after the other from the one on screen, as the decoder gives
 * them, also while the screen is a little late. A clip that plays
 * faster needs only as many of them a second. The due frame itself stands at the end, for when the clock waits for it.
 */
export function framesAhead({ due, shown, from, rate, first, last, looping }: PlayAhead): readonly number[] {
  const direction = Math.sign(rate);
  const stride = Math.max(1, Math.round(Math.abs(rate)));
  const late = shown === null ? -1 : (due - shown) * direction;
  const after = shown !== null && late >= 0 && late <= MOST_LATE_FRAMES * Math.abs(rate) ? shown : due;
  const next = direction > 0 ? Math.max(after, from) : Math.min(after, from);
  // Always the same ones of them, wherever the clock is, so that what is on its way stays wanted.
  const start = direction * stride * Math.ceil((direction * next) / stride);
  const frames = new Set<number>();
  for (let count = 0; count < MOST_AHEAD; count++) {
    const frame = start + direction * stride * count;
    const beyond = direction > 0 ? frame - last : first - frame;
    if (beyond <= 0) frames.add(frame);
    else if (looping && beyond <= last - first) frames.add(direction > 0 ? first + beyond - 1 : last - beyond + 1);
    else frames.add(direction > 0 ? last : first);
  }
  frames.delete(due);
  frames.add(due);
  return [...frames];
}
