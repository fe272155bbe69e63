import {
  type DatasetOptions,
  type DatasetShape,
  datasetOptionsSchema,
  defaultDatasetOptions,
  type OverlapPolicy,
  type PictureKind,
} from '../../../src-shared/contract/dataset-schemas.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

/** The flags of `export` that choose what goes into a dataset, as typed. */
export interface DatasetFlags {
  readonly step?: string;
  readonly objects?: string;
  readonly classes?: string;
  readonly class: readonly string[];
  readonly onlyReviewed?: boolean;
  readonly shape?: DatasetShape;
  readonly overlap?: OverlapPolicy;
  readonly tolerance?: string;
  readonly val?: string;
  readonly images?: PictureKind;
}

/** Throws `usage` naming the flag and its form. */
export function parseDatasetOptions(flags: DatasetFlags): DatasetOptions {
  const options = {
    classes: flags.classes === undefined ? null : parseNames(flags.classes),
    classOf: flags.class.map(parseClass),
    objectIds: flags.objects === undefined ? null : flags.objects.split(',').map((id) => wholeNumber('--objects', id)),
    step: parseStep(flags.step),
    onlyReviewed: flags.onlyReviewed === true,
    shape: flags.shape ?? null,
    overlap: flags.overlap ?? null,
    tolerance:
      flags.tolerance === undefined ? defaultDatasetOptions.tolerance : decimal('--tolerance', flags.tolerance),
    valFraction: flags.val === undefined ? null : decimal('--val', flags.val),
    images: flags.images ?? null,
  };
  const parsed = datasetOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw usage(`--${FLAGS[String(path[0])] ?? String(path[0])} is not valid: ${message}.`);
}

const FLAGS: Readonly<Record<string, string>> = { objectIds: 'objects', classOf: 'class', valFraction: 'val' };

export function parseStep(value: string | undefined): number {
  const step = value === undefined ? 1 : wholeNumber('--step', value);
  if (step >= 1) return step;
  throw usage('--step counts frames: give 1 or more.');
}

/** Names between commas; one in double quotes may hold commas, and quotes as two. */
function parseNames(list: string): readonly string[] {
  const names = list.matchAll(/(?<=^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*?))\s*(?:,|$)/g);
  return [...names].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}

function parseClass(value: string): { readonly objectId: number; readonly className: string } {
  const match = /^(\d+)=(.+)$/.exec(value);
  if (match === null) throw usage(`--class "${value}" is not of the form ID=NAME (for example 1=player).`);
  return { objectId: Number(match[1]), className: match[2] };
}

/** A number of at most nine digits; throws `usage` naming the flag. */
export function wholeNumber(flag: string, value: string): number {
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value);
  throw usage(`${flag} "${value}" is not a whole number.`);
}

function decimal(flag: string, value: string): number {
  if (/^\d*\.?\d+$/.test(value)) return Number(value);
  throw usage(`${flag} "${value}" is not a number.`);
}

function usage(message: string): StudioError {
  return new StudioError('usage', 'user', message);
}
