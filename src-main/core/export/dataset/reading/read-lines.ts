import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { textChunks } from './text-chunks.ts';

const MAX_LINE_CHARACTERS = 64 * 1024 * 1024;

/** Lines of a text file of any size, without their ends. Throws `file-unreadable` for a line that is absurdly long. */
export async function* readLines(path: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of textChunks(path)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARACTERS) {
      throw new StudioError(
        'file-unreadable',
        'user',
        `${path} has a line that is absurdly long; nothing was changed.`,
      );
    }
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
