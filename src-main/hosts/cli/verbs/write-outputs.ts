import type { WriteEvent } from '../../../../src-shared/contract/results.ts';
import { EXIT_OK } from '../exit-status.ts';
import { sourceStatus } from '../source-status.ts';
import type { VerbContext } from '../verb-context.ts';

/** Shows progress and prints where the result lies. Resolves to the exit status. */
export async function report(context: VerbContext, label: string, events: AsyncIterable<WriteEvent>): Promise<number> {
  const startedAt = performance.now();
  let status = EXIT_OK;
  for await (const event of events) {
    if (event.kind === 'progress') context.output.progress(label, event.done, event.total, startedAt);
    else {
      const { path, files, truncated } = event;
      const notes = event.notes.map(({ text }) => text);
      for (const note of notes) context.output.say(note);
      context.output.result(path, { type: 'written', path, files, notes, truncated });
      status = sourceStatus(context.output, truncated, 'written');
    }
  }
  return status;
}
