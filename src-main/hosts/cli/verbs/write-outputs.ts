import type { WriteEvent } from '../../../../src-shared/contract/results.ts';
import type { annotateStyleSchema } from '../../../../src-shared/contract/schemas.ts';
import { EXIT_OK } from '../exit-status.ts';
import { parseRange } from '../parse-prompts.ts';
import type { VerbContext } from '../verb-context.ts';

export interface RenderFlags {
  readonly out?: string;
  readonly style: (typeof annotateStyleSchema)['_output'];
  readonly range?: string;
  readonly overwrite?: boolean;
}

/** `render SESSION`: the annotated MP4. */
export function runRender(context: VerbContext, sessionPath: string, flags: RenderFlags): Promise<number> {
  const range = parseRange(flags.range);
  const input = {
    sessionPath,
    outPath: flags.out ?? null,
    style: flags.style,
    range,
    overwrite: flags.overwrite === true,
  };
  return report(context, 'rendering', context.engine.render(input, { signal: context.signal }));
}

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
