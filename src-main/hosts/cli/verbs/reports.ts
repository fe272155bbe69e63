import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParityThresholds } from '../../../../src-shared/contract/report-contract.ts';
import type { ReportEvent } from '../../../../src-shared/contract/report-results.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { EXIT_FAILED, EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

const SAMPLE_CLIP = fileURLToPath(new URL('../../../../resources/sample/tumble.mp4', import.meta.url));

/** Bounds of the customer's published parity cards; the last is ours: what a user sees. */
const DEFAULT_BOUNDS: ParityThresholds = {
  cosine: 0.999,
  meanAbsoluteError: 0.01,
  maxAbsoluteError: null,
  normRelativeError: 0.01,
  trimmedRelativeError: 0.01,
  agreement: null,
  maskIou: 0.99,
};

export type ReportKeys = Readonly<Record<string, keyof ParityThresholds | undefined>>;

interface OutputFlags {
  readonly out?: string;
  readonly overwrite?: boolean;
}

export interface EvalFlags extends OutputFlags {
  readonly truth: string;
  readonly allFrames?: boolean;
  readonly clicks?: number;
  readonly pack?: string;
  readonly device: string;
}

/** `eval PREDICTIONS --truth PATH`, or with `--clicks` the interactive protocol on a video. */
export function runEval(context: VerbContext, predictions: readonly string[], flags: EvalFlags): Promise<number> {
  const { engine, signal } = context;
  if (flags.clicks === undefined) {
    const wish = { truthPath: flags.truth, skipFirstAndLast: flags.allFrames !== true, ...outputOf(flags) };
    return show(context, engine.evaluate({ predictionPaths: [...predictions], ...wish }, { signal }));
  }
  if (predictions.length !== 1) throw usage('With --clicks give exactly one video, the one that is clicked.');
  const wish = {
    videoPath: resolve(predictions[0]),
    truthPath: resolve(flags.truth),
    clicks: flags.clicks,
    packId: flags.pack ?? null,
    device: flags.device,
  };
  return show(context, engine.evaluateClicks({ ...wish, ...outputOf(flags) }, { signal }));
}

/** `models list`. */
export async function runModelsList({ engine, output, signal }: VerbContext): Promise<number> {
  const packs = await engine.listPacks({}, { signal });
  const text = packs.map(({ id, kind, facts, problem, folder }) =>
    problem === null
      ? `${id.padEnd(24)}${kind.padEnd(11)}${facts.join(', ')}\n    ${folder}`
      : `${id.padEnd(24)}broken\n    ${problem}`,
  );
  output.result(text.join('\n'), { type: 'packs', packs });
  return EXIT_OK;
}

/** `models verify PACK`. */
export function runModelsVerify(context: VerbContext, packId: string, device: string): Promise<number> {
  return show(context, context.engine.verifyPack({ packId, device }, { signal: context.signal }));
}

export interface ParityFlags extends OutputFlags {
  readonly device: string;
  readonly to?: string;
  readonly other?: string;
  readonly video?: string;
  readonly frames: number;
  readonly bound: Partial<ParityThresholds>;
}

/** `models parity PACK`. */
export function runParity(context: VerbContext, packId: string, flags: ParityFlags): Promise<number> {
  const wish = {
    packId,
    device: flags.device,
    otherPackId: flags.other ?? null,
    otherDevice: flags.to ?? flags.device,
    videoPath: flags.video === undefined ? (existsSync(SAMPLE_CLIP) ? SAMPLE_CLIP : null) : resolve(flags.video),
    frames: flags.frames,
    thresholds: { ...DEFAULT_BOUNDS, ...flags.bound },
  };
  return show(context, context.engine.parity({ ...wish, ...outputOf(flags) }, { signal: context.signal }));
}

export interface BenchFlags extends OutputFlags {
  readonly device: string;
  readonly threads?: number;
  readonly batch: readonly number[];
  readonly warmUp: number;
  readonly repeats: number;
  readonly compare?: readonly string[];
}

/** `models bench PACK`, or `models bench --compare BEFORE AFTER`. */
export function runBench(context: VerbContext, packId: string | null, flags: BenchFlags): Promise<number> {
  const { engine, signal } = context;
  const { compare } = flags;
  if (compare !== undefined) {
    if (compare.length !== 2 || packId !== null)
      throw usage('Give two reports (folders or report.json files) after --compare and no pack.');
    const [beforePath, afterPath] = compare.map((path) => resolve(path));
    return show(context, engine.compareBenches({ beforePath, afterPath, ...outputOf(flags) }, { signal }));
  }
  if (packId === null) throw usage('Say which pack to time, for example "masklet models bench pebble".');
  const wish = {
    packId,
    device: flags.device,
    threads: flags.threads ?? null,
    batchSizes: [...flags.batch],
    warmUp: flags.warmUp,
    repeats: flags.repeats,
  };
  return show(context, engine.bench({ ...wish, ...outputOf(flags) }, { signal }));
}

export interface EmbedFlags extends OutputFlags {
  readonly pack: string;
  readonly device: string;
  readonly samples: number;
  readonly same?: boolean;
  readonly minSimilarity: number;
  readonly find?: string;
  readonly limit: number;
}

/** `models embed`: vectors, `--same` proposals, or `--find`. */
export function runEmbed(context: VerbContext, inputs: readonly string[], flags: EmbedFlags): Promise<number> {
  const { engine, signal } = context;
  const { samples, device } = flags;
  const wish = { packId: flags.pack, device, samples, ...outputOf(flags) };
  const paths = inputs.map((path) => resolve(path));
  if (flags.find !== undefined) {
    if (paths.length > 1) throw usage('With --find give one folder of sessions, or none for the library.');
    const search = { picturePath: resolve(flags.find), folder: paths[0] ?? null, limit: flags.limit };
    return show(context, engine.findByPicture({ ...wish, ...search }, { signal }));
  }
  if (flags.same === true) {
    if (paths.length !== 1) throw usage('With --same give exactly one session.');
    const { minSimilarity } = flags;
    return show(context, engine.proposeSame({ ...wish, sessionPath: paths[0], minSimilarity }, { signal }));
  }
  if (paths.length === 0) throw usage('Give pictures, folders of pictures or sessions to embed.');
  return show(context, engine.embed({ ...wish, inputPaths: paths }, { signal }));
}

export interface CocoFlags {
  readonly annotations: string;
  readonly images?: string;
  readonly pack: string;
  readonly device: string;
  readonly out: string;
  readonly scoreFilter: number;
  readonly maxImages?: number;
  readonly checkpointEvery: number;
  readonly warmUp: number;
  readonly evalOnly?: boolean;
  readonly overwrite?: boolean;
}

/** `models coco`. */
export function runCoco(context: VerbContext, flags: CocoFlags): Promise<number> {
  const wish = {
    annotationPath: resolve(flags.annotations),
    imageFolder: flags.images === undefined ? null : resolve(flags.images),
    packId: flags.pack,
    device: flags.device,
    scoreFilter: Math.max(0, flags.scoreFilter),
    maxImages: flags.maxImages ?? null,
    checkpointEvery: flags.checkpointEvery,
    warmUp: flags.warmUp,
    evalOnly: flags.evalOnly === true,
    outFolder: resolve(flags.out),
    overwrite: flags.overwrite === true,
  };
  return show(context, context.engine.cocoBenchmark(wish, { signal: context.signal }));
}

/** Progress, then the report; a broken promise is exit status 1. */
async function show({ output }: VerbContext, events: AsyncIterable<ReportEvent>): Promise<number> {
  const startedAt = performance.now();
  for await (const event of events) {
    if (event.kind === 'progress') {
      output.progress(event.label, event.done, event.total, startedAt, '');
      continue;
    }
    output.result(event.text, { type: 'report', ...event.report, files: event.files });
    for (const file of event.files) output.say(`Wrote ${file}`);
    return event.report.verdict === 'FAIL' ? EXIT_FAILED : EXIT_OK;
  }
  throw new StudioError('internal', 'bug', 'The measurement gave no report; try again.');
}

function outputOf({ out, overwrite }: OutputFlags) {
  return { outFolder: out === undefined ? null : resolve(out), overwrite: overwrite === true };
}

function usage(message: string): StudioError {
  return new StudioError('usage', 'user', message);
}
