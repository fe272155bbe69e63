import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import type { SkipReport } from './skip-report.ts';

/** What `read` gives; null when the entry makes no sense, which is counted and not fatal. Failures of disk and memory pass. */
export async function readOrSkip<T>(skipped: SkipReport, read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StudioError) || !SKIPPED.has(error.code)) throw error;
    skipped.add(reasonOf(error));
    return null;
  }
}

const SKIPPED: ReadonlySet<StudioError['code']> = new Set(['prompt-invalid', 'mask-corrupt', 'file-unreadable']);

/** Without the file's name, so that a thousand files with one mistake make one line. */
function reasonOf(error: StudioError): string {
  if (error.code === 'mask-corrupt') return 'a damaged mask';
  if (typeof error.details.reason === 'string') return error.details.reason;
  return error.code === 'prompt-invalid' ? 'a picture that is no sound PNG' : 'a file that cannot be read';
}
