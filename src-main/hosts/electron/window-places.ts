import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';
import { makeFolder } from '../../core/base/make-folder.ts';

const placeSchema = z.strictObject({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(640).max(20_000),
  height: z.number().int().min(480).max(20_000),
  maximized: z.boolean(),
  /** What was on the desk. */
  sessionPath: z.string().max(4096).nullable(),
});
export type WindowPlace = z.infer<typeof placeSchema>;

/** Windows as they were when the studio was left; whatever cannot be read counts as a first start. */
export function readWindowPlaces(file: string): readonly WindowPlace[] {
  try {
    return z
      .array(placeSchema)
      .max(20)
      .parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

/** Never throws: a full disk must not keep a window from closing, and what was kept before stays. */
export function writeWindowPlaces(file: string, places: readonly WindowPlace[]): void {
  const draft = `${file}.part`;
  try {
    makeFolder(dirname(file));
    writeFileSync(draft, JSON.stringify(places, null, 2));
    renameSync(draft, file);
  } catch {
    // Windows that open where they stood before the last time are no reason to stop.
  }
}

/** False when a screen does not show the title bar, or too little of it to be caught. */
export function isOnScreen(place: Omit<Rectangle, 'height'>, { x, y, width, height }: Rectangle): boolean {
  const across = place.x + place.width > x + 80 && place.x < x + width - 80;
  return across && place.y >= y - 8 && place.y < y + height - 40;
}
