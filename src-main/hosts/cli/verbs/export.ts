import type { DatasetFormatName } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { ExportEvent } from '../../../../src-shared/contract/results.ts';
import { EXIT_OK } from '../exit-status.ts';
import { type DatasetFlags, parseDatasetOptions } from '../parse-dataset-options.ts';
import { parseRange } from '../parse-prompts.ts';
import { sourceStatus } from '../source-status.ts';
import type { VerbContext } from '../verb-context.ts';

export interface ExportFlags extends DatasetFlags {
  readonly format: DatasetFormatName;
  readonly out: string;
  readonly range?: string;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
}

const PHASES = {
  looking: 'looking for losses',
  writing: 'writing',
  pictures: 'writing pictures',
  checking: 'masks read back:',
} as const;

/** `export SESSION`: a dataset. What will be lost goes to stderr before anything is written. */
export async function runExport(context: VerbContext, sessionPath: string, flags: ExportFlags): Promise<number> {
  const input = {
    sessionPath,
    outFolder: flags.out,
    format: flags.format,
    range: parseRange(flags.range),
    options: parseDatasetOptions(flags),
    overwrite: flags.overwrite === true,
    dryRun: flags.dryRun === true,
  };
  let phase = '';
  let status = EXIT_OK;
  let startedAt = performance.now();
  for await (const event of context.engine.exportDataset(input, { signal: context.signal })) {
    if (event.kind === 'progress' && event.phase !== phase) {
      phase = event.phase;
      startedAt = performance.now();
    }
    show(context, event, startedAt);
    if (event.kind === 'written') status = sourceStatus(context.output, event.truncated, 'exported');
  }
  return status;
}

function show({ output }: VerbContext, event: ExportEvent, startedAt: number): void {
  if (event.kind === 'progress') {
    const unit = event.phase === 'checking' ? '' : 'frames';
    output.progress(PHASES[event.phase], event.done, event.total, startedAt, unit);
  }
  if (event.kind === 'losses') {
    const losses = event.losses.map(({ text }) => text);
    for (const loss of losses) output.say(`note: ${loss}`);
    output.line({ type: 'losses', losses });
  }
  if (event.kind === 'written') {
    const { path, files, frames, masks, checked, truncated } = event;
    const notes = event.notes.map(({ text }) => text);
    const iou = checked.lowestIou === null ? '' : `, lowest IoU ${checked.lowestIou.toFixed(4)}`;
    output.say(`${masks} masks on ${frames} frames in ${files} files; ${checked.masks} read back and compared${iou}.`);
    for (const note of notes) output.say(note);
    output.result(path, { type: 'written', path, files, frames, masks, checked, notes, truncated });
  }
}
