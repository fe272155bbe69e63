import type { z } from 'zod';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';

/** The text of a small JSON file of a known shape; throws `file-unreadable` for any other. */
export function parseJson<T extends z.ZodType>(schema: T, text: string, name: string): z.output<T> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw unreadable(name, 'it is not JSON', cause);
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unreadable(name, `${issue.path.join('.')}: ${issue.message}`, parsed.error);
}

function unreadable(name: string, reason: string, cause: unknown): StudioError {
  return new StudioError('file-unreadable', 'user', `${name} cannot be read: ${reason}.`, { cause });
}
