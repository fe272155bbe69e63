import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { WriteEvent } from '../../src-shared/contract/results.ts';
import type { Handlers } from '../../src-shared/rpc/contract-types.ts';
import { formatSecs, ticksToSecs } from '../../src-shared/time/timebase.ts';
import { removeAbandoned } from '../core/base/remove-abandoned.ts';
import { serveThread } from '../core/base/thread.ts';
import { withProgress } from '../core/base/with-progress.ts';
import {
  annotatedObjects,
  annotateStyles,
  type ContactTile,
  checkOutputFile,
  contactSheet,
  evenlySpaced,
  fileFailure,
  renderAnnotated,
} from '../core/export/index.ts';
import {
  type ContactSheetRequest,
  type ExportContract,
  exportContract,
  type RenderRequest,
  resolveRange,
} from '../core/studio/index.ts';
import { createYuvFrameReader, openVideoEncoder } from '../core/video/index.ts';
import { maskReader, openMaterial } from './export/material.ts';
import { readEntries } from './export/read-entries.ts';
import { writeDataset } from './export/write-dataset.ts';

async function render(
  request: RenderRequest,
  report: (event: WriteEvent) => void,
  signal: AbortSignal,
): Promise<WriteEvent> {
  using material = await openMaterial(request, signal);
  const { session, source } = material;
  const range = resolveRange(request.range, source.info.frameCount);
  const whole = request.range.first === null && request.range.last === null;
  let notes: readonly string[] = [];
  await renderAnnotated({
    reader: createYuvFrameReader(source),
    masks: maskReader(session),
    openEncoder: async () => {
      const { outPath: outputPath, overwrite } = request;
      const encoder = await openVideoEncoder(source, { outputPath, overwrite, signal, ...(whole ? {} : { range }) });
      return {
        write: (data, pts) => encoder.write(data, pts),
        finish: async () => {
          await encoder.finish();
          notes = encoder.result.notes;
        },
        abort: () => encoder.abort(),
      };
    },
    range,
    style: annotateStyles[request.style],
    sourcePath: source.info.path,
    outputPath: request.outPath,
    overwrite: request.overwrite,
    signal,
    onProgress: (done, total) => report({ kind: 'progress', done, total }),
  });
  return { kind: 'written', path: request.outPath, files: 1, notes };
}

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
    report({ kind: 'progress', done: tiles.length, total: SHEET_TILES });
  }
  const packs = [...new Set(session.runs.all().map(({ packId }) => packId))].join(', ');
  const subtitle = `${basename(info.path)} · ${info.frameCount} frames · ${masks.objects.length} objects · ${packs}`;
  const picture = await contactSheet({ title: request.title, subtitle, tiles });
  await checkOutputFile(info.path, request.outPath, request.overwrite);
  await writeWhole(request.outPath, picture);
  return { kind: 'written', path: request.outPath, files: 1, notes: [] };
}

/** The file appears complete or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await removeAbandoned(path, /^\.partial-(\d+)$/);
  const draft = join(dirname(path), `.${basename(path)}.partial-${process.pid}`);
  try {
    await writeFile(draft, bytes);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw fileFailure(error, path, 'write');
  }
}

const handlers: Handlers<ExportContract> = {
  render: (request, { signal }) => withProgress<WriteEvent, WriteEvent>((report) => render(request, report, signal)),
  dataset: (request, { signal }) => writeDataset(request, signal),
  readDataset: (request, { signal }) => readEntries(request, signal),
  contactSheet: (request, { signal }) =>
    withProgress<WriteEvent, WriteEvent>((report) => sheet(request, report, signal)),
};

serveThread(exportContract, handlers, () => {});
