import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import { formatSecs } from '../../../src-shared/time/timebase.ts';
import type { ConsoleOutput } from './console-output.ts';
import { EXIT_OK, EXIT_PARTIAL } from './exit-status.ts';

/** The exit status of a verb that did what was asked with a source: 3, and a sentence, when the source ends early. */
export function sourceStatus(output: ConsoleOutput, truncated: VideoInfo['truncated'], done: string): number {
  if (truncated === null) return EXIT_OK;
  const { afterSecs, reason } = truncated;
  output.say(`The source ends early, after ${formatSecs(afterSecs)} (${reason}); the good part is ${done}.`);
  return EXIT_PARTIAL;
}
