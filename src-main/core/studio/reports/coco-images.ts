import { join } from 'node:path';
import { type ErrorCode, StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { rleFromLogits } from '../../../../src-shared/mask/mask-from-logits.ts';
import { type CocoGroundTruth, type CocoImage, cocoRleFromMask } from '../../evaluation/index.ts';
import { type PackRuntime, resamplePicture } from '../../models/index.ts';
import type { CocoResult, ImageTimes } from '../../reports/index.ts';
import { type DecodedPicture, readPicture } from '../../video/index.ts';
import type { MediaRequest } from '../threads/report-contract.ts';

/** Detections of one class on one picture that are kept: COCO counts no more. */
const MOST_DETECTIONS = 100;

export interface Phrase {
  readonly categoryId: number;
  readonly name: string;
}

/** The classes that the pack has words for, and those it has not. Errors of a pack without text pass. */
export async function knownPhrases(
  runtime: PackRuntime,
  { categories }: CocoGroundTruth,
): Promise<{ readonly known: readonly Phrase[]; readonly unknown: readonly string[] }> {
  const known: Phrase[] = [];
  const unknown: string[] = [];
  for (const { id, name } of categories) {
    try {
      await runtime.encodeText(name);
      known.push({ categoryId: id, name });
    } catch (error) {
      if (StudioError.from(error).code !== 'word-unknown') throw error;
      unknown.push(name);
    }
  }
  return { known, unknown };
}

export interface DetectedImage {
  readonly kind: 'detected';
  readonly imageId: number;
  readonly results: readonly CocoResult[];
  readonly times: ImageTimes;
}

/** Nothing was detected on it, because it could not be read or is another picture than the annotated one. */
export interface SkippedImage {
  readonly kind: 'skipped';
  readonly imageId: number;
  /** Its file name, or its id in words. */
  readonly name: string;
  /** `there is no such file` */
  readonly reason: string;
}

export interface DetectRequest {
  readonly runtime: PackRuntime;
  readonly imageFolder: string;
  readonly media: MediaRequest;
  readonly phrases: readonly Phrase[];
  readonly scoreFilter: number;
  readonly signal: AbortSignal;
}

/** Every phrase on every picture that can be read; the next picture is decoded while the model works on this one. */
export async function* detectImages(
  request: DetectRequest,
  images: readonly CocoImage[],
): AsyncGenerator<DetectedImage | SkippedImage> {
  let next = images.length === 0 ? null : readImage(request, images[0]);
  for (const [at, image] of images.entries()) {
    throwIfAborted(request.signal);
    const started = performance.now();
    const picture = await (next ?? readImage(request, image));
    const following = images[at + 1];
    next = following === undefined ? null : readImage(request, following);
    // Whoever awaits it later sees the failure; until then it is no unhandled one.
    next?.catch(() => {});
    if ('reason' in picture) yield picture;
    else yield await detectImage(request, image.id, picture, started);
  }
}

/** Why a picture is left out, by the code of the error that reading it gave; any other error ends the run. */
const REASONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'file-missing': 'there is no such file',
  'media-refused': 'it is not a readable PNG or JPEG picture',
  'media-too-large': 'it is too large',
  'ffmpeg-failed': 'it could not be decoded',
};

async function readImage(
  { imageFolder, media, signal }: DetectRequest,
  { id, fileName, width, height }: CocoImage,
): Promise<DecodedPicture | SkippedImage> {
  const skipped = (reason: string) =>
    ({ kind: 'skipped', imageId: id, name: fileName ?? `image ${id}`, reason }) as const;
  if (fileName === null) return skipped('the annotation file gives it no file_name');
  const size = width === null || height === null ? undefined : { width, height };
  const options = { tools: media.tools, cacheDir: media.cacheFolder, signal, expectedSize: size };
  try {
    const picture = await readPicture(join(imageFolder, fileName), options);
    if (size === undefined || (picture.width === width && picture.height === height)) return picture;
    return skipped(`it is ${picture.width}x${picture.height}, the annotated picture ${width}x${height}`);
  } catch (error) {
    const reason = REASONS[StudioError.from(error).code];
    if (reason === undefined) throw error;
    return skipped(reason);
  }
}

async function detectImage(
  { runtime, phrases, scoreFilter }: DetectRequest,
  imageId: number,
  { pixels, width, height }: DecodedPicture,
  started: number,
): Promise<DetectedImage> {
  const { imageSize: side, lowres } = runtime.spec;
  const square = resamplePicture(pixels, width, height, side, side, 'bilinear-aa');
  const read = performance.now();
  const features = await runtime.encodeImage(square);
  const encoded = performance.now();
  let prompt = 0;
  let postProcess = 0;
  const results: CocoResult[] = [];
  for (const { categoryId, name } of phrases) {
    const asked = performance.now();
    const { scores, boxes, masks } = await runtime.detect(features, await runtime.encodeText(name), []);
    const answered = performance.now();
    for (const query of bestQueries(scores, scoreFilter)) {
      const logits = masks.subarray(query * lowres * lowres, (query + 1) * lowres * lowres);
      results.push({
        image_id: imageId,
        category_id: categoryId,
        bbox: pixelBox(boxes.subarray(query * 4, query * 4 + 4), width, height),
        score: scores[query],
        segmentation: cocoRleFromMask(rleFromLogits(logits, lowres, width, height)),
      });
    }
    prompt += answered - asked;
    postProcess += performance.now() - answered;
  }
  const ended = performance.now();
  const times = { read: read - started, encode: encoded - read, prompt, postProcess, endToEnd: ended - started };
  return { kind: 'detected', imageId, results, times };
}

function bestQueries(scores: Float32Array, scoreFilter: number): number[] {
  return [...scores.keys()]
    .filter((query) => scores[query] >= scoreFilter)
    .sort((a, b) => scores[b] - scores[a])
    .slice(0, MOST_DETECTIONS);
}

/** Corners in 0..1 -> x, y, width, height in pixels to two decimals, inside the picture. */
function pixelBox(corners: Float32Array, width: number, height: number): [number, number, number, number] {
  const bound = (value: number, size: number) => Math.min(size, Math.max(0, value * size));
  const [left, top] = [bound(corners[0], width), bound(corners[1], height)];
  const [right, bottom] = [bound(corners[2], width), bound(corners[3], height)];
  const round = (value: number) => Math.round(value * 100) / 100;
  return [round(left), round(top), round(Math.max(0, right - left)), round(Math.max(0, bottom - top))];
}
