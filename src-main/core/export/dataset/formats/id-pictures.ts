import { davisPalette } from '../../../../../src-shared/datasets/davis-palette.ts';
import { forEachRun } from '../../../../../src-shared/mask/rle.ts';
import { encodePng } from '../../png/encode-png.ts';
import { masksFromIndexPng } from '../../png/read-index-png.ts';
import type { StoredMask } from '../../ports.ts';
import { type DatasetFrame, type DatasetPlan, type ReadItem, type ReadSource, usageError } from '../dataset-format.ts';
import { frameFromName } from '../reading/dataset-files.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';

const MOST_PALETTE_IDS = 255;

/** Throws `usage` when an object's number does not fit 8 bits. */
export function requirePaletteIds(format: string, plan: DatasetPlan): void {
  const tooHigh = plan.objects.find(({ objectId }) => objectId > MOST_PALETTE_IDS);
  if (tooHigh === undefined) return;
  throw usageError(
    `Object ${tooHigh.objectId} does not fit the ${format} format, whose ids end at ${MOST_PALETTE_IDS}; export as png or coco instead.`,
  );
}

/** 8-bit palette picture in DAVIS colours, the index is the object id, 0 is background. */
export function palettePicture(frame: DatasetFrame, { width, height }: DatasetPlan): Promise<Buffer> {
  const pixels = new Uint8Array(width * height);
  paint(frame.masks, (start, end, { objectId }) => void pixels.fill(objectId, start, end));
  return encodePng({ kind: 'palette', width, height, pixels, palette: davisPalette() });
}

/** 16-bit grey picture of whatever `idOf` gives each object, 0 is background. */
export function wideIdPicture(
  frame: DatasetFrame,
  { width, height }: DatasetPlan,
  idOf: (stored: StoredMask) => number,
): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 2);
  paint(frame.masks, (start, end, stored) => {
    const value = idOf(stored);
    for (let at = start; at < end; at++) pixels.writeUInt16BE(value, at * 2);
  });
  return encodePng({ kind: 'grey16', width, height, pixels });
}

function paint(masks: readonly StoredMask[], fill: (start: number, end: number, stored: StoredMask) => void): void {
  for (const stored of masks) {
    if (stored.mask !== null) forEachRun(stored.mask, (start, end) => fill(start, end, stored));
  }
}

/** Every object id of every picture as one mask; `name` and `label` tell what a value means. */
export async function* readIdPictures(
  { files, size, wants, skipped }: ReadSource,
  pictures: readonly string[],
  meaning: (value: number) => { readonly track: string; readonly label: string | null } | null,
): AsyncGenerator<ReadItem, void, undefined> {
  for (const path of pictures) {
    const frame = frameFromName(path);
    if (frame === null || !wants(frame, true)) continue;
    const found = await readOrSkip(skipped, async () =>
      masksFromIndexPng(await files.bytes(path), files.at(path), size),
    );
    skipped.add('a colour that is no object of the DAVIS palette', found?.unknownColours.length ?? 0);
    for (const [value, mask] of found?.masks ?? []) {
      const known = meaning(value);
      if (known !== null) yield { frame, ...known, shape: { kind: 'mask', mask } };
    }
  }
}
