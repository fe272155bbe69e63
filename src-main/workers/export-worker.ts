import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { WriteEvent } from '../../src-shared/contract/results.ts';
import type { FrameRange } from '../../src-shared/domain/prompt.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
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
  exportDataset,
  fileFailure,
  renderAnnotated,
} from '../core/export/index.ts';
import { openSessionReader, type SessionReader } from '../core/store/index.ts';
import {
  type ContactSheetRequest,
  type DatasetRequest,
  type ExportContract,
  exportContract,
  type RenderRequest,
  resolveRange,
} from '../core/studio/index.ts';
import { createYuvFrameReader, openVideo, openVideoEncoder, type VideoSource } from '../core/video/index.ts';

/** What every export needs: the session, read-only, and its video. Disposing closes the session. */
interface Material extends Disposable {
  readonly session: SessionReader;
  readonly source: VideoSource;
}

async function openMaterial(
  request: RenderRequest | DatasetRequest | ContactSheetRequest,
  signal: AbortSignal,
): Promise<Material> {
  const session = openSessionReader(request.sessionPath);
  try {
    const { info } = session.media.get();
    const missing = () =>
      new StudioError(
        'media-missing',
        'user',
        `The video ${info.path} is not where it was; masks and prompts are kept. Put it back, or name its new place once: masklet track NEW_PLACE --session SESSION.`,
      );
    if (session.media.presence() === 'missing') throw missing();
    const source = await openVideo(info.path, { tools: request.tools, cacheDir: request.cacheFolder, signal });
    session.media.require(() => source.info.contentHash);
    return { session, source, [Symbol.dispose]: () => session[Symbol.dispose]() };
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  }
}

/** Stored masks in the shape the exporters read; removed objects have none. */
function maskReader(session: SessionReader) {
  const objects = session.objects.all().map(({ id, name, colour }) => ({ objectId: id, name, colour }));
  const known = new Set(objects.map(({ objectId }) => objectId));
  return {
    objects,
    masksAt: (index: FrameRange['first']) => session.masks.at(index).filter(({ objectId }) => known.has(objectId)),
  };
}

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

async function dataset(
  request: DatasetRequest,
  report: (event: WriteEvent) => void,
  signal: AbortSignal,
): Promise<WriteEvent> {
  using material = await openMaterial(request, signal);
  const { session, source } = material;
  const { info, table } = source;
  const summary = await exportDataset({
    format: request.format,
    masks: maskReader(session),
    times: { timebase: info.timebase, frameCount: info.frameCount, ptsOf: (index) => table.ptsOf(index) },
    width: info.width,
    height: info.height,
    range: resolveRange(request.range, info.frameCount),
    sourcePath: info.path,
    folder: request.outPath,
    overwrite: request.overwrite,
    signal,
    onProgress: (done, total) => report({ kind: 'progress', done, total }),
  });
  return { kind: 'written', path: request.outPath, files: summary.files, notes: [] };
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
  dataset: (request, { signal }) => withProgress<WriteEvent, WriteEvent>((report) => dataset(request, report, signal)),
  contactSheet: (request, { signal }) =>
    withProgress<WriteEvent, WriteEvent>((report) => sheet(request, report, signal)),
};

serveThread(exportContract, handlers, () => {});
