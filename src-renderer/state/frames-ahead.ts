/** Frames that are loaded ahead while playing. */
const MOST_AHEAD = 14;
/** A load that took longer had something else to wait for, such as the decoder's start: it says little about the next ones. */
const MOST_LOAD_MILLIS = 400;
/** Frames between two that are loaded, at normal speed: leaving out more would not make the decoder faster. */
const MOST_STRIDE = 3;

export interface PlayAhead {
  /** The frame that the clock is at. */
  readonly due: number;
  /** Clips a second, negative backwards. */
  readonly rate: number;
  readonly first: number;
  readonly last: number;
  readonly looping: boolean;
  readonly framesPerSec: number;
  /** What one picture takes, and how many are loaded side by side. */
  readonly loadMillis: number;
  readonly atOnce: number;
}

/**
 * The frames to load while playing, the one needed first at the front. Those that cannot be here in time are left out, and where pictures
 * come slower than the clip runs, so are those between: every second frame in time is better than every frame late. The due frame itself
 * stands at the end, for when the clock waits for it.
 */
export function framesAhead({
  due,
  rate,
  first,
  last,
  looping,
  framesPerSec,
  loadMillis,
  atOnce,
}: PlayAhead): readonly number[] {
  const speed = Math.abs(rate);
  const passing = (speed * framesPerSec * Math.min(loadMillis, MOST_LOAD_MILLIS)) / 1000;
  const stride = Math.min(MOST_STRIDE * speed, Math.max(1, Math.ceil(passing / atOnce)));
  const direction = Math.sign(rate);
  const inTime = due + direction * Math.ceil(passing);
  // Always the same ones of them, wherever the clock is, so that what is on its way stays wanted.
  const start = direction * stride * Math.ceil((direction * inTime) / stride);
  const frames = new Set<number>();
  for (let count = 0; count < MOST_AHEAD; count++) {
    const frame = start + direction * stride * count;
    const beyond = direction > 0 ? frame - last : first - frame;
    if (beyond <= 0) frames.add(frame);
    else if (looping && beyond <= last - first) frames.add(direction > 0 ? first + beyond - 1 : last - beyond + 1);
    else frames.add(direction > 0 ? last : first);
  }
  frames.add(due);
  return [...frames];
}
