import { basename } from 'node:path';
import type { WriteEvent } from '../../src-shared/contract/results.ts';
import { type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { formatSecs, ticksToSecs } from '../../src-shared/time/timebase.ts';
import { checkOutputFile } from '../core/base/check-output.ts';
import { serveThread } from '../core/base/thread.ts';
import { withProgress } from '../core/base/with-progress.ts';
import {
  annotatedObjects,
  type ContactTile,
  contactSheet,
  evenlySpaced,
  recogniseDataset,
} from '../core/export/index.ts';
import { resolveRange } from '../core/studio/session/index.ts';
import { type ContactSheetRequest, type ExportContract, exportContract } from '../core/studio/threads/index.ts';
import { createYuvFrameReader } from '../core/video/index.ts';
import { maskReader, openMaterial } from './export/material.ts';
import { readEntries } from './export/read-entries.ts';
import { renderOutputs, renderStill } from './export/render-outputs.ts';
import { writeDataset } from './export/write-dataset.ts';
import { writeWhole } from './export/write-whole.ts';

const SHEET_TILES = 12;

async function sheet(
  request: ContactSheetRequest,
  report: (event: WriteEvent) => void,
  signal: AbortSignal,
): Promise<WriteEvent> {
  using material = await openMaterial(request, signal);
  const { session, source } = material;
  const reader = createYuvFrameReader(source);
  const masks = maskReader(session);
  const { info } = source;
  const range = resolveRange({ first: null, last: null }, info.frameCount);
  const tiles: ContactTile[] = [];
  for (const index of evenlySpaced(range, SHEET_TILES)) {
    for await (const frame of reader.frames({ first: index, last: index }, signal)) {
      const { width, height, fullRange, matrix } = reader;
      tiles.push({
        image: { width, height, fullRange, matrix, data: frame.data.slice() },
        objects: annotatedObjects(masks, index, reader),
        caption: `frame ${index}`,
        time: formatSecs(ticksToSecs(frame.pts, info.timebase)),
      });
    }
    report({ kind: 'progress', done: tiles.length, total: SHEET_TILES, bytes: null });
  }
  const packs = [...new Set(session.runs.all().map(({ packId }) => packId))].join(', ');
  const subtitle = `${basename(info.path)} · ${info.frameCount} frames · ${masks.objects.length} objects · ${packs}`;
  const picture = await contactSheet({ title: request.title, subtitle, tiles });
  const origin = { sourcePath: info.path, sessionPath: request.sessionPath };
  await checkOutputFile(origin, request.outPath, request.overwrite);
  await writeWhole(request.outPath, picture);
  return { kind: 'written', path: request.outPath, files: 1, notes: [], redaction: null, truncated: info.truncated };
}

const handlers: Handlers<ExportContract> = {
  render: (request, { signal }) =>
    withProgress<WriteEvent, WriteEvent>(async (report) => {
      using material = await openMaterial(request, signal);
      const { source, session } = material;
      return await renderOutputs({ source, masks: maskReader(session) }, request, report, signal);
    }),
  still: async (request, { signal }) => {
    using material = await openMaterial(request, signal);
    const { source, session } = material;
    const still = await renderStill({ source, masks: maskReader(session) }, request, signal);
    return new Moved(still, [still.pixels.buffer]);
  },
  dataset: (request, { signal }) => writeDataset(request, signal),
  recogniseDataset: async ({ path, format }) => ({ format: recogniseDataset(path, format) }),
  readDataset: (request, { signal }) => readEntries(request, signal),
  contactSheet: (request, { signal }) =>
    withProgress<WriteEvent, WriteEvent>((report) => sheet(request, report, signal)),
};

serveThread(exportContract, handlers, () => {});
