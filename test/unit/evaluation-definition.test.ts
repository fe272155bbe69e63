import { describe, expect, it } from 'vitest';
import { type PhrasePair, type PhraseVideo, scoreCgf1, scorePhota } from '../../src-main/core/evaluation/index.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';

/**
 * cgF1 and pHOTA once more, from their definitions: every matching tried out, every true positive looked at by itself, no code in
 * common with what is tested. `wrong` names the mutations that must be noticed.
 */
type Wrong = 'greedy' | 'all-false-positives' | 'mean-of-pairs' | 'no-alignment' | null;

function randoms(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Every way to give some rows a column of their own, as many as there can be. */
function matchings(rows: number, columns: number): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [];
  const extend = (row: number, taken: (readonly [number, number])[]) => {
    if (row === rows) {
      if (taken.length === Math.min(rows, columns)) found.push(taken);
      return;
    }
    extend(row + 1, taken);
    for (let column = 0; column < columns; column++) {
      if (!taken.some(([, other]) => other === column)) extend(row + 1, [...taken, [row, column]]);
    }
  };
  extend(0, []);
  return found;
}

function bestMatching(worth: readonly (readonly number[])[], rows: number, columns: number, wrong: Wrong) {
  const total = (pairs: readonly (readonly [number, number])[]) => pairs.reduce((sum, [r, c]) => sum + worth[r][c], 0);
  if (wrong !== 'greedy') return matchings(rows, columns).reduce((a, b) => (total(b) > total(a) + 1e-12 ? b : a), []);
  const taken: (readonly [number, number])[] = [];
  for (let row = 0; row < rows; row++) {
    const free = Array.from({ length: columns }, (_, c) => c).filter((c) => !taken.some(([, other]) => other === c));
    if (free.length > 0) taken.push([row, free.reduce((a, b) => (worth[row][b] > worth[row][a] ? b : a))]);
  }
  return taken;
}

const thresholds = Array.from({ length: 10 }, (_, at) => 0.5 + 0.05 * at);
const tiny = 1e-4;
const f1Of = (precision: number, recall: number) => (2 * precision * recall) / (precision + recall + tiny);

function cgf1ByDefinition(pairs: readonly PhrasePair[], wrong: Wrong = null): number {
  const counts = pairs.map(({ predictionCount, annotators }) => {
    const options = annotators.map(({ truthCount, iou }) => {
      const matched = bestMatching(iou, predictionCount, truthCount, wrong);
      const hits = thresholds.map((bar) => matched.filter(([p, t]) => iou[p][t] >= bar).length);
      const f1 = hits.map((tp) => f1Of(tp / (predictionCount + tiny), tp / (truthCount + tiny)));
      return { hits, truthCount, predictionCount, quality: f1.reduce((sum, value) => sum + value, 0) };
    });
    const agreed = options.findLast(({ truthCount }) => truthCount + predictionCount === 0);
    return agreed ?? options.reduce((a, b) => (b.quality > a.quality ? b : a));
  });
  const images = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (const { truthCount, predictionCount } of counts) {
    images[truthCount > 0 ? (predictionCount > 0 ? 'tp' : 'fn') : predictionCount > 0 ? 'fp' : 'tn']++;
  }
  const { tp, fp, fn, tn } = images;
  const mcc = (tp * tn - fp * fn) / (Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) + 1e-6);
  const perBar = thresholds.map((_, at) => {
    let [hits, misses, extras] = [0, 0, 0];
    for (const each of counts) {
      hits += each.hits[at];
      misses += each.truthCount - each.hits[at];
      const positive = each.truthCount > 0 || wrong === 'all-false-positives';
      if (positive) extras += each.predictionCount - each.hits[at];
    }
    return f1Of(hits / (hits + extras + tiny), hits / (hits + misses + tiny)) * mcc;
  });
  return perBar.reduce((sum, value) => sum + value, 0) / perBar.length;
}

function phrasePairs(seed: number): PhrasePair[] {
  const random = randoms(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  return Array.from({ length: 12 }, () => {
    const predictionCount = upTo(4);
    const annotators = Array.from({ length: 1 + upTo(2) }, () => {
      const truthCount = upTo(4);
      const iou = Array.from({ length: predictionCount }, () => Array.from({ length: truthCount }, () => random()));
      return { truthCount, iou };
    });
    return { predictionCount, annotators };
  });
}

const [width, height, frameCount] = [9, 7, 6];
const alphas = Array.from({ length: 19 }, (_, at) => 0.05 + at * 0.05);

interface DrawnVideo {
  /** [frame] track id -> pixels. */
  readonly truth: readonly Map<number, Uint8Array>[];
  readonly prediction: readonly Map<number, Uint8Array>[];
  readonly scores: ReadonlyMap<number, number>;
}

/** Boxes that wander; predictions follow them inexactly, swap, come and go; some tracks score too low, some masks are empty. */
function drawnVideo(seed: number): DrawnVideo {
  const random = randoms(seed);
  const box = (x: number, y: number, side: number) =>
    Uint8Array.from({ length: width * height }, (_, at) => {
      const [dx, dy] = [(at % width) - x, Math.floor(at / width) - y];
      return dx >= 0 && dy >= 0 && dx < side && dy < side ? 1 : 0;
    });
  const things = Array.from({ length: 1 + (seed % 3) }, () => [random() * 6, random() * 4, 2 + random() * 2]);
  const truth: Map<number, Uint8Array>[] = [];
  const prediction: Map<number, Uint8Array>[] = [];
  for (let frame = 0; frame < frameCount; frame++) {
    truth.push(new Map());
    prediction.push(new Map());
    things.forEach((thing, id) => {
      thing[0] += random() - 0.5;
      thing[1] += random() - 0.5;
      if (random() < 0.85) truth[frame].set(id + 1, box(thing[0], thing[1], thing[2]));
      const seen = random() < 0.15 ? 20 : 10;
      if (random() < 0.85) prediction[frame].set(seen + id, box(thing[0] + random() - 0.5, thing[1], thing[2]));
    });
    if (random() < 0.3) prediction[frame].set(30, box(random() * 5, random() * 4, 3));
    if (random() < 0.3) prediction[frame].set(10, new Uint8Array(width * height));
  }
  const scores = new Map([10, 11, 12, 20, 21, 22, 30].map((id) => [id, id === 22 ? 0.5 : 0.3 + random() * 0.7]));
  return { truth, prediction, scores };
}

function iouOf(a: Uint8Array, b: Uint8Array): number {
  let [both, any] = [0, 0];
  a.forEach((pixel, at) => {
    both += pixel & b[at];
    any += pixel | b[at];
  });
  return any === 0 ? 0 : both / any;
}

function photaByDefinition(videos: readonly DrawnVideo[], wrong: Wrong = null): number {
  const pooled = alphas.map(() => ({ tp: 0, fp: 0, fn: 0, association: 0 }));
  const single: number[] = [];
  for (const { truth, prediction, scores } of videos) {
    const shown = (tracks: Map<number, Uint8Array>) => [...tracks].filter(([, pixels]) => pixels.includes(1));
    const frames = truth.map((tracks, frame) => {
      const real = shown(tracks);
      const found = shown(prediction[frame]).filter(([id]) => scores.get(id)! > 0.5);
      return { real, found, iou: real.map(([, a]) => found.map(([, b]) => iouOf(a, b))) };
    });
    const lifeOf = (id: number, side: 'real' | 'found') =>
      frames.filter((frame) => frame[side].some(([other]) => other === id)).length;
    if (frames.every(({ real, found }) => real.length + found.length === 0)) continue;
    // How well two tracks fit over the video, softly.
    const together = (a: number, b: number) => {
      let sum = 0;
      for (const { real, found, iou } of frames) {
        const [row, column] = [real.findIndex(([id]) => id === a), found.findIndex(([id]) => id === b)];
        if (row === -1 || column === -1 || iou[row][column] === 0) continue;
        const [across, down] = [iou[row].reduce((s, v) => s + v, 0), iou.reduce((s, line) => s + line[column], 0)];
        sum += iou[row][column] / (across + down - iou[row][column]);
      }
      return sum / (lifeOf(a, 'real') + lifeOf(b, 'found') - sum);
    };
    const pairsOf = frames.map(({ real, found, iou }) => {
      const suits = (row: number, column: number) =>
        wrong === 'no-alignment' ? 1 : together(real[row][0], found[column][0]);
      const worth = iou.map((line, row) => line.map((value, column) => value * suits(row, column)));
      return bestMatching(worth, real.length, found.length, wrong).map(([row, column]) => ({
        a: real[row][0],
        b: found[column][0],
        iou: iou[row][column],
      }));
    });
    const [reals, founds] = [
      frames.reduce((sum, { real }) => sum + real.length, 0),
      frames.reduce((sum, { found }) => sum + found.length, 0),
    ];
    const curve = alphas.map((alpha, at) => {
      const hits = pairsOf.flat().filter(({ iou }) => iou >= alpha - 2 ** -52);
      let association = 0;
      for (const hit of hits) {
        const same = hits.filter(({ a, b }) => a === hit.a && b === hit.b).length;
        association += same / (lifeOf(hit.a, 'real') + lifeOf(hit.b, 'found') - same);
      }
      pooled[at].tp += hits.length;
      pooled[at].fn += reals - hits.length;
      pooled[at].fp += founds - hits.length;
      pooled[at].association += association;
      const detection = hits.length / (reals + founds - hits.length);
      return hits.length === 0 ? 0 : Math.sqrt((detection * association) / hits.length);
    });
    single.push(curve.reduce((sum, value) => sum + value, 0) / curve.length);
  }
  if (wrong === 'mean-of-pairs') return single.reduce((sum, value) => sum + value, 0) / single.length;
  const curve = pooled.map(({ tp, fp, fn, association }) =>
    tp === 0 ? 0 : Math.sqrt((tp / (tp + fp + fn)) * (association / tp)),
  );
  return curve.reduce((sum, value) => sum + value, 0) / curve.length;
}

function phraseVideo({ truth, prediction, scores }: DrawnVideo, at: number): PhraseVideo {
  const masks = (frames: DrawnVideo['truth']) =>
    frames.map((tracks) => new Map([...tracks].map(([id, pixels]) => [id, rleFromBitmap(pixels, width, height)])));
  const tracks = [...scores].map(([trackId, score]) => ({ trackId, score }));
  return { videoId: `v${at}`, phrase: 'thing', truth: masks(truth), prediction: masks(prediction), tracks };
}

const seeds = Array.from({ length: 24 }, (_, at) => at + 1);
const videosOf = (seed: number) => [seed, seed + 100, seed + 200, seed + 300].map(drawnVideo);

describe('cgF1 is what its definition says', () => {
  it.each(seeds)('for random pairs, several annotators (%i)', (seed) => {
    const pairs = phrasePairs(seed);
    expect(scoreCgf1(pairs).mean.cgF1).toBeCloseTo(cgf1ByDefinition(pairs), 10);
  });

  it.each(['greedy', 'all-false-positives'] as const)('and would be told from %s', (wrong) => {
    const apart = seeds.map(
      (seed) => scoreCgf1(phrasePairs(seed)).mean.cgF1 - cgf1ByDefinition(phrasePairs(seed), wrong),
    );
    expect(apart.filter((difference) => Math.abs(difference) > 1e-6).length).toBeGreaterThan(seeds.length / 4);
  });
});

describe('pHOTA is what its definition says', () => {
  it.each(seeds)('for random tracks, pooled over four videos (%i)', (seed) => {
    const videos = videosOf(seed);
    expect(scorePhota(videos.map(phraseVideo)).pooled.mean.hota).toBeCloseTo(photaByDefinition(videos), 10);
  });

  it.each(['mean-of-pairs', 'no-alignment'] as const)('and would be told from %s', (wrong) => {
    const apart = seeds.map((seed) => {
      const videos = videosOf(seed);
      return scorePhota(videos.map(phraseVideo)).pooled.mean.hota - photaByDefinition(videos, wrong);
    });
    expect(apart.filter((difference) => Math.abs(difference) > 1e-6).length).toBeGreaterThan(1);
  });
});
