import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Choose } from './verb-context.ts';
import { type ImportFlags, runImport } from './verbs/models.ts';
import type { ReportKeys } from './verbs/reports.ts';
import {
  type BenchFlags,
  type CocoFlags,
  type EmbedFlags,
  type EvalFlags,
  type ParityFlags,
  runBench,
  runCoco,
  runEmbed,
  runEval,
  runModelsList,
  runModelsVerify,
  runParity,
} from './verbs/reports.ts';

type WithJson<T> = T & { readonly json?: boolean };

/** The measuring verbs: `eval` and `models ...`. */
export function addReports(program: Command, choose: Choose, json: () => Option): void {
  addEval(program, choose, json);
  const models = program.command('models').description('model packs: list, verify, import, compare, time, embed, COCO');
  models
    .command('list')
    .description('installed packs and backbones')
    .addOption(json())
    .action((flags: WithJson<object>) => choose(flags.json, (context) => runModelsList(context)));
  models
    .command('verify <pack>')
    .description('check every file and graph of a pack, open it and run each graph once')
    .addOption(device())
    .addOption(json())
    .action((pack: string, flags: WithJson<{ device: string }>) =>
      choose(flags.json, (context) => runModelsVerify(context, pack, flags.device)),
    );
  addImport(models, choose, json);
  addParity(models, choose, json);
  addBench(models, choose, json);
  addEmbed(models, choose, json);
  addCoco(models, choose, json);
}

const device = () => new Option('--device <name>', 'cpu, auto, cuda, dml, coreml, webgpu').default('cpu');
const out = (command: Command) =>
  command
    .option('--out <dir>', 'write report.json, report.md and report.html there')
    .option('--overwrite', 'replace an earlier report there');

function addEval(program: Command, choose: Choose, json: () => Option): void {
  out(
    program
      .command('eval <predictions...>')
      .description('score sessions, PNG masks, COCO, YouTube-VIS or MOT files against ground truth')
      .requiredOption(
        '--truth <path>',
        'ground truth: a folder of PNG masks, COCO or YouTube-VIS JSON, MOT or MOTS text, a session',
      )
      .option('--all-frames', 'J and F on the first and last frame too (default: skipped, as DAVIS and SA-V do)')
      .option('--clicks <n>', 'interactive protocol: PREDICTIONS is the video, click and track up to n rounds', count)
      .option('--pack <id|folder>', 'with --clicks: model pack (default: the built-in one)')
      .addOption(device()),
  )
    .addOption(json())
    .action((predictions: string[], flags: WithJson<EvalFlags>) =>
      choose(flags.json, (context) => runEval(context, predictions, flags)),
    );
}

function addImport(models: Command, choose: Choose, json: () => Option): void {
  models
    .command('import <folder>')
    .description('install a pack, or the ONNX files of a public image export (transformers.js, samexporter)')
    .option('--id <name>', "the pack's id (default: its own; of an export the folder's name)")
    .addOption(json())
    .action((folder: string, flags: WithJson<ImportFlags>) =>
      choose(flags.json, (context) => runImport(context, folder, flags)),
    );
}

function addParity(models: Command, choose: Choose, json: () => Option): void {
  out(
    models
      .command('parity <pack>')
      .description('the same inputs on two devices or through two variants of a pack; exit 1 when a bound is broken')
      .addOption(device())
      .option('--to <device>', 'the device to compare (default: that of --device)')
      .option('--other <id|folder>', 'the pack to compare, e.g. an int8 variant (default: the same)')
      .option('--video <file>', 'frames to feed (default: the sample clip)')
      .option('--frames <n>', 'how many frames', count, 8)
      .option(
        '--bound <name=value>',
        `a bound, or "name=off": ${boundNames.join(', ')} (repeatable)`,
        collectBound,
        {},
      ),
  )
    .addOption(json())
    .action((pack: string, flags: WithJson<ParityFlags>) =>
      choose(flags.json, (context) => runParity(context, pack, flags)),
    );
}

function addBench(models: Command, choose: Choose, json: () => Option): void {
  out(
    models
      .command('bench [pack]')
      .description('time every phase of a pack, or compare two earlier reports')
      .addOption(device())
      .option('--threads <n>', 'intra-op threads', count)
      .option('--batch <list>', 'objects (backbones: pictures) of one call', counts, [1, 2, 4, 8])
      .option('--warm-up <n>', 'calls before the clock', wholeNumber, 10)
      .option('--repeats <n>', 'timed calls', count, 50)
      .option('--compare <files...>', 'two earlier runs (folders or report.json) instead of a pack'),
  )
    .addOption(json())
    .action((pack: string | undefined, flags: WithJson<BenchFlags>) =>
      choose(flags.json, (context) => runBench(context, pack ?? null, flags)),
    );
}

function addEmbed(models: Command, choose: Choose, json: () => Option): void {
  out(
    models
      .command('embed [inputs...]')
      .description('feature vectors of pictures or of the objects of sessions; what looks the same')
      .requiredOption('--pack <id|folder>', 'a backbone, or any pack (features of its image encoder)')
      .addOption(device())
      .option('--samples <n>', 'frames of each object that are looked at', count, 5)
      .option('--same', 'INPUTS is one session: which objects on both sides of a gap may be one')
      .option('--min-similarity <x>', 'with --same: cosine from which two look the same', fraction, 0.8)
      .option(
        '--find <picture>',
        'objects like this picture in the sessions of a folder (INPUTS; default: the library)',
      )
      .option('--limit <n>', 'with --find: how many', count, 20),
  )
    .addOption(json())
    .action((inputs: string[], flags: WithJson<EmbedFlags>) =>
      choose(flags.json, (context) => runEmbed(context, inputs, flags)),
    );
}

function addCoco(models: Command, choose: Choose, json: () => Option): void {
  models
    .command('coco')
    .description('every class name of a COCO file as a text prompt on every picture: AP of masks and boxes, times')
    .requiredOption('--annotations <file>', 'COCO ground truth')
    .option('--images <dir>', 'folder of the pictures')
    .option('--pack <id|folder>', 'a pack with text', 'pebble')
    .addOption(device())
    .requiredOption('--out <dir>', 'predictions, checkpoint and report; an interrupted run goes on from there')
    .option('--score-filter <x>', 'lowest score that is kept', fraction, 0.01)
    .option('--max-images <n>', 'only the n pictures of the smallest ids', count)
    .option('--checkpoint-every <n>', 'pictures between two savings', count, 50)
    .option('--warm-up <n>', 'pictures that are not in the times', wholeNumber, 3)
    .option('--eval-only', 'score the predictions of an earlier run anew')
    .option('--overwrite', 'begin anew and replace an earlier report')
    .addOption(json())
    .action((flags: WithJson<CocoFlags>) => choose(flags.json, (context) => runCoco(context, flags)));
}

/** Names of the bounds on the command line and in the contract. */
const boundKeys: ReportKeys = {
  cosine: 'cosine',
  mae: 'meanAbsoluteError',
  max: 'maxAbsoluteError',
  norm: 'normRelativeError',
  trimmed: 'trimmedRelativeError',
  agreement: 'agreement',
  iou: 'maskIou',
};
const boundNames = Object.keys(boundKeys);

function collectBound(text: string, previous: ParityFlags['bound']): ParityFlags['bound'] {
  const [name, value, ...rest] = text.split('=');
  const key = boundKeys[name];
  const bound = value === 'off' ? null : Number(value || Number.NaN);
  if (key === undefined || rest.length > 0 || Number.isNaN(bound)) {
    throw new InvalidArgumentError(`give one of ${boundNames.join(', ')} with a number or "off", as cosine=0.99.`);
  }
  return { ...previous, [key]: bound };
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('it is not a whole number from 1 on.');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('it is not a whole number from 0 on.');
}

function counts(text: string): number[] {
  return text.split(',').map(count);
}

function fraction(text: string): number {
  const value = Number(text);
  if (text !== '' && value >= -1 && value <= 1) return value;
  throw new InvalidArgumentError('it is not a number from -1 to 1.');
}
