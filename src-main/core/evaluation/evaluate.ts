import type { Report } from '../../../src-shared/contract/report-results.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { cocoDetectionsFromJson, cocoGroundTruthFromJson } from './coco-json.ts';
import { describeCoco, phraseTables } from './report/coco-report.ts';
import { videoNotes } from './report/video-notes.ts';
import { describeVideos } from './report/video-report.ts';
import { type PhraseScore, scorePhrases } from './score-phrases.ts';
import { scoreVideo, type VideoScore } from './score-video.ts';
import type { BoxSequence, MaskSequence } from './sources/mask-sequence.ts';
import type { EvaluationSource } from './sources/open-source.ts';
import { pairFrames } from './sources/pair-frames.ts';
import { readYtvisResults, type YtvisFile } from './sources/ytvis-json.ts';

type Sequence = MaskSequence | BoxSequence;

/** A source and what a person called it. */
export interface NamedSource {
  readonly name: string;
  readonly source: EvaluationSource;
  /** Plain sentences about it that belong in the report. */
  readonly notes: readonly string[];
}

export interface EvaluateRequest {
  /** Several: one video each. */
  readonly predictions: readonly NamedSource[];
  readonly truth: NamedSource;
  readonly skipFirstAndLast: boolean;
  readonly signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

/**
 * Scores predictions against ground truth with every measure that both sides carry. Throws `usage` when the two do not fit
 * together, `file-unreadable`, `mask-corrupt`, `cancelled`.
 */
export async function evaluate(request: EvaluateRequest): Promise<Report> {
  const { truth, predictions } = request;
  const body = truth.source.kind === 'coco' ? evaluateImages(request) : await evaluateVideos(request);
  return {
    format: 1,
    kind: 'eval',
    title: 'Evaluation',
    facts: [
      ['prediction', predictions.map(({ name }) => name).join(', ')],
      ['ground truth', truth.name],
      ...body.facts,
    ],
    ...(body.headline === undefined ? {} : { headline: body.headline }),
    verdict: null,
    sections: body.sections,
    notes: [...truth.notes, ...predictions.flatMap(({ notes }) => notes), ...body.notes],
    data: body.data,
  };
}

type Body = Pick<Report, 'facts' | 'headline' | 'sections' | 'notes' | 'data'>;

function evaluateImages({ truth, predictions }: EvaluateRequest): Body {
  const [{ source, name }] = predictions;
  if (truth.source.kind !== 'coco' || source.kind !== 'coco-results' || predictions.length !== 1) {
    throw doNotFit(
      name,
      'a COCO ground truth is scored against one COCO results file (a JSON list of detections). If its pictures are the frames of a video, import it with --as truth and score with that session',
    );
  }
  const groundTruth = cocoGroundTruthFromJson(truth.source.json);
  const detections = cocoDetectionsFromJson(source.json, groundTruth.images);
  const { sections, data } = describeCoco(groundTruth, detections);
  return {
    facts: [
      ['images', String(groundTruth.imageIds.length)],
      ['annotations', String(groundTruth.truths.length)],
      ['detections', String(detections.length)],
    ],
    sections,
    notes: [],
    data,
  };
}

async function evaluateVideos(request: EvaluateRequest): Promise<Body> {
  const { truth, skipFirstAndLast, signal, onProgress } = request;
  const truths = sequencesOf(truth, null);
  const file = truth.source.kind === 'ytvis' ? truth.source.file : null;
  const predictions = request.predictions.flatMap((prediction) => sequencesOf(prediction, file));
  requireOneEach(predictions);
  const pairs = pairVideos(truths, predictions);
  const total = pairs.reduce((sum, pair) => sum + pairFrames(pair.truth, pair.prediction).length, 0);
  let done = 0;
  const onFrame = () => onProgress(++done, total);
  const scores: VideoScore[] = [];
  for (const pair of pairs) {
    scores.push(await scoreVideo(pair.truth, pair.prediction, { skipFirstAndLast, signal, onFrame }));
  }
  const phrases = file === null ? null : await scorePhrases(masksOnly(pairs), file.asked, signal);
  const left = { predictions: predictions.length - pairs.length, truths: truths.length - pairs.length };
  return describe(scores, phrases, left, request);
}

function describe(
  scores: readonly VideoScore[],
  phrases: PhraseScore | null,
  left: { readonly predictions: number; readonly truths: number },
  { skipFirstAndLast }: EvaluateRequest,
): Body {
  const { headline, sections, data } = describeVideos(scores);
  const scored = skipFirstAndLast ? 'first and last frame skipped (DAVIS, SA-V)' : 'every frame';
  const notes = [...videoNotes(scores)];
  if (left.predictions > 0)
    notes.push(`${left.predictions} predicted videos have no ground truth and were not scored.`);
  if (left.truths > 0)
    notes.push(`${left.truths} videos of the ground truth have no prediction and are not in these numbers.`);
  return {
    facts: [
      ['videos', String(scores.length)],
      ['frames', String(scores.reduce((sum, { frameCount }) => sum + frameCount, 0))],
      ['J and F on', scored],
    ],
    headline,
    sections: phrases === null ? sections : [...phraseTables(phrases), ...sections],
    notes,
    data: phrases === null ? data : { ...data, phota: phrases.phota, cgf1: phrases.cgf1 },
  };
}

function sequencesOf({ name, source }: NamedSource, truth: YtvisFile | null): readonly Sequence[] {
  if (source.kind === 'videos') return source.sequences;
  if (source.kind === 'ytvis') return source.file.sequences;
  if (source.kind === 'ytvis-results' && truth !== null) return readYtvisResults(source.json, source.path, truth);
  // Of a list without results nothing tells what it is: a tracker found nothing.
  if (isEmptyList(source) && truth !== null) return readYtvisResults([], name, truth);
  if (source.kind === 'coco') throw doNotFit(name, 'a COCO file with pictures is a ground truth; give it with --truth');
  throw doNotFit(name, 'a results list is scored against the ground-truth file that it was made for');
}

function isEmptyList(source: EvaluationSource): boolean {
  return source.kind === 'coco-results' && Array.isArray(source.json) && source.json.length === 0;
}

/** Two predictions of one video are two reports: which of them would be scored is for nobody to guess. */
function requireOneEach(predictions: readonly Sequence[]): void {
  const seen = new Set<string>();
  for (const { name } of predictions) {
    if (seen.has(name)) {
      throw new StudioError(
        'usage',
        'user',
        `More than one prediction is of the video "${name}"; nothing was scored, score them one after the other.`,
      );
    }
    seen.add(name);
  }
}

interface VideoPair {
  readonly truth: Sequence;
  readonly prediction: Sequence;
}

/** By name; one against one needs no names. */
function pairVideos(truths: readonly Sequence[], predictions: readonly Sequence[]): VideoPair[] {
  if (truths.length === 1 && predictions.length === 1) return [{ truth: truths[0], prediction: predictions[0] }];
  const byName = new Map(predictions.map((prediction) => [prediction.name, prediction]));
  const named = predictions.filter(({ name }) => truths.some((truth) => truth.name === name));
  if (named.length === 0) {
    throw new StudioError(
      'usage',
      'user',
      `No predicted video is one of the ground truth's (${names(predictions)} against ${names(truths)}); give them the same names.`,
    );
  }
  return truths.flatMap((truth) => {
    const prediction = byName.get(truth.name);
    return prediction === undefined ? [] : [{ truth, prediction }];
  });
}

function masksOnly(pairs: readonly VideoPair[]) {
  return pairs.flatMap(({ truth, prediction }) =>
    truth.kind === 'masks' && prediction.kind === 'masks' ? [{ truth, prediction }] : [],
  );
}

function names(sequences: readonly Sequence[]): string {
  const shown = sequences.slice(0, 3).map(({ name }) => name);
  return `${shown.join(', ')}${sequences.length > shown.length ? ', ...' : ''}`;
}

function doNotFit(name: string, rule: string): StudioError {
  return new StudioError('usage', 'user', `${name} cannot be scored here: ${rule}.`);
}
