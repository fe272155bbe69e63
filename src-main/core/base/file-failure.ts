import { StudioError } from '../../../src-shared/errors/studio-error.ts';

/** Turns an error of the file system into one of ours; a StudioError passes. */
export function fileFailure(error: unknown, path: string, action: 'read' | 'write'): StudioError {
  if (error instanceof StudioError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const options = { details: { path }, cause: error };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StudioError(
        'disk-full',
        'resource',
        `The disk is full at ${path}; nothing was left there, free some space and run it again.`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StudioError(
        'permission-denied',
        'environment',
        `Masklet Studio may not ${action} ${path}; change its permissions or choose another place.`,
        options,
      );
    case 'ENAMETOOLONG':
      return new StudioError(
        'usage',
        'user',
        `The name ${path} is too long for this disk; choose a shorter one.`,
        options,
      );
    case 'ENOENT':
      return new StudioError('file-missing', 'user', `${path} does not exist; check the path.`, options);
    case 'EEXIST':
    case 'EISDIR':
    case 'ENOTDIR':
    case 'EIO':
      return new StudioError('file-unreadable', 'user', `${path} cannot be used for this: ${code}.`, options);
    default:
      return StudioError.from(error);
  }
}
