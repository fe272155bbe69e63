import { basename } from 'node:path';
import type { ExportEvent } from '../../../src-shared/contract/results.ts';
import type { EngineNote } from '../../../src-shared/domain/engine-note.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { withProgress } from '../../core/base/with-progress.ts';
import { encodePng, exportDataset, type FramePictures } from '../../core/export/index.ts';
import type { SessionReader } from '../../core/store/index.ts';
import { resolveRange } from '../../core/studio/session/index.ts';
import type { DatasetRequest } from '../../core/studio/threads/index.ts';
import { decodeFrames, encodeJpegs, type VideoSource } from '../../core/video/index.ts';
import { maskReader, openMaterial } from './material.ts';
import { reviewFacts } from './review-facts.ts';

/** Serves `dataset` of the export contract: losses first, then progress, then what was written and checked. */
export async function* writeDataset(request: DatasetRequest, signal: AbortSignal): AsyncGenerator<ExportEvent> {
  using material = await openMaterial(request, signal);
  const { session, source } = material;
  const { info, table } = source;
  const range = resolveRange(request.range, info.frameCount);
  const told = Promise.withResolvers<readonly EngineNote[]>();
  const events = withProgress<ExportEvent, ExportEvent | null>(async (report) => {
    const summary = await exportDataset({
      format: request.format,
      options: request.options,
      masks: maskReader(session),
      times: { timebase: info.timebase, frameCount: info.frameCount, ptsOf: (index) => table.ptsOf(index) },
      pictures: framePictures(source),
      width: info.width,
      height: info.height,
      framesPerSec: info.averageFps,
      range,
      sourcePath: info.path,
      folder: request.outPath,
      overwrite: request.overwrite,
      provenance: {
        ...provenanceOf(session, source, request),
        review: reviewFacts(session, request.options.objectIds, range),
      },
      dryRun: request.dryRun,
      signal,
      onLosses: told.resolve,
      onProgress: (phase, done, total) => report({ kind: 'progress', phase, done, total }),
    });
    if (summary === null) return null;
    const { files, frames, masks, checked } = summary;
    const { truncated } = info;
    return { kind: 'written', path: request.outPath, files, frames, masks, checked, notes: [], truncated };
  });
  let losses: readonly EngineNote[] | null = null;
  void told.promise.then((found) => {
    losses = found;
  });
  let sent = false;
  for await (const event of events) {
    if (!sent && losses !== null) {
      sent = true;
      yield { kind: 'losses', losses };
    }
    if (event !== null) yield event;
  }
}

/** JPEG through ffmpeg, PNG by our own encoder: both from exactly the decoded frame. */
function framePictures(source: VideoSource): FramePictures {
  const { width, height } = source.info;
  return {
    async *pictures(frames, kind, signal) {
      if (kind === 'jpg') {
        for await (const { frameIndex: index, bytes } of encodeJpegs(source, frames, signal)) {
          yield { frameIndex: frameIndex(index), bytes };
        }
        return;
      }
      const wanted = new Set<number>(frames);
      const range = { first: frames[0], last: frames[frames.length - 1] };
      for await (const { frameIndex: index, pixels } of decodeFrames(source, { ...range, signal })) {
        if (!wanted.has(index)) continue;
        yield { frameIndex: frameIndex(index), bytes: await encodePng({ kind: 'rgb', width, height, pixels }) };
      }
    },
  };
}

/** Where a dataset comes from. Names without folders: a dataset is given away. */
function provenanceOf(session: SessionReader, { info }: VideoSource, request: DatasetRequest) {
  return {
    app: `Masklet Studio ${request.appVersion}`,
    exportedAt: new Date().toISOString(),
    session: basename(session.path),
    source: {
      name: basename(info.path),
      contentHash: info.contentHash,
      width: info.width,
      height: info.height,
      frameCount: info.frameCount,
      timebase: info.timebase,
    },
    runs: session.runs.all().map(({ packId, packHash, provider, settings, appVersion, state, range }) => ({
      packId,
      packHash,
      provider,
      settings,
      appVersion,
      state,
      range,
    })),
  };
}
