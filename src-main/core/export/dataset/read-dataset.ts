import { z } from 'zod';
import type { DatasetFormatName } from '../../../../src-shared/contract/dataset-schemas.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { DatasetFormat, ReadItem } from './dataset-format.ts';
import { datasetFormats } from './dataset-formats.ts';
import { DatasetFiles } from './reading/dataset-files.ts';
import { parseJson } from './reading/parse-json.ts';
import { readOrSkip } from './reading/read-or-skip.ts';
import { SkipReport } from './reading/skip-report.ts';

export interface ReadJob {
  readonly path: string;
  /** null: recognised by its content. */
  readonly format: DatasetFormatName | null;
  readonly size: Size;
  readonly frameCount: number;
  readonly framesPerSec: number;
  /** As in `ReadSource`. */
  readonly wholeTracks: boolean;
  wants(frame: number, hasIdentity: boolean): boolean;
}

export interface ReadDataset {
  readonly format: DatasetFormatName;
  readonly items: AsyncGenerator<ReadItem, void, undefined>;
  readonly skipped: SkipReport;
  /** Names and classes by track, from the `provenance.json` of our own exports; empty elsewhere. */
  readonly objects: ReadonlyMap<string, { readonly name: string; readonly className: string }>;
}

const PROVENANCE = 'provenance.json';
const provenance = z.object({
  dataset: z.object({
    objects: z.array(z.object({ objectId: z.number(), name: z.string(), className: z.string() })),
  }),
});

/** The format of a dataset on disk. Throws as `readDataset`. */
export function recogniseDataset(path: string, format: DatasetFormatName | null): DatasetFormatName {
  return formatOf(new DatasetFiles(path), format).name;
}

/**
 * Opens a dataset for reading. Throws `file-missing`, `dataset-unknown` when no format recognises it, `dataset-empty` when the
 * named one finds nothing of its own there.
 */
export async function readDataset(job: ReadJob): Promise<ReadDataset> {
  const files = new DatasetFiles(job.path);
  const skipped = new SkipReport();
  const format = formatOf(files, job.format);
  const items = format.read({ ...job, files, skipped });
  return { format: format.name, skipped, items, objects: await readObjects(files) };
}

async function readObjects(files: DatasetFiles): Promise<ReadDataset['objects']> {
  if (!files.has(PROVENANCE) || !files.has('export.json')) return new Map();
  const found = await readOrSkip(new SkipReport(), async () =>
    parseJson(provenance, await files.text(PROVENANCE), PROVENANCE),
  );
  return new Map(found?.dataset.objects.map(({ objectId, ...object }) => [String(objectId), object]) ?? []);
}

function formatOf(files: DatasetFiles, wanted: DatasetFormatName | null): DatasetFormat {
  return wanted === null ? recognise(files) : named(wanted, files);
}

function recognise(files: DatasetFiles): DatasetFormat {
  const own = /"format": "([a-z0-9-]+)"/.exec(files.has('export.json') ? files.head('export.json') : '')?.[1];
  const format = Object.values(datasetFormats).find(({ name, recognises }) => name === own && recognises(files));
  const found = format ?? Object.values(datasetFormats).find(({ recognises }) => recognises(files));
  if (found !== undefined) return found;
  throw new StudioError(
    'dataset-unknown',
    'user',
    `${files.path} is no dataset of a known format, or one of several videos; say which format with --format, or point at the folder of one video.`,
  );
}

function named(name: DatasetFormatName, files: DatasetFiles): DatasetFormat {
  const format = datasetFormats[name];
  if (format.recognises(files)) return format;
  throw new StudioError(
    'dataset-empty',
    'user',
    `${files.path} holds nothing in the format ${name}; check the path, or leave the format out.`,
  );
}
