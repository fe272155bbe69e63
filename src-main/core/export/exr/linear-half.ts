/** Bits of the nearest IEEE 754 half of a number in [0, 1]. */
export function halfBits(value: number): number {
  if (value <= 0) return 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const mantissa = Math.round((value / 2 ** exponent) * 1024);
  // Numbers below 2^-14 are subnormal: their leading bit is not hidden. A mantissa that rounds up carries into the exponent.
  return mantissa < 1024 ? mantissa : ((exponent + 15) << 10) + mantissa - 1024;
}

/** Gamma-coded sRGB 0..255 to light 0..1 (IEC 61966-2-1). */
export function linearLight(code: number): number {
  const part = code / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

class LinearHalf {
  #colours: Uint16Array | null = null;
  readonly #alphas = Uint16Array.from({ length: 256 }, (_, alpha) => halfBits(alpha / 255));

  ofAlpha(alpha: number): number {
    return this.#alphas[alpha];
  }

  /** Light of a colour code, multiplied by its alpha. */
  ofColour(code: number, alpha: number): number {
    this.#colours ??= Uint16Array.from({ length: 65_536 }, (_, at) =>
      halfBits((linearLight(at >> 8) * (at & 255)) / 255),
    );
    return this.#colours[(code << 8) | alpha];
  }
}

/** Tables made once a process. */
export const linearHalf = new LinearHalf();
