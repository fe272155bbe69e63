import { join } from 'node:path';
import { z } from 'zod';
import { cocoRleFromMask, cocoRleSchema } from '../../../../../src-shared/mask/coco-rle.ts';
import { emptyMask, maskArea } from '../../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, DatasetFrame, DatasetPlan, ReadItem, ReadSource } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { datasetId } from '../reading/dataset-id.ts';
import { readJson } from '../reading/json-stream.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { maskOfSize } from '../reading/segmentation.ts';
import { JsonList } from '../writing/json-list.ts';
import { TextFile } from '../writing/text-file.ts';

const SMALL = 32 ** 2;
const MEDIUM = 96 ** 2;

/** What SA-V tells about each masklet. */
interface MaskletFacts {
  areaSum: number;
  visibleFrames: number;
  frames: number;
  edited: number;
  changes: number;
  first: number | null;
  visible: boolean;
}

/**
 * SA-V: `VIDEO_manual.json` with `masklet[frame][object]` as COCO run lengths and a list of facts per object. The outer list has
 * one entry per exported frame (SA-V itself annotates every fourth); `masklet_frame_index` says which, an addition of ours.
 */
export const saVFormat: DatasetFormat = {
  name: 'sa-v',
  summary: 'SA-V annotations: run lengths of all objects, frame by frame',
  shapes: ['mask'],
  onePerPixel: false,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: () => ['classes-lost', 'absent-untracked'],
  open: openWriter,
  recognises: (files) => maskletFile(files) !== null,
  read,
};

async function openWriter(plan: DatasetPlan) {
  const file = await TextFile.create(join(plan.folder, `${plan.videoName}_manual.json`));
  const ids = plan.objects.map(({ objectId }) => objectId);
  const { width, height, times } = plan;
  const head = {
    video_id: plan.videoName,
    video_duration: times.frameCount / plan.framesPerSec,
    video_frame_count: times.frameCount,
    video_height: height,
    video_width: width,
    video_resolution: width * height,
    video_environment: [],
    video_split: 'train',
    masklet_id: ids,
    masklet_frame_index: plan.frames,
  };
  await file.write(`${JSON.stringify(head).slice(0, -1)},\n"masklet":[`);
  const masklet = new JsonList(file);
  const facts = ids.map(
    (): MaskletFacts => ({
      areaSum: 0,
      visibleFrames: 0,
      frames: 0,
      edited: 0,
      changes: 0,
      first: null,
      visible: false,
    }),
  );
  const nothing = cocoRleFromMask(emptyMask(width, height));
  return {
    async writeFrame(frame: DatasetFrame) {
      const byObject = new Map(frame.masks.map((stored) => [stored.objectId, stored]));
      const masks = ids.map((id) => byObject.get(id)?.mask ?? null);
      await masklet.add(masks.map((mask) => (mask === null ? nothing : cocoRleFromMask(mask))));
      ids.forEach((id, at) => {
        const stored = byObject.get(id);
        note(facts[at], frame.frameIndex, stored?.mask ? maskArea(stored.mask) : 0, stored?.source === 'prompt');
      });
      return 0;
    },
    async finish() {
      await file.write(`],\n${JSON.stringify(factLists(facts, width * height)).slice(1)}\n`);
      await file.finish();
      return 1;
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

function note(facts: MaskletFacts, frame: number, area: number, edited: boolean): void {
  facts.frames++;
  if (edited) facts.edited++;
  const visible = area > 0;
  if (facts.first !== null && visible !== facts.visible) facts.changes++;
  if (visible) {
    facts.first ??= frame;
    facts.areaSum += area;
    facts.visibleFrames++;
  }
  facts.visible = visible;
}

function factLists(facts: readonly MaskletFacts[], pixels: number) {
  const means = facts.map(({ areaSum, visibleFrames }) => (visibleFrames === 0 ? 0 : areaSum / visibleFrames));
  return {
    masklet_size_rel: means.map((mean) => mean / pixels),
    masklet_size_abs: means,
    masklet_size_bucket: means.map((mean) => (mean < SMALL ? 'small' : mean < MEDIUM ? 'medium' : 'large')),
    masklet_visibility_changes: facts.map(({ changes }) => changes),
    masklet_first_appeared_frame: facts.map(({ first }) => first ?? 0),
    masklet_frame_count: facts.map(({ frames }) => frames),
    masklet_edited_frame_count: facts.map(({ edited }) => edited),
    masklet_type: facts.map(() => 'manual'),
    masklet_stability_score: null,
    masklet_num: facts.length,
  };
}

const FACTS = ['masklet_id', 'masklet_frame_index', 'masklet_frame_count', 'video_frame_count'];
const numbers = z.array(z.number());
const oneFrame = z.array(cocoRleSchema.nullable());

async function* read({
  files,
  size,
  frameCount,
  wants,
  skipped,
}: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const name = maskletFile(files);
  if (name === null) return;
  const facts = new Map<string, unknown>();
  for await (const { path, value } of readJson(files.at(name), FACTS)) facts.set(path, value);
  const ids = z.array(datasetId).safeParse(facts.get('masklet_id')).data ?? [];
  const index = numbers.safeParse(facts.get('masklet_frame_index')).data ?? null;
  const annotated = numbers.safeParse(facts.get('masklet_frame_count')).data?.[0] ?? frameCount;
  const step = Math.max(1, Math.round(Number(facts.get('video_frame_count') ?? frameCount) / annotated));
  let position = -1;
  for await (const { value } of readJson(files.at(name), ['masklet[]'])) {
    position++;
    const frame = index?.[position] ?? position * step;
    const parsed = oneFrame.safeParse(value);
    if (!parsed.success) {
      skipped.add('a frame of an unknown form');
      continue;
    }
    for (const [at, rle] of parsed.data.entries()) {
      if (rle === null) continue;
      const item = { frame, track: String(ids[at] ?? at), label: null };
      const mask = wants(frame, true) ? await readOrSkip(skipped, () => maskOfSize(rle, size)) : null;
      if (mask !== null && maskArea(mask) === 0) continue;
      if (mask !== null || !wants(frame, true)) yield { ...item, shape: mask === null ? null : { kind: 'mask', mask } };
    }
  }
}

/** SA-V keeps what people drew and what was found automatically in two files; the first of them is read. */
function maskletFile(files: DatasetFiles): string | null {
  const found = files.names('', /\.json$/i).filter((name) => /"(masklet|video_id)"\s*:/.test(files.head(name)));
  return found.find((name) => /_manual\.json$/i.test(name)) ?? found[0] ?? null;
}
