import type { StudioState } from './studio-state.ts';

const SPEEDS_KEY = 'masklet-speeds';

/** Seconds that a run takes, at least and at most. */
export interface TimeSpan {
  readonly least: number;
  readonly most: number;
}

/** Milliseconds a frame of the last run with so many things: objects and phrases. */
type Speeds = Readonly<Record<string, number>>;

/**
 * What a run of so many frames and things takes, by what was measured with this pack on this device. A frame costs something once and something a
 * thing: two measured numbers of things tell both; one tells that another number takes between as long and as many times as long. null:
 * nothing was measured.
 */
export function expectedTime(state: StudioState, frames: number, things: number, storage: Storage): TimeSpan | null {
  const speeds = Object.entries(speedsOf(state, storage)).map(([count, millis]) => ({ count: Number(count), millis }));
  if (speeds.length === 0) return null;
  const secs = (millis: number) => (frames * millis) / 1000;
  const nearest = speeds.sort((a, b) => Math.abs(a.count - things) - Math.abs(b.count - things));
  const [{ count, millis }, other] = nearest;
  if (count === things) return { least: secs(millis), most: secs(millis) };
  if (other === undefined) {
    const scaled = (millis * things) / count;
    return { least: secs(Math.min(millis, scaled)), most: secs(Math.max(millis, scaled)) };
  }
  // More things are never faster: what says so was measured while the machine did something else as well.
  const slope = Math.max(0, (other.millis - millis) / (other.count - count));
  const expected = secs(Math.max(0, millis + slope * (things - count)));
  return { least: expected, most: expected };
}

/** Keeps what a run has measured. */
export function noteSpeed(state: StudioState, things: number, millis: number): void {
  try {
    const speeds: Speeds = { ...speedsOf(state, localStorage), [things]: millis };
    localStorage.setItem(speedsKey(state), JSON.stringify(speeds));
  } catch {
    // The storage is full or forbidden: the next run is planned without a time.
  }
}

function speedsOf(state: StudioState, storage: Storage): Speeds {
  try {
    const stored: unknown = JSON.parse(storage.getItem(speedsKey(state)) ?? '{}');
    const isSpeed = ([count, millis]: [string, unknown]) => Number(count) > 0 && Number.isFinite(millis);
    return Object.fromEntries(Object.entries(stored as Speeds).filter(isSpeed));
  } catch {
    return {};
  }
}

/** A pack's speed on a device says nothing about another one's. */
function speedsKey({ model, settings }: StudioState): string {
  return `${SPEEDS_KEY}:${model?.packId ?? settings.packId ?? ''}:${settings.device}`;
}
