import { type Command, InvalidArgumentError, Option } from 'commander';
import { outputCodecNames, renderLookSchema, renderStyleNames } from '../../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { parseRange } from '../parse-prompts.ts';
import type { VerbContext } from '../verb-context.ts';
import { report } from './write-outputs.ts';

export interface RenderFlags {
  readonly out?: string;
  readonly style: (typeof renderStyleNames)[number];
  readonly codec?: (typeof outputCodecNames)[number];
  readonly objects?: readonly number[];
  readonly colour?: string;
  readonly strength?: number;
  readonly dilate?: number;
  readonly hold?: number;
  readonly certainty?: number;
  readonly tail?: number;
  /** false: `--no-labels` was given. */
  readonly labels: boolean;
  readonly range?: string;
  readonly overwrite?: boolean;
}

const EXAMPLES = `
Styles:
  overlay outline box      objects in their colours, with labels
  heat                     objects coloured by the model's confidence
  trails                   where objects have been
  spotlight desaturate     everything else dimmed, or grey
  cutout                   objects on green, on a colour, or on nothing (--colour alpha)
  blur pixelate            objects made unrecognisable to the eye (not a redaction)
  redact                   objects covered for good; covers more where masks are missing or doubtful, and writes a report
  side-by-side             source left, overlay right
  crop matte               one output an object: a window that follows it; white on black

Examples:
  masklet render match.masklet --style spotlight --objects 1,3
  masklet render match.masklet --style cutout --colour alpha --codec prores --out match.mov
  masklet render match.masklet --style redact --dilate 10 --hold 12 --out match_redacted.mp4
  masklet render match.masklet --style pixelate --strength 0.8 --codec hevc
  masklet render match.masklet --style matte --codec png --out mattes --range 100:200`;

/** Adds the options and the help of `render`. */
export function addRenderOptions(command: Command): Command {
  return command
    .option(
      '--out <file>',
      'output file, or folder for pictures (default: named after video and style, beside the session)',
    )
    .addOption(new Option('--style <name>', 'look').choices(renderStyleNames).default('overlay'))
    .addOption(new Option('--codec <name>', 'h264; prores for alpha (default)').choices(outputCodecNames))
    .option('--objects <ids>', 'only these objects, for example 1,3', parseIds)
    .option('--colour <#rrggbb|green|alpha>', 'colour of objects, background or cover')
    .option('--strength <0..1>', 'opacity, depth of dimming, coarseness', parseNumber)
    .option(
      '--dilate <pixels>',
      'grow what blur, pixelate and redact cover (pixels of a 1080-line picture)',
      parseNumber,
    )
    .option('--hold <frames>', 'redact: go on covering before and after an absence', parseNumber)
    .option('--certainty <0..1>', 'redact: masks scored below are doubtful', parseNumber)
    .option('--tail <frames>', 'trails: how far back', parseNumber)
    .option('--no-labels', 'no name chips')
    .option('--range <a:b>', 'frames to render, both ends included')
    .option('--overwrite', 'replace an existing output')
    .addHelpText('after', EXAMPLES);
}

/** `render SESSION`: annotated video, pictures or mattes. */
export function runRender(context: VerbContext, sessionPath: string, flags: RenderFlags): Promise<number> {
  const { out, codec, objects, labels, range, overwrite, style, ...numbers } = flags;
  const options = { style, objectIds: objects ?? null, labels: labels ? null : false };
  const look = renderLookSchema.safeParse({ ...pick(numbers), ...options });
  if (!look.success) {
    const issue = look.error.issues[0];
    throw new StudioError('usage', 'user', `--${issue.path.join('.')} is not valid: ${issue.message}.`);
  }
  const input = {
    ...look.data,
    sessionPath,
    outPath: out ?? null,
    codec: codec ?? null,
    range: parseRange(range),
    overwrite: overwrite === true,
  };
  return report(context, `rendering ${style}`, context.engine.render(input, { signal: context.signal }));
}

function pick({ colour, strength, dilate, hold, certainty, tail }: Partial<RenderFlags>) {
  return { colour, strength, dilate, hold, certainty, tail };
}

function parseIds(value: string): readonly number[] {
  if (!/^\d+(,\d+)*$/.test(value)) throw new InvalidArgumentError('give object numbers, for example 1,3.');
  return value.split(',').map(Number);
}

function parseNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('give a number.');
  return number;
}
