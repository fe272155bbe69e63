import { type ErrorCode, type ErrorDetails, StudioError } from '../../../src-shared/errors/studio-error.ts';

/** What to do about a pack that is not what its manifest says. */
export const packRemedy = 'nothing was loaded; make the pack again with its recipe or get a fresh copy';

/** The pack id when known, else its folder; both are what a user typed or sees in a list. */
export interface PackName {
  readonly id: string;
  readonly folder: string;
}

/** One sentence about a refused pack: which pack, what is wrong, what to do. */
export function packError(
  code: Extract<ErrorCode, `pack-${string}` | 'model-output-invalid'>,
  pack: PackName,
  what: string,
  options: { readonly details?: ErrorDetails; readonly cause?: unknown; readonly remedy?: string } = {},
): StudioError {
  return new StudioError(
    code,
    'user',
    `The model pack "${pack.id}" was refused: ${what}; ${options.remedy ?? packRemedy}.`,
    {
      details: { pack: pack.id, folder: pack.folder, ...options.details },
      cause: options.cause,
    },
  );
}
