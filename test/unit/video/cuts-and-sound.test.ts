import { describe, expect, it } from 'vitest';
import { pickCuts } from '../../../src-main/core/video/cuts/pick-cuts.ts';
import { PeakCounter } from '../../../src-main/core/video/sound/sound-peaks.ts';

const scoresWith = (spikes: Readonly<Record<number, number>>, rest = 0.01) =>
  Float32Array.from({ length: 60 }, (_, frame) => spikes[frame] ?? rest);

describe('cuts', () => {
  it('are where a frame differs far more than those around it', () => {
    expect([...pickCuts(scoresWith({ 20: 0.5, 40: 0.2 }))]).toEqual([20, 40]);
  });

  it('are neither motion, nor a flash, nor the first frame', () => {
    expect([...pickCuts(scoresWith({}, 0.2))]).toEqual([]);
    expect([...pickCuts(scoresWith({ 20: 0.5, 21: 0.5 }))]).toEqual([]);
    expect([...pickCuts(scoresWith({ 0: 0.9 }))]).toEqual([]);
  });
});

describe('peaks', () => {
  it('are the loudest sample of each hundredth of a second, wherever the stream is cut', () => {
    const samples = new Int16Array(240);
    samples[3] = -32_768;
    samples[85] = 12_800;
    samples[239] = 256;
    const bytes = Buffer.from(samples.buffer);
    for (const size of [480, 1, 7, 161]) {
      const counter = new PeakCounter();
      const peaks: number[] = [];
      for (let at = 0; at < bytes.length; at += size) peaks.push(...counter.take(bytes.subarray(at, at + size)));
      expect(peaks).toEqual([255, 100, 2]);
    }
  });
});
