import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameIndex, ObjectId } from '../../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { forEachRun, type RleMask } from '../../../../../src-shared/mask/rle.ts';
import { encodePng } from '../../png/encode-png.ts';
import { tellsObjectsApart } from '../../png/read-index-png.ts';
import { decodeSamples, maskFromSamples } from '../../png/read-mask-png.ts';
import type { StoredMask } from '../../ports.ts';
import {
  type DatasetFormat,
  type DatasetPlan,
  paddedFrame,
  type ReadItem,
  type ReadSource,
} from '../dataset-format.ts';
import { frameFromName } from '../reading/dataset-files.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';

/** Pictures that are compressed at once: bounds memory to a few frames. */
const AT_ONCE = 4;
const OBJECT_FOLDER = /^\d{1,5}$/;
const PICTURE = /^\D*\d+\.png$/i;

/**
 * `OBJECT/00000.png`: one 8-bit grey picture (0 or 255) per object and frame, so overlapping masks survive. An object that is
 * absent on a processed frame gets a black picture; a frame that was never processed gets none. SA-V's val and test sets look
 * the same.
 */
export const pngFormat: DatasetFormat = {
  name: 'png',
  summary: 'one black and white picture per object and frame',
  shapes: ['mask'],
  onePerPixel: false,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: false,
  losses: () => ['pictures-no-classes'],
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
      finish: async () => 0,
      async [Symbol.asyncDispose]() {},
    };
  },
  recognises: (files) => root(files) !== null,
  read,
};

async function* read({ files, size, wants, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const base = root(files);
  if (base === null) return;
  for (const folder of files.folders(base, OBJECT_FOLDER)) {
    for (const name of files.names(join(base, folder), PICTURE)) {
      const frame = frameFromName(name);
      if (frame === null) continue;
      const item = { frame, track: String(Number(folder)), label: null };
      if (!wants(frame, true)) {
        yield { ...item, shape: null };
        continue;
      }
      const path = join(base, folder, name);
      const samples = await readOrSkip(skipped, async () =>
        decodeSamples(await files.bytes(path), files.at(path), size),
      );
      if (samples === null) continue;
      if (tellsObjectsApart(samples)) throw isOfVideos(files.at(path));
      yield { ...item, shape: { kind: 'mask', mask: maskFromSamples(samples, size) } };
    }
  }
}

/** Videos have numbers for names, too (KITTI). */
function isOfVideos(path: string): StudioError {
  return new StudioError(
    'dataset-unknown',
    'user',
    `This is no folder of one folder an object: ${path} tells several objects apart, so it may hold one folder a video. Nothing was imported; point at the folder of one video.`,
  );
}

/** The folder that holds the object folders: the given one, or its only subfolder (a video's name). */
function root(files: ReadSource['files']): string | null {
  const holds = (folder: string) =>
    files.folders(folder, OBJECT_FOLDER).some((name) => files.names(join(folder, name), PICTURE).length > 0);
  if (holds('')) return '';
  const inside = files.folders('', /^[^.]/);
  return inside.length === 1 && holds(inside[0]) ? inside[0] : null;
}

async function writeMask(plan: DatasetPlan, frame: FrameIndex, stored: StoredMask, made: Set<ObjectId>) {
  const folder = join(plan.folder, String(stored.objectId));
  if (!made.has(stored.objectId)) {
    await mkdir(folder, { recursive: true });
    made.add(stored.objectId);
  }
  await writeFile(join(folder, `${paddedFrame(frame, plan.digits)}.png`), await encodeMask(stored.mask, plan));
}

function encodeMask(mask: RleMask | null, { width, height }: DatasetPlan): Promise<Buffer> {
  const pixels = new Uint8Array(width * height);
  if (mask !== null) forEachRun(mask, (start, end) => void pixels.fill(255, start, end));
  return encodePng({ kind: 'grey', width, height, pixels });
}
