import type { DatasetFormatName, ImportPurpose } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { ImportReport } from '../../../../src-shared/contract/results.ts';
import { EXIT_OK } from '../exit-status.ts';
import { parseStep } from '../parse-dataset-options.ts';
import { parseRange } from '../parse-prompts.ts';
import type { VerbContext } from '../verb-context.ts';
import { openSession } from './track.ts';

export interface ImportFlags {
  readonly session?: string;
  readonly video?: string;
  readonly format?: DatasetFormatName;
  readonly as: ImportPurpose;
  readonly range?: string;
  readonly step?: string;
}

/** `import DATASET`: new objects in a session, and a report of what was left out. */
export async function runImport(context: VerbContext, path: string, flags: ImportFlags): Promise<number> {
  const range = parseRange(flags.range);
  const step = parseStep(flags.step);
  const { sessionId, state } = await openSession(context, flags.video ?? null, flags.session ?? null);
  const startedAt = performance.now();
  const wish = { sessionId, path, format: flags.format ?? null, purpose: flags.as, range, step };
  try {
    for await (const event of context.engine.importDataset(wish, { signal: context.signal })) {
      if (event.kind === 'progress') context.output.progress('reading', event.masks, null, startedAt);
      else show(context, event.report);
    }
  } finally {
    await context.engine.closeSession({ sessionId });
  }
  context.output.result(state.sessionPath, { type: 'session', path: state.sessionPath });
  return EXIT_OK;
}

function show({ output }: VerbContext, report: ImportReport): void {
  const { format, purpose, objects, masks, skipped, notes } = report;
  output.say(`Read ${format}: ${masks} masks or boxes of ${objects.length} objects, kept as ${purpose}.`);
  for (const { objectId, name, masks: count } of objects) output.say(`  object ${objectId} "${name}": ${count}`);
  for (const { reason, count } of skipped) output.say(`skipped ${count}: ${reason}`);
  for (const note of notes) output.say(note);
  output.line({ type: 'imported', ...report });
}
