import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { maskBox } from '../../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, DatasetPlan, DatasetWriter, ReadItem, ReadSource } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { datasetId } from '../reading/dataset-id.ts';
import { readJson } from '../reading/json-stream.ts';
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
      for (const [at, object] of plan.objects.entries()) {
        await release(object.objectId, false);
        const region = { id: `object-${object.objectId}`, type: 'videorectangle', from_name: 'box', to_name: 'video' };
        const more = { ...region, origin: 'manual', meta: { text: [object.name] } };
        const value = { framesCount: plan.times.frameCount, duration, labels: [object.className] };
        await file.write(`${at === 0 ? '\n' : ',\n'}${JSON.stringify(more).slice(0, -1)},"value":`);
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

const region = z.object({
  id: datasetId.nullish(),
  type: z.string(),
  value: z.object({
    labels: z.array(z.string()).default([]),
    sequence: z.array(
      z.object({ frame: z.number(), x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
    ),
  }),
});

/** Key frames only: what Label Studio draws between them is interpolated, not labelled. */
async function* read({ files, size, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
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
    for (const key of found.sequence) {
      const box = {
        x: (key.x / 100) * size.width,
        y: (key.y / 100) * size.height,
        width: (key.width / 100) * size.width,
        height: (key.height / 100) * size.height,
      };
      if (box.width <= 0 || box.height <= 0) skipped.add('a box without area');
      else yield { frame: key.frame - 1, track, label: found.labels[0] ?? null, shape: { kind: 'box', box } };
    }
  }
}

function taskFile(files: DatasetFiles): string | null {
  const found = files.names('', /\.json$/i).find((name) => /videorectangle|"result"\s*:/.test(files.head(name)));
  return found === undefined ? null : basename(found);
}
