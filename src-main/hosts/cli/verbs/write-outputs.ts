import type { WriteEvent } from '../../../../src-shared/contract/results.ts';
import { EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

/** Shows progress and prints where the result lies. */
export async function report(context: VerbContext, label: string, events: AsyncIterable<WriteEvent>): Promise<number> {
  const startedAt = performance.now();
  for await (const event of events) {
    if (event.kind === 'progress') context.output.progress(label, event.done, event.total, startedAt);
    else {
      for (const note of event.notes) context.output.say(note);
      context.output.result(event.path, { type: 'written', path: event.path, files: event.files, notes: event.notes });
    }
  }
  return EXIT_OK;
}
