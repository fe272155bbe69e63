import { EXIT_FAILED, EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

const MARKS = { ok: '+', note: '-', missing: '!' } as const;

/** `doctor`: what works on this machine; fails only when something the main job needs is missing. */
export async function runDoctor(context: VerbContext): Promise<number> {
  const report = await context.engine.doctor({}, { signal: context.signal });
  const text = report.lines.map(
    (line) => `${MARKS[line.state]} ${line.group.padEnd(8)}${line.name.padEnd(14)}${line.text}`,
  );
  context.output.result(text.join('\n'), { type: 'doctor', lines: report.lines });
  return report.lines.some((line) => line.state === 'missing') ? EXIT_FAILED : EXIT_OK;
}
