import type { ErrorCode } from './studio-error.ts';

/** What a model answers to a phrase that it cannot look for: such a phrase does not stay in a session, where every later run would stop at it. */
export const PHRASE_REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'word-unknown',
  'concepts-unsupported',
  'prompt-invalid',
]);
