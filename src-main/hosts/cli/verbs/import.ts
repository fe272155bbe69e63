import type { DatasetFormatName, ImportPurpose } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { ImportReport } from '../../../../src-shared/contract/results.ts';
import { parseStep, wholeNumber } from '../parse-dataset-options.ts';
import { parseRange } from '../parse-prompts.ts';
import { sourceStatus } from '../source-status.ts';
import type { VerbContext } from '../verb-context.ts';
import { removeSession } from './remove-session.ts';
import { openSession } from './track.ts';

export interface ImportFlags {
  readonly session?: string;
  readonly video?: string;
  readonly format?: DatasetFormatName;
  readonly as: ImportPurpose;
  readonly range?: string;
  readonly step?: string;
  readonly firstFrame?: string;
}

/** `import DATASET`: new objects in a session, and a report of what was left out. */
export async function runImport(context: VerbContext, path: string, flags: ImportFlags): Promise<number> {
  const range = parseRange(flags.range);
  const step = parseStep(flags.step);
  const firstFrame = flags.firstFrame === undefined ? 0 : wholeNumber('--first-frame', flags.firstFrame);
  // Before the session: it costs less than a video.
  await context.engine.recogniseDataset({ path, format: flags.format ?? null }, { signal: context.signal });
  const { sessionId, state, isNew } = await openSession(context, flags.video ?? null, flags.session ?? null);
  const startedAt = performance.now();
  const wish = { sessionId, path, format: flags.format ?? null, purpose: flags.as, firstFrame, range, step };
  try {
    for await (const event of context.engine.importDataset(wish, { signal: context.signal })) {
      if (event.kind === 'progress') context.output.progress('masks read:', event.masks, null, startedAt, '');
      else show(context, event.report);
    }
  } catch (error) {
    await context.engine.closeSession({ sessionId });
    if (isNew) await removeSession(context, state.sessionPath);
    throw error;
  }
  await context.engine.closeSession({ sessionId });
  context.output.result(state.sessionPath, { type: 'session', path: state.sessionPath });
  return sourceStatus(context.output, state.video.truncated, 'used');
}

function show({ output }: VerbContext, report: ImportReport): void {
  const { format, purpose, objects, masks, skipped, notes } = report;
  const many = objects.length === 1 ? 'object' : 'objects';
  output.say(`Read ${format}: ${masks} masks or boxes of ${objects.length} ${many}, kept as ${purpose}.`);
  for (const { objectId, name, masks: count } of objects) output.say(`  object ${objectId} "${name}": ${count}`);
  for (const { reason, count } of skipped) output.say(`skipped ${count}: ${reason}`);
  for (const note of notes) output.say(note);
  output.line({ type: 'imported', ...report });
}
