import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfAborted } from '../../../../../src-shared/errors/studio-error.ts';
import type { FramePictures } from '../../ports.ts';
import type { DatasetFormat, DatasetPlan } from '../dataset-format.ts';

/** Writes the frames themselves where the format wants them; returns how many files that made. One frame is in memory. */
export async function writePictures(
  format: DatasetFormat,
  plan: DatasetPlan,
  source: FramePictures,
  watch: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<number> {
  if (plan.images === 'none' || format.pictures === null) return 0;
  const folders = new Set<string>();
  let done = 0;
  for await (const { frameIndex, bytes } of source.pictures(plan.frames, plan.images, watch.signal)) {
    throwIfAborted(watch.signal);
    const path = join(plan.folder, format.pictures.path(plan, frameIndex));
    if (!folders.has(dirname(path))) await mkdir(dirname(path), { recursive: true });
    folders.add(dirname(path));
    await writeFile(path, bytes);
    watch.onProgress(++done, plan.frames.length);
  }
  return done;
}
