/** A rational number; `denominator` > 0. */
export interface Rational {
  readonly numerator: number;
  readonly denominator: number;
}

/** Parses `1/12800` or `30000:1001`; returns null for anything else or a zero denominator. */
export function parseRational(text: string): Rational | null {
  const match = /^(-?\d+)[/:](\d+)$/.exec(text.trim());
  if (match === null) return null;
  const numerator = Number(match[1]);
  const denominator = Number(match[2]);
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator === 0) return null;
  return { numerator, denominator };
}

/** Ticks of one timebase in ticks of another, exactly; NaN when that is no whole number of them. Products of nanoseconds pass 2^53. */
export function ticksInTimebase(ticks: number, from: Rational, to: Rational): number {
  const scaled = BigInt(ticks) * BigInt(from.numerator) * BigInt(to.denominator);
  const divisor = BigInt(from.denominator) * BigInt(to.numerator);
  return scaled % divisor === 0n ? Number(scaled / divisor) : Number.NaN;
}

/** Seconds for display only: decisions use ticks. */
export function ticksToSecs(ticks: number, timebase: Rational): number {
  return (ticks * timebase.numerator) / timebase.denominator;
}

/** `1:02:03.456` or `02:03.456`; milliseconds are truncated, a negative time keeps its sign. */
export function formatSecs(secs: number): string {
  const sign = secs < 0 ? '-' : '';
  const millis = Math.floor(Math.abs(secs) * 1000 + 1e-6);
  const hours = Math.floor(millis / 3_600_000);
  const minutes = Math.floor(millis / 60_000) % 60;
  const rest = `${String(minutes).padStart(2, '0')}:${String(Math.floor(millis / 1000) % 60).padStart(2, '0')}.${String(millis % 1000).padStart(3, '0')}`;
  return hours > 0 ? `${sign}${hours}:${rest}` : `${sign}${rest}`;
}
