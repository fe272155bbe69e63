import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { linkTracks, readDataset } from '../../core/export/index.ts';
import type { DatasetEntry, ReadDatasetEvent, ReadDatasetRequest } from '../../core/studio/threads/index.ts';

const BATCH = 64;

/** Serves `readDataset` of the export contract: entries on wanted frames in batches, then what was left out. */
export async function* readEntries(request: ReadDatasetRequest, signal: AbortSignal): AsyncGenerator<ReadDatasetEvent> {
  const { first, last, step, frameCount, firstFrame } = request;
  const asked = (frame: number) => frame >= first && frame <= last && (frame - first) % step === 0;
  const wants = (named: number) => asked(named - firstFrame);
  const { format, items, skipped, objects } = await readDataset({ ...request, size: request, wants });
  const linked = linkTracks(items);
  let batch: DatasetEntry[] = [];
  for await (const { frame: named, track, label, shape } of linked.items) {
    throwIfAborted(signal);
    const frame = named - firstFrame;
    if (frame < 0 || frame >= frameCount) skipped.add('outside the video');
    else if (shape !== null && asked(frame)) {
      const known = objects.get(track);
      batch.push({
        frameIndex: frameIndex(frame),
        track,
        name: known?.name ?? null,
        className: known?.className ?? label,
        mask: shape.kind === 'mask' ? shape.mask : null,
        box: shape.kind === 'box' ? shape.box : null,
      });
    }
    if (batch.length < BATCH) continue;
    yield { kind: 'entries', entries: batch };
    batch = [];
  }
  if (batch.length > 0) yield { kind: 'entries', entries: batch };
  yield { kind: 'read', format, skipped: skipped.list(), notes: linked.notes() };
}
