import { z } from 'zod';

/** What names something in a JSON dataset, as text: 7 and "7" are the same. */
export const datasetId = z.union([z.number(), z.string()]).transform(String);

/**
 * Why an entry was left out: an id that is there and no id, or else its form. `what` is "an image" or the like, `ids` the keys of its ids.
 */
export function unknownForm(value: unknown, what: string, ids: readonly string[]): string {
  const entry = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const bad = ids.find((key) => entry[key] !== undefined && !datasetId.safeParse(entry[key]).success);
  return bad === undefined ? `${what} of an unknown form` : `${what} whose ${bad} is neither a number nor text`;
}
