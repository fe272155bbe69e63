import { z } from 'zod';
import { cocoRleSchema, maskFromCocoRle } from '../../../../src-shared/mask/coco-rle.ts';
import { emptyMask, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { maskFromPolygons } from '../coco-polygon.ts';
import type { MaskSequence, TrackFacts } from './mask-sequence.ts';
import { named, unreadable } from './read-failure.ts';

const segmentations = z.array(z.union([cocoRleSchema, z.array(z.array(z.number())), z.null()]));
const datasetSchema = z.object({
  videos: z.array(
    z.object({
      id: z.number(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
      length: z.number().int().min(0).optional(),
      file_names: z.array(z.string()).optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string() })).default([]),
  annotations: z.array(
    z.object({
      id: z.number(),
      video_id: z.number(),
      category_id: z.number().default(0),
      noun_phrase: z.string().optional(),
      score: z.number().optional(),
      iscrowd: z.union([z.number(), z.boolean()]).default(0),
      segmentations,
    }),
  ),
  video_np_pairs: z
    .array(z.object({ video_id: z.number(), category_id: z.number().optional(), noun_phrase: z.string() }))
    .optional(),
});
const resultsSchema = z.array(
  z.object({ video_id: z.number(), category_id: z.number(), score: z.number(), segmentations }),
);

type Segmentations = z.output<typeof segmentations>;

/** A (video, phrase) pair that was asked for, also where nothing is there. */
export interface AskedPhrase {
  readonly video: string;
  readonly phrase: string;
}

/** A YouTube-VIS or SA-Co/VEval file, read. Sequences are named by video id. */
export interface YtvisFile {
  readonly sequences: readonly MaskSequence[];
  /** Pairs that the file lists; null: it lists none, so every pair that either side has counts. */
  readonly asked: readonly AskedPhrase[] | null;
  readonly categories: ReadonlyMap<number, string>;
}

export function looksLikeYtvis(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'videos' in json && 'annotations' in json;
}

export function looksLikeYtvisResults(json: unknown): boolean {
  return Array.isArray(json) && json.length > 0 && json.every((item) => item?.segmentations !== undefined);
}

/** Reads a whole dataset file: ground truth, or predictions in the same form. Throws `file-unreadable`, later `mask-corrupt`. */
export function readYtvis(json: unknown, path: string): YtvisFile {
  const file = parse(datasetSchema, json, path);
  const categories = new Map(file.categories.map(({ id, name }) => [id, name]));
  const byVideo = Map.groupBy(file.annotations, ({ video_id }) => video_id);
  const asked = file.video_np_pairs?.map(({ video_id, noun_phrase }) => ({
    video: String(video_id),
    phrase: noun_phrase,
  }));
  const sequences = file.videos.map((video) => {
    const annotations = byVideo.get(video.id) ?? [];
    const length = Math.max(video.length ?? 0, video.file_names?.length ?? 0, ...annotations.map(lengthOf));
    const frames = Array.from({ length }, (_, at) => frameName(video.file_names?.[at], at));
    const tracks = annotations.map((annotation) => ({
      id: annotation.id,
      whose: `Annotation ${annotation.id} of video ${video.id}`,
      crowd: Boolean(annotation.iscrowd),
      facts: {
        category: annotation.noun_phrase ?? categories.get(annotation.category_id) ?? String(annotation.category_id),
        score: annotation.score ?? null,
      },
      segmentations: annotation.segmentations,
    }));
    return sequenceOf({ ...video, frames }, tracks, true);
  });
  return { sequences, asked: asked ?? null, categories };
}

/** Reads a results list; frames, sizes and classes are those of the ground truth. */
export function readYtvisResults(json: unknown, path: string, truth: YtvisFile): MaskSequence[] {
  const byVideo = Map.groupBy(parse(resultsSchema, json, path), ({ video_id }) => String(video_id));
  return truth.sequences.map((video) => {
    const tracks = (byVideo.get(video.name) ?? []).map((result, at) => ({
      id: at + 1,
      whose: `Result ${at + 1} of video ${video.name}`,
      crowd: false,
      facts: {
        category: truth.categories.get(result.category_id) ?? String(result.category_id),
        score: result.score,
      },
      segmentations: result.segmentations,
    }));
    return sequenceOf({ ...video, id: video.name }, tracks, false);
  });
}

interface Track {
  readonly id: number;
  /** Names it in an error. */
  readonly whose: string;
  /** A region to ignore, and no object. */
  readonly crowd: boolean;
  readonly facts: TrackFacts;
  readonly segmentations: Segmentations;
}

function sequenceOf(
  video: { id: number | string; width: number; height: number; frames: readonly string[] },
  tracks: readonly Track[],
  comparableIds: boolean,
): MaskSequence {
  const { width, height, frames } = video;
  const objects = tracks.filter(({ crowd }) => !crowd);
  const crowds = tracks.filter(({ crowd }) => crowd);
  const maskAt = ({ whose, segmentations: all }: Track, position: number) =>
    named(`${whose}, frame ${frames[position]},`, () => maskOf(all[position] ?? null, width, height));
  return {
    kind: 'masks',
    name: String(video.id),
    width,
    height,
    frames,
    comparableIds,
    tracks: new Map(objects.map(({ id, facts }) => [id, facts])),
    masksAt: (position) => new Map(objects.map((track) => [track.id, maskAt(track, position)])),
    ignoredAt: (position) => crowds.map((track) => maskAt(track, position)),
  };
}

function maskOf(segmentation: Segmentations[number], width: number, height: number): RleMask {
  if (segmentation === null) return emptyMask(width, height);
  if (!Array.isArray(segmentation)) return maskFromCocoRle(segmentation);
  return segmentation.length === 0 ? emptyMask(width, height) : maskFromPolygons(segmentation, width, height);
}

function lengthOf({ segmentations: all }: { segmentations: Segmentations }): number {
  return all.length;
}

/** `video/00005.jpg` -> `00005`. */
function frameName(file: string | undefined, at: number): string {
  const name = file
    ?.split('/')
    .at(-1)
    ?.replace(/\.[^.]+$/, '');
  return name === undefined || name === '' ? String(at).padStart(5, '0') : name;
}

function parse<T extends z.ZodType>(schema: T, json: unknown, path: string): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unreadable(path, `is not a YouTube-VIS file (${issue.path.join('.')}: ${issue.message})`, result.error);
}
