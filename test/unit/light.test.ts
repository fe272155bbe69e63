import { describe, expect, test } from 'vitest';
import { lightOf, relit } from '../../src-main/core/tracking/light.ts';

/** Two pixels of red, three of green, four of blue say: channels are apart. */
const picture = Uint8Array.of(10, 100, 40, 30, 100, 80, 50, 130, 120, 70, 70, 160);

describe('light', () => {
  test('is mean and spread of each channel', () => {
    expect(lightOf(picture).mean).toEqual([40, 100, 100]);
    const [red, green, blue] = lightOf(picture).spread;
    expect(red).toBeCloseTo(Math.sqrt(500), 12);
    expect(green).toBeCloseTo(Math.sqrt(450), 12);
    expect(blue).toBeCloseTo(Math.sqrt(2000), 12);
  });

  test('of its own leaves a picture as it is, and the picture is never written', () => {
    const before = picture.slice();
    expect(relit(picture, lightOf(picture))).toEqual(before);
    relit(picture, { mean: [200, 200, 200], spread: [1, 1, 1] });
    expect(picture).toEqual(before);
  });

  test('of before is what a darker picture is brought back to', () => {
    const dark = picture.map((value) => Math.round(value * 0.6));
    const back = relit(dark, lightOf(picture));
    expect(Math.max(...back.map((value, at) => Math.abs(value - picture[at])))).toBeLessThanOrEqual(2);
  });

  test('changes no contrast by more than twice, and stays within bytes', () => {
    const flat = Uint8Array.of(100, 100, 100, 104, 100, 100);
    expect([...relit(flat, { mean: [102, 250, 0], spread: [50, 50, 50] })]).toEqual([98, 250, 0, 106, 250, 0]);
    expect([...relit(picture, { mean: [250, 0, 100], spread: [0, 0, 0] })].slice(0, 2)).toEqual([235, 0]);
  });
});
