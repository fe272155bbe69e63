import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { maskBox } from '../../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, DatasetPlan, DatasetWriter, ReadItem, ReadSource } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { datasetId } from '../reading/dataset-id.ts';
import { readJson } from '../reading/json-stream.ts';
import { boxAroundTurned } from '../reading/turned-box.ts';
import { xmlText } from '../reading/xml-stream.ts';
import { Spool } from '../writing/spool.ts';
import { TextFile } from '../writing/text-file.ts';

const FILE = 'tasks.json';
const CONFIG = 'label-config.xml';
const RESULT_PATHS = [
  '[].annotations[].result[]',
  '[].predictions[].result[]',
  'annotations[].result[]',
  '[].result[]',
];

/**
 * Label Studio video tracking: `tasks.json` to import and `label-config.xml` for the project. Each object is a VideoRectangle
 * with a key frame per exported frame; Label Studio counts frames from 1 and places boxes in percent.
 */
export const labelStudioFormat: DatasetFormat = {
  name: 'label-studio',
  summary: 'Label Studio video tracking: box tracks with their project configuration',
  shapes: ['box'],
  onePerPixel: false,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: () => ['boxes-only', 'scores-lost'],
  open: openWriter,
  recognises: (files) => taskFile(files) !== null,
  read,
};

async function openWriter(plan: DatasetPlan): Promise<DatasetWriter> {
  const spool = await Spool.create(join(plan.folder, '.parts'));
  const file = await TextFile.create(join(plan.folder, FILE));
  /** The newest key frame of each object, held back until it is known whether the object is still there on the next frame. */
  const held = new Map<number, object>();
  const release = async (objectId: number, enabled: boolean) => {
    const key = held.get(objectId);
    held.delete(objectId);
    if (key !== undefined) await spool.add(String(objectId), JSON.stringify({ ...key, enabled }));
  };
  return {
    async writeFrame(frame) {
      const byObject = new Map(frame.masks.map(({ objectId, mask }) => [objectId, mask]));
      for (const { objectId } of plan.objects) {
        const mask = byObject.get(objectId) ?? null;
        const box = mask === null ? null : maskBox(mask);
        await release(objectId, box !== null);
        if (box === null) continue;
        held.set(objectId, {
          frame: frame.frameIndex + 1,
          rotation: 0,
          x: (box.x / plan.width) * 100,
          y: (box.y / plan.height) * 100,
          width: (box.width / plan.width) * 100,
          height: (box.height / plan.height) * 100,
          time: frame.secs,
        });
      }
      return 0;
    },
    async finish() {
      const video = JSON.stringify({ video: `${plan.videoName}.mp4` });
      await file.write(`[{"data":${video},"annotations":[{"result":[`);
      const duration = plan.times.frameCount / plan.framesPerSec;
      // A region without key frames is nowhere: an object that is on no exported frame gets none.
      let regions = 0;
      for (const object of plan.objects) {
        await release(object.objectId, false);
        if (!spool.has(String(object.objectId))) continue;
        const region = { id: `object-${object.objectId}`, type: 'videorectangle', from_name: 'box', to_name: 'video' };
        const more = { ...region, origin: 'manual', meta: { text: [object.name] } };
        const value = { framesCount: plan.times.frameCount, duration, labels: [object.className] };
        await file.write(`${regions++ === 0 ? '\n' : ',\n'}${JSON.stringify(more).slice(0, -1)},"value":`);
        await file.write(`${JSON.stringify(value).slice(0, -1)},"sequence":[`);
        await spool.copyTo(String(object.objectId), file);
        await file.write(']}}');
      }
      await file.write(']}]}]\n');
      await file.finish();
      await spool[Symbol.asyncDispose]();
      await writeFile(join(plan.folder, CONFIG), configuration(plan));
      return 2;
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]();
      await spool[Symbol.asyncDispose]();
    },
  };
}

function configuration(plan: DatasetPlan): string {
  const labels = plan.classes.map((name) => `    <Label value="${xmlText(name)}"/>\n`).join('');
  const rate = plan.framesPerSec.toFixed(3);
  return `<View>
  <Labels name="videoLabels" toName="video">
${labels}  </Labels>
  <Video name="video" value="$video" framerate="${rate}"/>
  <VideoRectangle name="box" toName="video"/>
</View>
`;
}

/** `frame` counts from 1, places are in percent. */
const keyFrame = z.object({
  frame: z.number(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  enabled: z.unknown().optional(),
  /** Degrees clockwise about the top-left corner. */
  rotation: z.number().nullish(),
});
const region = z.object({
  id: datasetId.nullish(),
  type: z.string(),
  value: z.object({
    labels: z.array(z.string()).default([]),
    framesCount: z.number().nullish(),
    /** Of the video, in seconds. */
    duration: z.number().nullish(),
    sequence: z.array(keyFrame),
  }),
});

type KeyFrame = z.output<typeof keyFrame>;

/** Key frames, and where the source wants whole tracks the boxes that Label Studio shows between them. */
async function* read(source: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const { files, size, skipped, wholeTracks } = source;
  const name = taskFile(files);
  if (name === null) return;
  let unnamed = 0;
  for await (const { value } of readJson(files.at(name), RESULT_PATHS)) {
    const parsed = region.safeParse(value);
    if (!parsed.success) {
      skipped.add('a region that is no video rectangle');
      continue;
    }
    const { id, value: found } = parsed.data;
    const track = id == null ? `region ${++unnamed}` : (/^object-(\d+)$/.exec(id)?.[1] ?? id);
    const perFrame = framesPerCounted(found, source);
    const keys = found.sequence
      .map((key) => ({ ...key, frame: 1 + Math.floor((key.frame - 1) * perFrame + 1e-6) }))
      .toSorted((a, b) => a.frame - b.frame);
    const end = (found.framesCount ?? source.frameCount) * perFrame;
    for (const key of wholeTracks ? shownFrames(keys, end, source) : keys) {
      const box = {
        x: (key.x / 100) * size.width,
        y: (key.y / 100) * size.height,
        width: (key.width / 100) * size.width,
        height: (key.height / 100) * size.height,
      };
      if (box.width <= 0 || box.height <= 0) skipped.add('a box without area');
      else {
        const shape = { kind: 'box', box: boxAroundTurned(box, key.rotation ?? 0, box) } as const;
        yield { frame: key.frame - 1, track, label: found.labels[0] ?? null, shape };
      }
    }
  }
}

/**
 * Frames of the video for one that Label Studio counted: a project has a frame rate of its own, 24 unless its maker said otherwise.
 * 1 where both rates part by no more than two frames up to the end.
 */
function framesPerCounted(
  { framesCount, duration }: z.output<typeof region>['value'],
  { framesPerSec }: ReadSource,
): number {
  if (!framesCount || !duration) return 1;
  const ratio = (framesPerSec * duration) / framesCount;
  return ratio > 0 && Math.abs(ratio - 1) * framesCount > 2 ? ratio : 1;
}

/**
 * As Label Studio shows a track: from an enabled key frame the box moves evenly to the next one, and stays to the end of the video
 * after the last; from one that is not enabled to the next there is none. Key frames ascend; frames between them that are not wanted
 * are left out.
 */
function* shownFrames(
  keys: readonly KeyFrame[],
  framesCount: number,
  { frameCount, wants }: ReadSource,
): Generator<KeyFrame, void, undefined> {
  for (const [at, key] of keys.entries()) {
    yield key;
    if (key.enabled !== true) continue;
    const next = keys.at(at + 1);
    const end = next?.frame ?? framesCount + 1;
    // No track of this video is longer, whatever a file says.
    const last = Math.min(end, key.frame + frameCount);
    for (let frame = key.frame + 1; frame < last; frame++) {
      if (wants(frame - 1, true)) yield between(key, next ?? key, frame);
    }
  }
}

function between(from: KeyFrame, to: KeyFrame, frame: number): KeyFrame {
  const share = from === to ? 0 : (frame - from.frame) / (to.frame - from.frame);
  const at = (name: 'x' | 'y' | 'width' | 'height' | 'rotation') => {
    const [start, end] = [from[name] ?? 0, to[name] ?? 0];
    return start + (end - start) * share;
  };
  return { ...from, frame, x: at('x'), y: at('y'), width: at('width'), height: at('height'), rotation: at('rotation') };
}

function taskFile(files: DatasetFiles): string | null {
  const found = files.names('', /\.json$/i).find((name) => /videorectangle|"result"\s*:/.test(files.head(name)));
  return found === undefined ? null : basename(found);
}
