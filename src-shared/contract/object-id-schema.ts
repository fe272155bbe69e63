import { z } from 'zod';
import type { ObjectId } from '../domain/ids.ts';

/** Object numbers start at 1; 65535 is the storage limit. */
export const objectIdSchema = z
  .number()
  .int()
  .min(1)
  .max(65_535)
  .transform((value) => value as ObjectId);
