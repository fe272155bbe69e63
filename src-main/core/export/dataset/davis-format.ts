import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameIndex } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { forEachRun, maskIou, rleFromBitmap } from '../../../../src-shared/mask/rle.ts';
import { davisPalette } from '../png/davis-palette.ts';
import { encodePng } from '../png/encode-png.ts';
import { readMaskPng } from '../png/read-mask-png.ts';
import type { StoredMask } from '../ports.ts';
import { shownScore } from '../shown-score.ts';
import { type DatasetFormat, type DatasetFrame, type DatasetPlan, paddedFrame } from './dataset-format.ts';
import { differs } from './png-format.ts';

const MOST_OBJECTS = 255;

/**
 * `00000.png`: one 8-bit palette picture per frame in DAVIS colours, the index is the object id, 0 is background. Each pixel keeps
 * one object, so overlaps are decided by the plan's policy. Every frame of the range gets a picture.
 */
export const davisFormat: DatasetFormat = {
  name: 'davis',
  async open(plan) {
    const tooHigh = plan.objects.find(({ objectId }) => objectId > MOST_OBJECTS);
    if (tooHigh !== undefined) throw idTooHigh(tooHigh.objectId);
    const palette = davisPalette();
    return {
      async writeFrame(frame) {
        const { width, height } = plan;
        const pixels = flattenMasks(frame.masks, plan);
        const bytes = await encodePng({ kind: 'palette', width, height, pixels, palette });
        await writeFile(pathOf(plan, frame.frameIndex), bytes);
        return 1;
      },
      async finish() {},
      async [Symbol.asyncDispose]() {},
    };
  },
  async verifyFrame(plan, frame) {
    const path = pathOf(plan, frame.frameIndex);
    const meant = flattenMasks(frame.masks, plan);
    for (const { objectId } of frame.masks) {
      const back = await readMaskPng(path, plan, { value: objectId });
      const bitmap = meant.map((value) => (value === objectId ? 1 : 0));
      if (maskIou(back, rleFromBitmap(bitmap, plan.width, plan.height)) !== 1) throw differs(path);
    }
    return frame.masks.length;
  },
};

/** Object ids [height, width], 0 where nothing is. */
export function flattenMasks(masks: DatasetFrame['masks'], plan: Omit<DatasetPlan, 'folder' | 'digits' | 'objects'>) {
  const pixels = new Uint8Array(plan.width * plan.height);
  const strength = ({ source, scores }: StoredMask) => (source === 'prompt' ? 2 : (shownScore(scores) ?? -1));
  const byId = [...masks].sort((a, b) => a.objectId - b.objectId);
  const inOrder = plan.overlap === 'topmost' ? byId : byId.sort((a, b) => strength(a) - strength(b));
  for (const { mask, objectId } of inOrder) {
    if (objectId > MOST_OBJECTS) throw idTooHigh(objectId);
    if (mask !== null) forEachRun(mask, (start, end) => void pixels.fill(objectId, start, end));
  }
  return pixels;
}

function idTooHigh(id: number): StudioError {
  return new StudioError(
    'usage',
    'user',
    `Object ${id} does not fit the davis format, whose ids end at ${MOST_OBJECTS}; export as png or csv instead.`,
  );
}

function pathOf(plan: DatasetPlan, frame: FrameIndex): string {
  return join(plan.folder, `${paddedFrame(frame, plan.digits)}.png`);
}
