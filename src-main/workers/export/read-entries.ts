import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { boxInFrame } from '../../../src-shared/geometry/geometry.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import { linkTracks, readDataset } from '../../core/export/index.ts';
import type { DatasetEntry, ReadDatasetEvent, ReadDatasetRequest } from '../../core/studio/threads/index.ts';

const BATCH = 64;

/**
 * Serves `readDataset` of the export contract: entries on wanted frames in batches, then what was left out. An object has one entry
 * a frame, the first; boxes are cut to the frame.
 */
export async function* readEntries(request: ReadDatasetRequest, signal: AbortSignal): AsyncGenerator<ReadDatasetEvent> {
  const { first, last, step, frameCount, firstFrame } = request;
  const asked = (frame: number) => frame >= first && frame <= last && (frame - first) % step === 0;
  // What has no identity is followed from frame to frame, also over those that were not asked for.
  const wants = (named: number, hasIdentity: boolean) => {
    const frame = named - firstFrame;
    return hasIdentity ? asked(frame) : frame >= first && frame <= last;
  };
  const { format, items, skipped, objects } = await readDataset({ ...request, size: request, wants });
  const linked = linkTracks(items);
  const isFirst = firstOfFrame();
  let batch: DatasetEntry[] = [];
  for await (const { frame: named, track, label, shape } of linked.items) {
    throwIfAborted(signal);
    const frame = named - firstFrame;
    if (frame < 0 || frame >= frameCount) skipped.add('outside the video');
    else if (shape !== null && asked(frame)) {
      const known = objects.get(track);
      const entry: DatasetEntry = {
        frameIndex: frameIndex(frame),
        track,
        name: known?.name ?? null,
        className: known?.className ?? label,
        mask: shape.kind === 'mask' ? shape.mask : null,
        box: shape.kind === 'box' ? boxInFrame(request, shape.box) : null,
      };
      if (entry.mask === null && entry.box === null) skipped.add('a box outside the picture');
      // An empty mask says that nothing is there: no object, and no second one.
      else if (entry.mask !== null && maskArea(entry.mask) === 0) continue;
      else if (isFirst(entry)) batch.push(entry);
      else skipped.add('a second mask or box of an object on one frame');
    }
    if (batch.length < BATCH) continue;
    yield { kind: 'entries', entries: batch };
    batch = [];
  }
  if (batch.length > 0) yield { kind: 'entries', entries: batch };
  yield { kind: 'read', format, skipped: skipped.list(), notes: linked.notes() };
}

/** Tells the first entry of an object on a frame from later ones. */
function firstOfFrame(): (entry: DatasetEntry) => boolean {
  const frames = new Map<string, Set<number>>();
  return ({ track, className, frameIndex: frame }) => {
    const key = `${className ?? ''} ${track}`;
    const seen = frames.get(key) ?? new Set<number>();
    frames.set(key, seen);
    return seen.size < seen.add(frame).size;
  };
}
