import type { ReadItem } from '../dataset-format.ts';
import { frameFromName } from './dataset-files.ts';
import type { SkipReport } from './skip-report.ts';

export interface FrameFile {
  readonly path: string;
  readonly frame: number;
}

/**
 * The files of a dataset with one file a frame, in frame order, which is not that of their names (`10` before `2`, parts one
 * after the other). Counted as skipped: names without a frame number, and all but the first file of a frame.
 */
export function filesByFrame(paths: readonly string[], skipped: SkipReport): readonly FrameFile[] {
  const files = new Map<number, FrameFile>();
  for (const path of paths) {
    const frame = frameFromName(path);
    if (frame === null) skipped.add('a file whose name has no frame number');
    else if (files.has(frame)) skipped.add('a second file of one frame');
    else files.set(frame, { path, frame });
  }
  return [...files.values()].sort((a, b) => a.frame - b.frame);
}

/** Items for `linkTracks`, which needs those without an identity in frame order: from the first of them on all are held. */
export async function* itemsByFrame(items: AsyncIterable<ReadItem>): AsyncGenerator<ReadItem, void, undefined> {
  const held: ReadItem[] = [];
  for await (const item of items) {
    if (item.track !== null && held.length === 0) yield item;
    else held.push(item);
  }
  yield* held.sort((a, b) => a.frame - b.frame);
}
