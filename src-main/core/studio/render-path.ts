import { basename, dirname, extname, join, resolve } from 'node:path';
import {
  codecEnding,
  type OutputCodecName,
  type RenderStyleName,
  renderName,
} from '../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { SESSION_EXTENSION, summariseSession } from '../store/index.ts';

/** Endings of the files that we write, the usual one first. */
const OUR_ENDINGS = { '.mp4': ['.mp4', '.m4v'], '.mov': ['.mov'] } as const;
/** What no folder of pictures is called: a session is replaced by nothing, whatever may be overwritten. */
const FILE_ENDINGS: ReadonlySet<string> = new Set(['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', SESSION_EXTENSION]);

/**
 * Where a rendering goes. Unnamed: `<video>_tracked.mp4`, or with the style's name, beside the session: never beside, or over, the
 * source by accident. Throws `usage` for a name whose ending promises anything else than is written.
 */
export function renderPath(
  wished: string | null,
  sessionPath: string,
  style: RenderStyleName,
  codec: OutputCodecName,
): string {
  const ending = codecEnding(codec);
  if (wished === null) {
    const { mediaName } = summariseSession(sessionPath);
    return join(dirname(sessionPath), renderName(basename(mediaName, extname(mediaName)), style, codec));
  }
  const written = extname(wished);
  const given = written.toLowerCase();
  const stem = basename(wished, written);
  if (ending === '') {
    if (!FILE_ENDINGS.has(given)) return resolve(wished);
    throw usage(`${codec} is not written as ${given}; name a folder, for example ${stem}.`);
  }
  const known: readonly string[] = OUR_ENDINGS[ending];
  if (known.includes(given)) return resolve(wished);
  throw usage(`${codec} is written as ${known.join(' or ')}, which ${basename(wished)} is not; name ${stem}${ending}.`);
}

function usage(sentence: string): StudioError {
  return new StudioError('usage', 'user', sentence);
}
