import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import {
  type CocoGroundTruth,
  cocoDetectionsFromJson,
  cocoGroundTruthFromJson,
  describeCoco,
  readJson,
} from '../../evaluation/index.ts';
import type { PackRuntime } from '../../models/index.ts';
import {
  Checkpoint,
  type ImageResult,
  type ImageTimes,
  phaseTable,
  REPORT_FILE,
  type SummarisedImages,
  summarisedImagesSchema,
  summariseImages,
  writeWholeFile,
} from '../../reports/index.ts';
import type { CocoRequest, MediaRequest } from '../threads/report-contract.ts';
import { detectImages, knownPhrases } from './coco-images.ts';
import { machineFacts, openMeasured } from './measured-pack.ts';
import type { Progress } from './report-job.ts';

const CHECKPOINT = 'checkpoint.jsonl';
const PREDICTIONS = 'predictions.json';
/** Ids of the pictures that were worked on: one without a detection counts in AP as well. */
const IMAGES = 'predictions.images.json';

interface Detected {
  /** Entries of a COCO results file. */
  readonly results: unknown;
  readonly imageIds: readonly number[];
  readonly facts: readonly (readonly [string, string])[];
  readonly notes: readonly string[];
  readonly skipped: readonly Skipped[];
  readonly timing: SummarisedImages | null;
}

const skippedSchema = z.object({ imageId: z.number(), name: z.string(), reason: z.string() });
type Skipped = z.output<typeof skippedSchema>;
/** Pictures that a note names; `data` has them all. */
const MOST_NAMED = 20;

/** What a report keeps of the run when its predictions are scored again. */
const earlierReport = z.object({
  kind: z.literal('coco'),
  facts: z.array(z.tuple([z.string(), z.string()])),
  data: z.object({ timing: summarisedImagesSchema.nullable(), skipped: z.array(skippedSchema).default([]) }),
});

/** Detects (or, with `evalOnly`, reads what was detected) and scores masks and boxes. */
export async function runCocoBenchmark(request: CocoRequest, progress: Progress, signal: AbortSignal): Promise<Report> {
  const truth = cocoGroundTruthFromJson(await readJson(request.annotationPath));
  const detected = request.evalOnly ? await earlierRun(request, truth) : await detect(request, truth, progress, signal);
  const detections = cocoDetectionsFromJson(detected.results, truth.images);
  const { sections, data } = describeCoco(truth, detections, detected.imageIds);
  const { timing, skipped } = detected;
  const counts: Report['facts'] = [
    ['annotations', basename(request.annotationPath)],
    ['pictures', `${detected.imageIds.length} of ${truth.imageIds.length}`],
    ['detections', String(detections.length)],
  ];
  const counted = new Set(counts.map(([name]) => name));
  return {
    format: 1,
    kind: 'coco',
    title: 'COCO with text prompts',
    facts: [...counts, ...detected.facts.filter(([name]) => !counted.has(name))],
    verdict: null,
    sections: [sections[0], ...(timing === null ? [] : [phaseTable(timing)]), ...sections.slice(1)],
    notes: [
      ...detected.notes,
      ...(skipped.length === 0
        ? []
        : [`${skipped.length} pictures were left out and are not in the scores: ${namesOf(skipped)}.`]),
    ],
    data: { ...data, imageIds: detected.imageIds, timing, skipped },
  };
}

function namesOf(skipped: readonly Skipped[]): string {
  const named = skipped.slice(0, MOST_NAMED).map(({ name, reason }) => `${name} (${reason})`);
  return skipped.length > MOST_NAMED ? `${named.join(', ')} and others` : named.join(', ');
}

/** Without the list of pictures every picture of the ground truth counts: leaving out the empty ones would flatter. */
async function earlierRun({ outFolder }: CocoRequest, truth: CocoGroundTruth): Promise<Detected> {
  const report = await readJson(join(outFolder, REPORT_FILE)).catch(() => null);
  const earlier = earlierReport.safeParse(report).data;
  const results = await readPredictions(join(outFolder, PREDICTIONS));
  const { timing = null, skipped = [] } = earlier?.data ?? {};
  const run = { results, facts: earlier?.facts ?? [], timing, skipped };
  const text = await readFile(join(outFolder, IMAGES), 'utf8').catch(() => null);
  if (text !== null) return { ...run, imageIds: JSON.parse(text) as number[], notes: [] };
  const notes = [`${IMAGES} is not there, so every picture of the ground truth counts.`];
  return { ...run, imageIds: truth.imageIds, notes };
}

async function detect(
  request: CocoRequest,
  truth: CocoGroundTruth,
  progress: Progress,
  signal: AbortSignal,
): Promise<Detected> {
  const { imageFolder, tools, cacheFolder, outFolder, scoreFilter, warmUp } = request;
  if (imageFolder === null || tools === undefined || cacheFolder === undefined) {
    throw new StudioError(
      'usage',
      'user',
      'Give the folder of the pictures with --images, or --eval-only to score what was detected before.',
    );
  }
  const pack = await openMeasured(request.packFolder, { device: request.device, signal });
  await using _ = pack.runtime;
  if (pack.kind === 'backbone') {
    throw new StudioError(
      'concepts-unsupported',
      'user',
      `The backbone "${pack.runtime.pack.id}" finds nothing by name; give a pack with text.`,
    );
  }
  const { known, unknown } = await knownPhrases(pack.runtime, truth);
  const wanted = truth.images.toSorted((a, b) => a.id - b.id).slice(0, request.maxImages ?? truth.images.length);
  const checkpoint = new Checkpoint(join(outFolder, CHECKPOINT), await signatureOf(request, pack.runtime));
  if (request.overwrite) await checkpoint.remove();
  const done = new Map((await checkpoint.load()).map((each) => [each.imageId, each]));
  const rest = wanted.filter(({ id }) => !done.has(id));
  const resumed = wanted.length - rest.length;
  const times: ImageTimes[] = [];
  const skipped: Skipped[] = [];
  const media: MediaRequest = { tools, cacheFolder };
  const job = { runtime: pack.runtime, imageFolder, media, phrases: known, scoreFilter, signal };
  try {
    for await (const image of detectImages(job, rest)) {
      const { imageId } = image;
      if (image.kind === 'skipped') skipped.push({ imageId, name: image.name, reason: image.reason });
      else {
        const result = { imageId, results: image.results };
        checkpoint.add(result);
        done.set(imageId, result);
        times.push(image.times);
      }
      if (checkpoint.waiting >= request.checkpointEvery) await checkpoint.save();
      progress('detecting', resumed + times.length + skipped.length, wanted.length);
    }
  } finally {
    // Cancelled and failed runs keep what is done too.
    await checkpoint.save();
  }
  const kept = wanted.flatMap(({ id }) => done.get(id) ?? []);
  if (kept.length === 0 && skipped.length > 0) {
    throw new StudioError(
      'file-unreadable',
      'user',
      `None of the ${skipped.length} pictures could be used: ${namesOf(skipped)}; nothing was scored, check --images.`,
    );
  }
  await writePredictions(outFolder, kept);
  return {
    results: kept.flatMap(({ results }) => results),
    imageIds: kept.map(({ imageId }) => imageId),
    facts: [
      ['pack', pack.name],
      ['phrases', `${known.length} of ${truth.categories.length} classes`],
      ['score filter', `>= ${scoreFilter}`],
      await machineFacts(),
    ],
    notes: [
      ...pack.notes,
      ...(unknown.length === 0
        ? []
        : [`The pack has no word for ${unknown.length} classes, which count as not found: ${unknown.join(', ')}.`]),
      ...(resumed === 0 ? [] : [`${resumed} pictures came from the checkpoint of an earlier run.`]),
      ...(times.length > warmUp
        ? [`The first ${warmUp} pictures warm up and are not in the times.`]
        : ['Fewer pictures than warm-up: no times.']),
    ],
    skipped,
    timing: summariseImages(times.slice(warmUp), known.length),
  };
}

/** After the report was written: until then what was detected is worth keeping. */
export async function removeCheckpoint({ outFolder, evalOnly }: CocoRequest): Promise<void> {
  if (!evalOnly) await rm(join(outFolder, CHECKPOINT), { force: true });
}

/** What the detections depend on. */
async function signatureOf({ annotationPath, scoreFilter }: CocoRequest, { pack, provider }: PackRuntime) {
  const annotations = createHash('sha256')
    .update(await readFile(annotationPath))
    .digest('hex');
  return JSON.stringify({ packHash: pack.hash, device: provider.kind, annotations, scoreFilter });
}

async function writePredictions(folder: string, kept: readonly ImageResult[]): Promise<void> {
  await writeWholeFile(join(folder, PREDICTIONS), predictionsJson(kept));
  await writeWholeFile(join(folder, IMAGES), `${JSON.stringify(kept.map(({ imageId }) => imageId))}\n`);
}

/** Result by result: the file may be longer than a string can be. One without any is small, and is judged as it is. */
async function readPredictions(path: string): Promise<unknown> {
  const { readJsonValues } = await import('../../export/index.ts');
  const results: unknown[] = [];
  for await (const { value } of readJsonValues(path, ['[]'])) results.push(value);
  return results.length === 0 ? readJson(path) : results;
}

/** One list in parts, a picture each: the results of all are longer than a string can be. */
function* predictionsJson(kept: readonly ImageResult[]): Generator<string> {
  let separator = '[';
  for (const { results } of kept) {
    if (results.length === 0) continue;
    yield separator + JSON.stringify(results).slice(1, -1);
    separator = ',';
  }
  yield separator === '[' ? '[]\n' : ']\n';
}
