import { mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { RedactionReport } from '../../../src-shared/contract/redaction-report.ts';
import { pictureCodecNames } from '../../../src-shared/contract/render-look.ts';
import type { StillPicture, WriteEvent } from '../../../src-shared/contract/results.ts';
import { type EngineNote, engineNote } from '../../../src-shared/domain/engine-note.ts';
import { frameIndex, type ObjectId } from '../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import { checkOutputFile } from '../../core/base/check-output.ts';
import {
  blankReader,
  type ComposedShape,
  type ComposeJob,
  composeStill,
  createExrEncoder,
  type Look,
  leadMasks,
  type MaskReader,
  PictureFolder,
  redactionNotes,
  renderAnnotated,
  resolveLook,
  type VideoEncoder,
} from '../../core/export/index.ts';
import { resolveRange } from '../../core/studio/session/index.ts';
import type { RenderRequest, StillRequest } from '../../core/studio/threads/index.ts';
import {
  type BlockLead,
  blockLead,
  createYuvFrameReader,
  openPictureEncoder,
  openVideoEncoder,
  turnsOddSide,
  type VideoCodecName,
  type VideoSource,
} from '../../core/video/index.ts';
import { writeWhole } from './write-whole.ts';

/** What a rendering reads. */
export interface RenderMaterial {
  readonly source: VideoSource;
  readonly masks: MaskReader;
}

interface Rendering extends RenderMaterial {
  readonly request: RenderRequest;
  readonly look: Look;
  readonly range: FrameRange;
  /** Frames and masks have it; null: the pictures are not made as stored. */
  readonly lead: BlockLead | null;
  /** One output an object, or one of all of them (undefined). */
  readonly outputs: readonly (ObjectId | undefined)[];
  readonly signal: AbortSignal;
  readonly onProgress: (outputsBefore: number, framesDone: number, bytes: number | null) => void;
  /** For the person who asked. */
  readonly notes: EngineNote[];
}

interface Written {
  readonly files: number;
  readonly redaction: RedactionReport | null;
}

/** Writes everything that one request asks for. */
export async function renderOutputs(
  material: RenderMaterial,
  request: RenderRequest,
  report: (event: WriteEvent) => void,
  signal: AbortSignal,
): Promise<WriteEvent> {
  const look = resolveLook(request.look, request.codec);
  checkObjects(look, material.masks);
  const range = resolveRange(request.range, material.source.info.frameCount);
  const notes: EngineNote[] = [];
  const outputs = seenOutputs(outputsOf(look, material.masks), look, material.masks, range, notes);
  const frames = range.last - range.first + 1;
  const onProgress = (before: number, done: number, bytes: number | null) =>
    report({ kind: 'progress', done: before * frames + done, total: outputs.length * frames, bytes });
  const lead = leadOf(material.source, look, request);
  const masks = lead === null ? material.masks : leadMasks(material.masks, lead);
  const { source } = material;
  const rendering = { source, masks, request, look, range, lead, outputs, signal, onProgress, notes };
  const pictures = pictureCodecNames.includes(request.codec);
  const { files, redaction } = pictures ? await renderPictures(rendering) : await renderVideos(rendering);
  const path = pictures ? request.outPath : objectPath(request.outPath, outputs[0]);
  const { truncated } = material.source.info;
  return { kind: 'written', path, files, redaction, notes: eachOnce(notes), truncated };
}

/**
 * PNG pictures of a turned clip whose sides are not even: colours are blocks of two by two pixels, and only the stored picture has them where the
 * decoded source has. Not for windows and pairs, whose pixels stand elsewhere than in the source.
 */
function leadOf({ plan }: VideoSource, { style }: Look, { codec }: RenderRequest): BlockLead | null {
  const inPlace = style !== 'crop' && style !== 'side-by-side' && style !== 'matte';
  return codec === 'png' && inPlace && turnsOddSide(plan) ? blockLead(plan) : null;
}

/** One composed frame, through the same code. */
export async function renderStill(
  { source, masks }: RenderMaterial,
  { look: wish, frameIndex: index }: StillRequest,
  signal: AbortSignal,
): Promise<StillPicture> {
  const look = resolveLook(wish, null);
  checkObjects(look, masks);
  const { frameCount } = source.info;
  resolveRange({ first: index, last: index }, frameCount);
  const range = resolveRange({ first: null, last: null }, frameCount);
  const only = outputsOf(look, masks)[0];
  return composeStill({ reader: createYuvFrameReader(source), masks, frameCount, range, look, only, signal }, index);
}

/** Throws `usage` when an object was asked for that the session does not have. */
function checkObjects(look: Look, masks: MaskReader): void {
  const known = masks.objects.map(({ objectId }) => objectId);
  const missing = [...(look.objectIds ?? [])].find((id) => !known.some((objectId) => objectId === id));
  if (missing === undefined) return;
  const have = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  throw new StudioError('usage', 'user', `The session has no object ${missing}; ${have}.`);
}

function outputsOf(look: Look, masks: MaskReader): readonly (ObjectId | undefined)[] {
  if (look.style !== 'crop' && look.style !== 'matte') return [undefined];
  const shown = masks.objects.filter(({ objectId }) => look.objectIds?.has(objectId) ?? true);
  if (shown.length > 0) return shown.map(({ objectId }) => objectId);
  throw new StudioError('usage', 'user', `The session has no objects, so the style ${look.style} has nothing to show.`);
}

/** A window cannot follow what is on no frame of the range: such objects are named in a note and left out. */
function seenOutputs(
  outputs: Rendering['outputs'],
  look: Look,
  masks: MaskReader,
  range: FrameRange,
  notes: EngineNote[],
): Rendering['outputs'] {
  if (look.style !== 'crop') return outputs;
  const unseen = new Set<ObjectId | undefined>(outputs);
  for (let index = range.first as number; index <= range.last && unseen.size > 0; index++) {
    for (const { objectId, mask } of masks.masksAt(frameIndex(index))) {
      if (mask !== null && maskArea(mask) > 0) unseen.delete(objectId);
    }
  }
  for (const objectId of unseen) notes.push(engineNote('object-unseen', { objectId: String(objectId) }));
  if (unseen.size < outputs.length) return outputs.filter((objectId) => !unseen.has(objectId));
  throw new StudioError(
    'usage',
    'user',
    'None of the objects is on any frame of the range, so there is nothing to follow.',
  );
}

async function renderVideos(rendering: Rendering): Promise<Written> {
  const { request, source, outputs } = rendering;
  const { overwrite } = request;
  const paths = outputs.map((only) => objectPath(request.outPath, only));
  const reportPath = rendering.look.style === 'redact' ? redactionPath(request.outPath) : null;
  const origin = { sourcePath: source.info.path, sessionPath: request.sessionPath };
  // All places first: an hour's work should not end at a name that is taken.
  for (const path of [...paths, ...(reportPath === null ? [] : [reportPath])]) {
    await checkOutputFile(origin, path, overwrite);
  }
  let redaction: RedactionReport | null = null;
  for (const [index, only] of outputs.entries()) {
    redaction = await renderOne(rendering, index, paths[index], only, (shape) =>
      openVideo(rendering, paths[index], shape),
    );
  }
  const names = paths.map((path) => basename(path)).join(', ');
  if (paths.length > 1) rendering.notes.push(engineNote('file-an-object', { names }));
  return { files: outputs.length + (reportPath === null ? 0 : 1), redaction };
}

async function openVideo(rendering: Rendering, outputPath: string, shape: ComposedShape): Promise<VideoEncoder> {
  const { request, source, range, signal } = rendering;
  const { overwrite } = request;
  const codec = request.codec as VideoCodecName;
  const whole = request.range.first === null && request.range.last === null;
  const part = whole ? {} : { range };
  const encoder = await openVideoEncoder(source, { outputPath, overwrite, signal, codec, shape, ...part });
  return {
    write: (data, pts) => encoder.write(data, pts),
    get bytesWritten() {
      return encoder.bytesWritten;
    },
    finish: async () => {
      await encoder.finish();
      rendering.notes.push(...encoder.result.notes);
    },
    abort: () => encoder.abort(),
  };
}

async function renderPictures(rendering: Rendering): Promise<Written> {
  const { request, source, outputs, range, look } = rendering;
  await using pictures = await PictureFolder.create(source.info.path, request.outPath, request.overwrite);
  if (look.style === 'redact') {
    const origin = { sourcePath: source.info.path, sessionPath: request.sessionPath };
    await checkOutputFile(origin, redactionPath(request.outPath), request.overwrite);
  }
  let redaction: RedactionReport | null = null;
  for (const [index, only] of outputs.entries()) {
    const folder = only === undefined ? pictures.folder : join(pictures.folder, String(only));
    await mkdir(folder, { recursive: true });
    redaction = await renderOne(rendering, index, request.outPath, only, async (shape) =>
      openPictures(rendering, folder, shape),
    );
  }
  await pictures.commit(source.table, range, look.style);
  if (source.info.audio.length > 0) rendering.notes.push(engineNote('pictures-no-sound'));
  return { files: outputs.length * (range.last - range.first + 1) + 2, redaction };
}

function openPictures(rendering: Rendering, folder: string, shape: ComposedShape): VideoEncoder {
  const { request, source, range, look, lead, signal } = rendering;
  const startNumber = range.first;
  if (request.codec === 'png') {
    const luma = look.style === 'matte';
    return openPictureEncoder(source, { folder, startNumber, shape, luma, asStored: lead !== null, signal });
  }
  const { matrix, fullRange } = readerOf(rendering);
  const { numerator, denominator } = source.info.sampleAspectRatio;
  return createExrEncoder({
    folder,
    startNumber,
    shape,
    matrix,
    fullRange,
    pixelAspectRatio: numerator / denominator,
  });
}

/** Mattes need no decoding; a grey picture holds them from 0 to 255. */
function readerOf({ source, look, lead, request }: Rendering): ComposeJob['reader'] {
  if (look.style !== 'matte') return createYuvFrameReader(source, lead ?? undefined);
  return blankReader(source.info, pictureCodecNames.includes(request.codec), (index) => source.table.ptsOf(index));
}

async function renderOne(
  rendering: Rendering,
  index: number,
  outputPath: string,
  only: ObjectId | undefined,
  openEncoder: (shape: ComposedShape) => Promise<VideoEncoder>,
): Promise<RedactionReport | null> {
  const { source, masks, range, look, signal, notes } = rendering;
  const { redaction } = await renderAnnotated({
    reader: readerOf(rendering),
    masks,
    frameCount: source.info.frameCount,
    range,
    look,
    only,
    openEncoder,
    outputPath,
    signal,
    onProgress: (done, bytes) => rendering.onProgress(index, done, bytes),
  });
  if (redaction === null) return null;
  const path = redactionPath(rendering.request.outPath);
  const text = JSON.stringify({ source: source.info.path, output: outputPath, ...redaction }, null, 2);
  await writeWhole(path, Buffer.from(`${text}\n`));
  notes.push(...redactionNotes(redaction), engineNote('redaction-report', { path }));
  return redaction;
}

/** The encoders of several outputs say the same. */
function eachOnce(notes: readonly EngineNote[]): readonly EngineNote[] {
  return [...new Map(notes.map((note) => [note.text, note])).values()];
}

/** `NAME_3.mp4` for the output of object 3. */
function objectPath(path: string, only: ObjectId | undefined): string {
  if (only === undefined) return path;
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}_${only}${ending}`;
}

function redactionPath(path: string): string {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}.redaction.json`;
}
