import type { HdrTransfer } from '../../../../src-shared/domain/video-info.ts';

type Triple = readonly [number, number, number];

/** Nits of a diffuse white in HDR material (ITU-R BT.2408) and of the brightest highlight that is kept apart. */
const REFERENCE_WHITE_NITS = 203;
const PEAK_NITS = 1000;

/** Linear BT.2020 to linear BT.709 primaries (ITU-R BT.2087). */
const BT709_FROM_BT2020: readonly Triple[] = [
  [1.660491, -0.587641, -0.07285],
  [-0.12455, 1.1329, -0.008349],
  [-0.018151, -0.100579, 1.11873],
];

/**
 * A 3D table (text, `.cube`, red fastest) from HDR code values 0..1 (R'G'B' in BT.2020 with PQ or HLG) to SDR (BT.709, gamma
 * 2.4 display): nits relative to diffuse white, highlights rolled off by extended Reinhard on luminance, then the primaries.
 */
export function toneMapCube(hdr: HdrTransfer, side: number): string {
  const lines = [`TITLE "${hdr} to SDR"`, `LUT_3D_SIZE ${side}`];
  const step = side - 1;
  for (let blue = 0; blue < side; blue++)
    for (let green = 0; green < side; green++)
      for (let red = 0; red < side; red++) {
        const out = sdrFromHdr(hdr, [red / step, green / step, blue / step]);
        lines.push(out.map((value) => value.toFixed(6)).join(' '));
      }
  return `${lines.join('\n')}\n`;
}

/** One colour: HDR code values 0..1 to SDR code values 0..1. */
export function sdrFromHdr(hdr: HdrTransfer, code: Triple): Triple {
  const nits = hdr === 'pq' ? nitsFromPq(code) : nitsFromHlg(code);
  const relative = nits.map((value) => value / REFERENCE_WHITE_NITS);
  const luminance = luminance2020(relative as unknown as Triple);
  const mapped = rollOff(luminance);
  const gain = luminance > 0 ? mapped / luminance : 0;
  const [r, g, b] = relative.map((value) => value * gain) as unknown as Triple;
  return BT709_FROM_BT2020.map((row) => encodeSdr(row[0] * r + row[1] * g + row[2] * b)) as unknown as Triple;
}

/** Extended Reinhard: nearly unchanged in the shadows, PEAK_NITS becomes 1 (Reinhard et al. 2002, equation 4). */
function rollOff(luminance: number): number {
  const peak = PEAK_NITS / REFERENCE_WHITE_NITS;
  return Math.min(1, (luminance * (1 + luminance / (peak * peak))) / (1 + luminance));
}

function nitsFromPq(code: Triple): Triple {
  return code.map(pqNits) as unknown as Triple;
}

/** SMPTE ST 2084 EOTF, 0..10000 nits. */
export function pqNits(code: number): number {
  const m1 = 2610 / 16384;
  const m2 = (2523 / 4096) * 128;
  const c1 = 3424 / 4096;
  const c2 = (2413 / 4096) * 32;
  const c3 = (2392 / 4096) * 32;
  const power = code ** (1 / m2);
  return 10_000 * (Math.max(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1);
}

/** ITU-R BT.2100 HLG: inverse OETF, then the OOTF of a 1000-nit display (system gamma 1.2). */
function nitsFromHlg(code: Triple): Triple {
  const scene = code.map(hlgScene) as unknown as Triple;
  const luminance = luminance2020(scene);
  const gain = luminance > 0 ? PEAK_NITS * luminance ** 0.2 : 0;
  return scene.map((value) => value * gain) as unknown as Triple;
}

/** Scene light 0..1 of one HLG code value. */
export function hlgScene(code: number): number {
  const a = 0.17883277;
  const b = 1 - 4 * a;
  const c = 0.5 - a * Math.log(4 * a);
  return code <= 0.5 ? (code * code) / 3 : (Math.exp((code - c) / a) + b) / 12;
}

function luminance2020(rgb: Triple): number {
  return 0.2627 * rgb[0] + 0.678 * rgb[1] + 0.0593 * rgb[2];
}

/** Inverse of the BT.1886 display gamma. */
function encodeSdr(linear: number): number {
  return Math.min(1, Math.max(0, linear)) ** (1 / 2.4);
}
