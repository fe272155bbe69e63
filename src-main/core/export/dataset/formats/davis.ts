import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIRST_MOTS_ID } from '../../../../../src-shared/datasets/mots-row.ts';
import { type DatasetFormat, paddedFrame } from '../dataset-format.ts';
import type { DatasetFiles } from '../reading/dataset-files.ts';
import { palettePicture, readIdPictures, requirePaletteIds } from './id-pictures.ts';
import { meaningOfMots } from './mots-ids.ts';

const PICTURE = /^\d+\.png$/i;
/** Where DAVIS itself keeps the pictures of a sequence. */
const RESOLUTIONS = ['480p', 'Full-Resolution', '1080p'];

/**
 * `00000.png`: one 8-bit palette picture per frame in DAVIS colours, the index is the object id, 0 is background. Each pixel keeps
 * one object, so overlaps are decided by the plan's policy. Every frame of the range gets a picture.
 */
export const davisFormat: DatasetFormat = {
  name: 'davis',
  summary: 'one palette picture per frame, the index is the object (DAVIS)',
  shapes: ['mask'],
  onePerPixel: true,
  splits: false,
  pictures: null,
  framesStandAlone: false,
  checksEveryFrame: false,
  losses: () => ['pictures-no-classes'],
  async open(plan) {
    requirePaletteIds('davis', plan);
    return {
      async writeFrame(frame) {
        const path = join(plan.folder, `${paddedFrame(frame.frameIndex, plan.digits)}.png`);
        await writeFile(path, await palettePicture(frame, plan));
        return 1;
      },
      finish: async () => 0,
      async [Symbol.asyncDispose]() {},
    };
  },
  recognises: (files) => picturesOf(files).length > 0,
  async *read(source) {
    yield* readIdPictures(source, picturesOf(source.files), (value) =>
      // Beyond what a palette holds lie the numbers of MOTS, whose pictures may be in such a folder, too.
      value >= FIRST_MOTS_ID ? meaningOfMots(value, []) : { track: String(value), label: null },
    );
  },
};

/** Paths of the pictures: in the folder itself, or in DAVIS's own tree when that holds one sequence. */
function picturesOf(files: DatasetFiles): readonly string[] {
  const direct = files.names('', PICTURE);
  if (direct.length > 0) return direct;
  for (const resolution of RESOLUTIONS) {
    const base = join('Annotations', resolution);
    const sequences = files.folders(base, /^[^.]/);
    if (sequences.length !== 1) continue;
    return files.names(join(base, sequences[0]), PICTURE).map((name) => join(base, sequences[0], name));
  }
  return [];
}
