/** Every failure the product can name. A code is stable: scripts and the page decide by it, never by message text. */
export const errorCodes = [
  // input the user gave
  'usage',
  'file-missing',
  'file-unreadable',
  'not-a-video',
  'no-video-stream',
  'no-frames',
  'media-too-large',
  'media-refused',
  'media-changed',
  'media-missing',
  'frame-out-of-range',
  'prompt-outside-frame',
  'prompt-invalid',
  'object-locked',
  'range-invalid',
  'no-prompts',
  'word-unknown',
  'concepts-unsupported',
  'output-exists',
  'output-is-source',
  'dataset-unknown',
  'dataset-empty',
  // model packs
  'pack-missing',
  'pack-invalid',
  'pack-hash-mismatch',
  'pack-graph-mismatch',
  'pack-cannot-track',
  'model-output-invalid',
  // sessions
  'session-missing',
  'session-not-a-session',
  'session-newer',
  'session-locked',
  'session-busy',
  'session-read-only',
  'session-corrupt',
  'session-mismatch',
  'mask-corrupt',
  // environment and resources
  'ffmpeg-missing',
  'ffprobe-missing',
  'encoder-missing',
  'ffmpeg-failed',
  'provider-unavailable',
  'disk-full',
  'out-of-memory',
  'permission-denied',
  'thread-died',
  // transport
  'protocol-invalid',
  'protocol-version',
  // the rest
  'cancelled',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * Who can do something about it: `user` (bad input), `environment` (a tool or device is missing), `resource` (disk, memory),
 * `conflict` (someone else holds it), `cancelled`, `bug` (ours).
 */
export type ErrorKind = 'user' | 'environment' | 'resource' | 'conflict' | 'cancelled' | 'bug';

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** The wire form of an error; `message` is one sentence: what happened, what was kept, what to do. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** The only error class the product throws on purpose. Thrown once, handled once, decided by `code`. */
export class StudioError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    kind: ErrorKind,
    message: string,
    options: { details?: ErrorDetails; cause?: unknown } = {},
  ) {
    // What a message quotes (a file's name, a parser's words about its content) may have line breaks.
    super(
      message.replaceAll(/\s*[\r\n]+\s*/g, ' '),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'StudioError';
    this.code = code;
    this.kind = kind;
    this.details = options.details ?? {};
  }

  toData(): ErrorData {
    return { code: this.code, kind: this.kind, message: this.message, details: this.details };
  }

  static fromData(data: ErrorData): StudioError {
    return new StudioError(data.code, data.kind, data.message, { details: data.details });
  }

  /** Wraps anything thrown by code that is not ours; a StudioError passes unchanged. */
  static from(error: unknown): StudioError {
    if (error instanceof StudioError) return error;
    if (error instanceof Error && error.name === 'AbortError') return cancelled(error);
    const message = error instanceof Error ? error.message : String(error);
    return new StudioError('internal', 'bug', `Something went wrong inside Masklet Studio: ${message}`, {
      cause: error,
    });
  }
}

/** The error of an operation that its caller stopped. */
export function cancelled(cause?: unknown): StudioError {
  return new StudioError('cancelled', 'cancelled', 'Stopped on request; everything committed so far is kept.', {
    cause,
  });
}

/** Throws `cancelled` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal.reason);
}
