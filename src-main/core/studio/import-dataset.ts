import { resolve } from 'node:path';
import type { ImportEvent, ImportReport } from '../../../src-shared/contract/results.ts';
import type { StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { OpenSession } from './open-sessions.ts';
import { resolveRange } from './session/resolve-range.ts';
import type { StudioParts } from './studio-parts.ts';
import type { ReadDatasetEvent } from './threads/export-contract.ts';

type Wish = Omit<StudioContract['importDataset']['input']['_output'], 'sessionId'>;

/** The export thread reads, the store thread takes; an import that does not reach its end leaves the session as it was. */
export async function* importDataset(
  parts: StudioParts,
  session: OpenSession,
  wish: Wish,
  signal: AbortSignal,
): AsyncGenerator<ImportEvent> {
  const { handle, info } = session;
  const { width, height, frameCount, averageFps } = info;
  const range = resolveRange(wish.range, frameCount);
  const { format, firstFrame, step } = wish;
  const facts = { path: resolve(wish.path), width, height, frameCount, framesPerSec: averageFps };
  const request = { ...facts, ...range, format, firstFrame, step, wholeTracks: wish.purpose === 'truth' };
  const store = await parts.store();
  const exporter = await parts.exporter();
  await store.importBegin({ handle, purpose: wish.purpose });
  let open = true;
  try {
    let read: Extract<ReadDatasetEvent, { kind: 'read' }> | null = null;
    let masks = 0;
    for await (const event of exporter.readDataset(request, { signal })) {
      if (event.kind === 'read') {
        read = event;
        continue;
      }
      await store.importAdd({ handle, entries: event.entries });
      masks += event.entries.length;
      yield { kind: 'progress', masks };
    }
    if (read === null)
      throw new StudioError('internal', 'bug', 'The dataset was not read to its end; nothing was changed.');
    if (masks === 0 && read.skipped.length > 0) throw allLeftOut(read.skipped);
    const { objects, notes } = await store.importEnd({ handle, keep: true });
    open = false;
    yield { kind: 'imported', report: reportOf(wish, read, objects, notes) };
  } finally {
    if (open) await store.importEnd({ handle, keep: false });
  }
}

/** Nothing came in, and the reader can say why. */
function allLeftOut(skipped: ImportReport['skipped']): StudioError {
  const reasons = skipped.slice(0, 3).map(({ reason, count }) => `${count}: ${reason}`);
  return new StudioError(
    'dataset-empty',
    'user',
    `Nothing of the dataset could be taken, so the session was not changed; left out were ${reasons.join('; ')}.`,
  );
}

function reportOf(
  { purpose }: Wish,
  { format, skipped, notes }: Extract<ReadDatasetEvent, { kind: 'read' }>,
  objects: ImportReport['objects'],
  more: readonly string[],
): ImportReport {
  const masks = objects.reduce((sum, object) => sum + object.masks, 0);
  return { format, purpose, objects, masks, skipped, notes: [...notes, ...more] };
}
