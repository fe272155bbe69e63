import { basename, dirname, extname, join, resolve } from 'node:path';
import {
  codecEnding,
  type OutputCodecName,
  type RenderStyleName,
  renderName,
} from '../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { SESSION_EXTENSION, summariseSession } from '../store/index.ts';

/** Endings that promise something else than we write; a session is replaced by nothing, whatever may be overwritten. */
const OTHER_ENDINGS = new Set(['.mp4', '.m4v', '.mov', '.mkv', '.webm', '.avi', SESSION_EXTENSION]);

/**
 * Where a rendering goes. Unnamed: `<video>_tracked.mp4`, or with the style's name, beside the session: never beside, or over, the
 * source by accident. Throws `usage` for a name whose ending promises another container, or a session.
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
  const fits = given === ending || (ending === '.mp4' && given === '.m4v') || !OTHER_ENDINGS.has(given);
  if (fits) return resolve(wished);
  const right =
    ending === '' ? `a folder, for example ${basename(wished, written)}` : `${basename(wished, written)}${ending}`;
  throw new StudioError('usage', 'user', `${codec} is not written as ${given}; name ${right}.`);
}
