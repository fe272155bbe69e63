import * as fixtures from './metrics-fixtures.ts';

/**
 * One wrong turn in the evaluation core or in the masks that it reads: in `file` (from the repository's root), `from` (found exactly once) becomes `to`; `compare` must notice. What the
 * fixtures leave open (six rules), test/unit/evaluation*.test.ts pins with values computed by hand.
 */
export interface Mutant {
  readonly compare: (api: fixtures.Api) => string[];
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const mutantsOf =
  (compare: Mutant['compare'], folder = 'src-main/core/evaluation') =>
  (file: string, from: string, to: string): Mutant => ({ compare, file: `${folder}/${file}.ts`, from, to });

const text = mutantsOf(fixtures.compareRle, 'src-shared/mask');
const rle = mutantsOf(fixtures.compareRle);
const jf = mutantsOf(fixtures.compareJf);
const hota = mutantsOf(fixtures.compareHota);
const base = mutantsOf(fixtures.compareHota, 'src-main/core/base');
const phota = mutantsOf(fixtures.comparePhota);
const identity = mutantsOf(fixtures.compareIdentity);
const clear = mutantsOf(fixtures.compareClearMot);
const coco = mutantsOf(fixtures.compareCoco);
const cgf1 = mutantsOf(fixtures.compareCgf1);

export const mutants: readonly Mutant[] = [
  // the order of pixels, the differences to the run two before, sign and continuation of the text
  text('coco-rle', 'transposeRuns(runs, mask.width', 'transposeRuns(runs, mask.height'),
  text('coco-counts', 'index > 2 ? counts[index]', 'index > 1 ? counts[index]'),
  text('coco-counts', 'rest !== -1', 'rest !== 0'),
  text('coco-counts', 'counts.length > 2', 'counts.length > 1'),
  text('coco-counts', 'if (bits & 0x10) value -= scale', 'if (bits & 0x20) value -= scale'),
  text('transpose-runs', 'if (top !== carried)', 'if (top)'),
  text('transpose-runs', 'if (top) at++', ''),
  rle('coco-rle', 'crowd[column] ? detection.area : detection', 'detection'),
  rle('coco-rle', 'crowd[column] ? own : own', 'own'),
  rle('coco-rle', "mode === 'union' ? 1 : masks.length", '1'),
  rle('mask-spans', 'left[i + 1] < right[j + 1]', 'left[i + 1] > right[j + 1]'),
  // which neighbours make a contour, how wide the disk is, which frames and objects count
  jf('region-contour', '(own ^ right) | (own ^ below) | (own ^ belowRight)', '(own ^ right) | (own ^ below)'),
  jf('region-contour', '(own ^ right) | (own ^ below) | (own ^ belowRight)', '(own ^ right) | (own ^ belowRight)'),
  jf('region-contour', '& ~lastColumn) |', ') |'),
  jf('region-contour', 'words[base + wordsPerRow + at] : own', 'words[base + wordsPerRow + at] : 0'),
  jf('region-contour', 'words[base + at + 1] << 31 : 0', '0 : 0'),
  jf('region-contour', 'Math.ceil(', 'Math.floor('),
  jf('region-contour', 'union === 0 ? 1', 'union === 0 ? 0'),
  jf('region-contour', 'ourLength === theirLength ? 1 : 0', '0'),
  jf('bit-rows', 'dy * dy > radius * radius', 'dy * dy > radius * radius + radius'),
  jf('bit-rows', 'dy > 0 && y >= dy', 'dy > 0 && y > dy'),
  jf('bit-rows', 'y + dy < height', 'y + dy < height - 1'),
  jf('bit-rows', 'words[base + left] >>> shift', '0'),
  jf('sequence-jf', 'if (maskArea(mask) === 0) continue;', 'if (!inTruth) continue;'),
  jf('sequence-jf', '.filter(([, track]) => track.inTruth)', ''),
  // alignment over the whole sequence, the strictness of a match, weights of the pooled numbers
  hota('hota', 'HOTA_ALPHAS[at] - Number.EPSILON', 'HOTA_ALPHAS[at] + Number.EPSILON'),
  hota('hota', '0.05 + index * 0.05', '0.05 + index * 0.0501'),
  hota('hota', 'nothing ? 1 :', 'nothing ? 0 :'),
  hota('hota', 'assA += (matches * matches)', 'assA += matches'),
  hota('hota', '[at] * score.perAlpha.tp[at]', '[at]'),
  hota('hota', 'Math.sqrt(value * assA[at]));\n  const owta', 'value * assA[at]);\n  const owta'),
  hota('tracking-frame', '.filter(([, spans]) => spans.area > 0)', '.filter(([, spans]) => spans.area > 40)'),
  base('assignment', "goal === 'max' ? -1 : 1", '1'),
  phota('phota', 'track.score > scoreThreshold', 'track.score >= scoreThreshold'),
  identity('identity', 'similarity[row][column] < threshold', 'similarity[row][column] <= threshold'),
  identity('identity', "predictionCount, of, 'max'", "predictionCount, of, 'min'"),
  clear('clear-mot', 'const KEEP_BONUS = 1000', 'const KEEP_BONUS = -1000'),
  clear('clear-mot', 'last !== undefined && last !== predictionId', 'last !== predictionId'),
  clear('clear-mot', 'threshold - Number.EPSILON', 'threshold + Number.EPSILON'),
  clear('clear-mot', 'counts.tp - counts.fp - counts.idSwitches', 'counts.tp - counts.fp'),
  // crowd, ties, size ranges, caps and interpolation of pycocotools
  coco('coco-match', 'taken[at] && !crowd', 'taken[at]'),
  coco('coco-match', 'truth.crowd || outside(truth.area)', 'outside(truth.area)'),
  coco('coco-match', 'b.score - a.score', 'b.score - a.score || -1'),
  coco('coco-match', 'iou[column] < bestIou', 'iou[column] <= bestIou'),
  coco('coco-match', 'outside(pair.detectionAreas[row]) ? 1 : 0', '0'),
  coco('coco-match', 'box === null ? maskArea(mask)', 'true ? maskArea(mask)'),
  coco('coco-ap', 'b.score - a.score', 'b.score - a.score || -1'),
  coco('coco-ap', 'recalls[at] < point * 0.01', 'recalls[at] <= point * 0.01'),
  coco('coco-ap', 'match.scores.slice(0, limit)', 'match.scores'),
  coco('coco-ap', 'if (counted === 0) return null;', ''),
  coco('iou-thresholds', 'index * STEP + 0.5', 'index * STEP + 0.501'),
  // what counts as positive, the evaluator's smoothing, the choice among annotators
  cgf1('cgf1-pairs', 'score >= SCORE_THRESHOLD', 'score > SCORE_THRESHOLD'),
  cgf1('cgf1-pairs', 'if (!exhaustive.has(imageId)) excluded.add(imageId)', ''),
  cgf1(
    'cgf1',
    'mean(current.instances.f1) > mean(best.instances.f1)',
    'mean(current.instances.f1) < mean(best.instances.f1)',
  ),
  cgf1('cgf1', 'const COUNT_EPSILON = 1e-4', 'const COUNT_EPSILON = 0'),
  cgf1('cgf1', 'if (!hasTruth || !hasPrediction) continue;', ''),
  cgf1('cgf1', '>= threshold', '> threshold + 0.01'),
];
