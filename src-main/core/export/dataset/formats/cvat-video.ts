import { join } from 'node:path';
import { runsInBox } from '../../../../../src-shared/mask/box-rle.ts';
import { joinRings } from '../../../../../src-shared/mask/join-rings.ts';
import { outlinesOf } from '../../../../../src-shared/mask/outlines.ts';
import { maskBox, type RleMask } from '../../../../../src-shared/mask/rle.ts';
import type { DatasetFormat, DatasetObject, DatasetPlan, DatasetWriter } from '../dataset-format.ts';
import { xmlText } from '../reading/xml-stream.ts';
import { Spool } from '../writing/spool.ts';
import { TextFile } from '../writing/text-file.ts';
import { cvatFile, readCvat } from './read-cvat.ts';

const FILE = 'annotations.xml';

const SHAPE_LOSSES = { mask: ['cvat-no-tracks'], polygon: [], box: ['boxes-only'] } as const;

/**
 * CVAT for video 1.1: `annotations.xml`. Boxes and polygons are tracks, one for each object that is there at all. CVAT has no mask
 * tracks, so each mask is a track of one frame, as CVAT writes its own, and `group_id` says which object it belongs to: to us,
 * because CVAT makes a shape of such a track and drops its group.
 */
export const cvatVideoFormat: DatasetFormat = {
  name: 'cvat-video',
  summary: 'CVAT for video 1.1: masks, or polygon or box tracks',
  shapes: ['mask', 'polygon', 'box'],
  onePerPixel: false,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: true,
  losses: ({ shape }) => ['scores-lost', ...SHAPE_LOSSES[shape]],
  open: openWriter,
  recognises: (files) => cvatFile(files) !== null,
  read: readCvat,
};

async function openWriter(plan: DatasetPlan): Promise<DatasetWriter> {
  const file = await TextFile.create(join(plan.folder, FILE));
  await file.write(headOf(plan));
  if (plan.shape === 'mask') return maskWriter(plan, file);
  return trackWriter(plan, file, await Spool.create(join(plan.folder, '.parts')));
}

/** Each mask at once: a track of one frame that ends on the next. */
function maskWriter(plan: DatasetPlan, file: TextFile): DatasetWriter {
  const objects = new Map(plan.objects.map((object) => [object.objectId, object]));
  let id = 0;
  return {
    async writeFrame(frame) {
      for (const { objectId, mask } of frame.masks) {
        const object = objects.get(objectId);
        const shape = mask === null ? null : shapeOf(mask, plan);
        if (shape === null || object === undefined) continue;
        const end = frame.frameIndex + 1 < plan.times.frameCount ? element(shape, frame.frameIndex + 1, true) : '';
        const body = `${element(shape, frame.frameIndex, false)}${end}`;
        await file.write(`  ${trackTag(object, id++, ` group_id="${objectId}"`)}\n${body}  </track>\n`);
      }
      return 0;
    },
    async finish() {
      await file.write('</annotations>\n');
      await file.finish();
      return 1;
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** One track an object: its shapes are collected while the frames come. */
function trackWriter(plan: DatasetPlan, file: TextFile, spool: Spool): DatasetWriter {
  const shown = new Map<number, string>();
  /** CVAT's import ends at a track without a shape. */
  const written = new Set<number>();
  const end = async (objectId: number, frame: number) => {
    const last = shown.get(objectId);
    shown.delete(objectId);
    if (last !== undefined && frame < plan.times.frameCount)
      await spool.add(String(objectId), element(last, frame, true), '');
  };
  return {
    async writeFrame(frame) {
      const byObject = new Map(frame.masks.map(({ objectId, mask }) => [objectId, mask]));
      for (const { objectId } of plan.objects) {
        const mask = byObject.get(objectId) ?? null;
        const shape = mask === null ? null : shapeOf(mask, plan);
        if (shape === null) {
          await end(objectId, frame.frameIndex);
          continue;
        }
        await spool.add(String(objectId), element(shape, frame.frameIndex, false), '');
        shown.set(objectId, shape);
        written.add(objectId);
      }
      return 0;
    },
    async finish() {
      const afterLast = plan.frames[plan.frames.length - 1] + 1;
      for (const object of plan.objects.filter(({ objectId }) => written.has(objectId))) {
        await end(object.objectId, afterLast);
        await file.write(`  ${trackTag(object, object.objectId, '')}\n`);
        await spool.copyTo(String(object.objectId), file);
        await file.write('  </track>\n');
      }
      await file.write('</annotations>\n');
      await file.finish();
      await spool[Symbol.asyncDispose]();
      return 1;
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]();
      await spool[Symbol.asyncDispose]();
    },
  };
}

function trackTag(object: DatasetObject, id: number, more: string): string {
  return `<track id="${id}" label="${xmlText(object.className)}" source="auto"${more}>`;
}

/** Tag name and place of a shape; null: nothing is there. */
function shapeOf(mask: RleMask, plan: DatasetPlan): string | null {
  const box = maskBox(mask);
  if (box === null) return null;
  if (plan.shape === 'box') {
    return `box|xtl="${box.x}" ytl="${box.y}" xbr="${box.x + box.width}" ybr="${box.y + box.height}"`;
  }
  if (plan.shape === 'mask') {
    const { runs } = runsInBox(mask) ?? { runs: [] };
    return `mask|rle="${runs.join(', ')}" left="${box.x}" top="${box.y}" width="${box.width}" height="${box.height}"`;
  }
  const ring = joinRings(outlinesOf(mask, plan.tolerance));
  const points = Array.from({ length: ring.length / 2 }, (_, at) => `${ring[at * 2]},${ring[at * 2 + 1]}`);
  return `polygon|points="${points.join(';')}"`;
}

function element(shape: string, frame: number, outside: boolean): string {
  const [name, place] = shape.split('|');
  return `    <${name} frame="${frame}" keyframe="1" outside="${outside ? 1 : 0}" occluded="0" ${place} z_order="0"></${name}>\n`;
}

function headOf(plan: DatasetPlan): string {
  const name = xmlText(plan.videoName);
  const type = { mask: 'mask', polygon: 'polygon', box: 'rectangle' }[plan.shape];
  const labels = plan.classes.map(
    (label) => `<label><name>${xmlText(label)}</name><type>${type}</type><attributes></attributes></label>`,
  );
  const size = `<original_size><width>${plan.width}</width><height>${plan.height}</height></original_size>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>${name}</name><size>${plan.times.frameCount}</size><mode>interpolation</mode>
      <start_frame>0</start_frame><stop_frame>${plan.times.frameCount - 1}</stop_frame><frame_filter></frame_filter>
      <labels>${labels.join('')}</labels>
      ${size}
    </task>
  </meta>
`;
}
