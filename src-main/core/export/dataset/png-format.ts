import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { emptyMask, forEachRun, maskIou, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { encodePng } from '../png/encode-png.ts';
import { readMaskPng } from '../png/read-mask-png.ts';
import type { StoredMask } from '../ports.ts';
import { type DatasetFormat, type DatasetPlan, paddedFrame } from './dataset-format.ts';

/** Pictures that are compressed at once: bounds memory to a few frames. */
const AT_ONCE = 4;

/**
 * `OBJECT/00000.png`: one 8-bit grey picture (0 or 255) per object and frame, so overlapping masks survive. An object that is
 * absent on a processed frame gets a black picture; a frame that was never processed gets none.
 */
export const pngFormat: DatasetFormat = {
  name: 'png',
  async open(plan) {
    const made = new Set<ObjectId>();
    return {
      async writeFrame(frame) {
        for (let first = 0; first < frame.masks.length; first += AT_ONCE) {
          const some = frame.masks.slice(first, first + AT_ONCE);
          await Promise.all(some.map((stored) => writeMask(plan, frame.frameIndex, stored, made)));
        }
        return frame.masks.length;
      },
      async finish() {},
      async [Symbol.asyncDispose]() {},
    };
  },
  async verifyFrame(plan, frame) {
    for (const { objectId, mask } of frame.masks) {
      const path = pathOf(plan, objectId, frame.frameIndex);
      const back = await readMaskPng(path, plan, { value: 255 });
      if (maskIou(back, mask ?? emptyMask(plan.width, plan.height)) !== 1) throw differs(path);
    }
    return frame.masks.length;
  },
};

/** The error of a picture that does not read back as it was meant. */
export function differs(path: string): StudioError {
  return new StudioError(
    'internal',
    'bug',
    `${path} does not read back as the stored mask; the export was removed, report this.`,
  );
}

async function writeMask(plan: DatasetPlan, frame: FrameIndex, stored: StoredMask, made: Set<ObjectId>) {
  if (!made.has(stored.objectId)) {
    await mkdir(join(plan.folder, String(stored.objectId)), { recursive: true });
    made.add(stored.objectId);
  }
  await writeFile(pathOf(plan, stored.objectId, frame), await encodeMask(stored.mask, plan));
}

function encodeMask(mask: RleMask | null, { width, height }: DatasetPlan): Promise<Buffer> {
  const pixels = new Uint8Array(width * height);
  if (mask !== null) forEachRun(mask, (start, end) => void pixels.fill(255, start, end));
  return encodePng({ kind: 'grey', width, height, pixels });
}

function pathOf(plan: DatasetPlan, objectId: ObjectId, frame: FrameIndex): string {
  return join(plan.folder, String(objectId), `${paddedFrame(frame, plan.digits)}.png`);
}
