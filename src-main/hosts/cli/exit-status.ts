import type { ErrorCode, StudioError } from '../../../src-shared/errors/studio-error.ts';

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_PARTIAL = 3;
export const EXIT_CANCELLED = 130;

/** Errors in what was typed: running the same line again can never work. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'range-invalid',
  'frame-out-of-range',
  'prompt-outside-frame',
  'prompt-invalid',
  'no-prompts',
  'word-unknown',
  'protocol-invalid',
]);

export function exitStatusOf(error: StudioError): number {
  if (error.kind === 'cancelled') return EXIT_CANCELLED;
  return USAGE_CODES.has(error.code) ? EXIT_USAGE : EXIT_FAILED;
}
