import type { ProbeEvent } from '../../../../src-shared/contract/studio-contract.ts';
import { formatSecs, ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import { EXIT_OK, EXIT_PARTIAL } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

type Probed = Extract<ProbeEvent, { kind: 'probed' }>;

/** `info VIDEO`: what the source is, and its frame table in short. */
export async function runInfo(context: VerbContext, videoPath: string): Promise<number> {
  const startedAt = performance.now();
  for await (const event of context.engine.probe({ videoPath }, { signal: context.signal })) {
    if (event.kind === 'indexing') {
      context.output.progress('indexing', event.framesDone, event.framesExpected, startedAt);
      continue;
    }
    context.output.result(describe(event), { type: 'info', ...event.info, table: event.table });
    return event.info.truncated === null ? EXIT_OK : EXIT_PARTIAL;
  }
  return EXIT_OK;
}

function describe({ info, table }: Probed): string {
  const secs = (ticks: number) => ticksToSecs(ticks, info.timebase);
  const rows: [string, string][] = [
    [
      'source',
      `${info.path} (${info.container}, ${info.codec}, ${info.pixelFormat}, ${(info.sizeBytes / 1e6).toFixed(1)} MB)`,
    ],
    [
      'picture',
      `${info.width}x${info.height}${info.rotation === 0 ? '' : `, turned ${info.rotation} degrees`}${aspect(info)}`,
    ],
    [
      'colour',
      `${info.bitDepth}-bit ${info.hdr === null ? 'SDR' : `HDR (${info.hdr.toUpperCase()}), shown and tracked tone-mapped to SDR`}`,
    ],
    [
      'frames',
      `${info.frameCount}, ${formatSecs(info.durationSecs)}, ${info.averageFps.toFixed(3)} fps ${info.variableFrameRate ? 'variable' : 'constant'}${info.interlaced ? ', interlaced' : ''}`,
    ],
    [
      'table',
      `timebase ${info.timebase.numerator}/${info.timebase.denominator}, pts ${info.firstPts} to ${info.lastPts}, ${table.keyFrameCount} key frames, step ${secs(table.shortestTicks).toFixed(4)} to ${secs(table.longestTicks).toFixed(4)} s`,
    ],
    [
      'audio',
      info.audio.length === 0
        ? 'none'
        : info.audio.map((a) => `${a.codec} ${a.channels} ch ${a.sampleRate} Hz`).join('; '),
    ],
  ];
  if (info.truncated !== null)
    rows.push(['ends early', `after ${formatSecs(info.truncated.afterSecs)}: ${info.truncated.reason}`]);
  for (const note of info.notes) rows.push(['note', note]);
  return rows.map(([name, text]) => `${name.padEnd(11)}${text}`).join('\n');
}

function aspect({ sampleAspectRatio: { numerator, denominator } }: Probed['info']): string {
  return numerator === denominator ? '' : `, pixel shape ${numerator}:${denominator}`;
}
