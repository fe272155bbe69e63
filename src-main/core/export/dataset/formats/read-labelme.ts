import { join } from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import type { BoxInVideo, Size } from '../../../../../src-shared/geometry/geometry.ts';
import { pasteMask } from '../../../../../src-shared/mask/box-rle.ts';
import { maskFromRings } from '../../../../../src-shared/mask/mask-from-rings.ts';
import type { RleMask } from '../../../../../src-shared/mask/rle.ts';
import { maskFromPng } from '../../png/read-mask-png.ts';
import type { ReadItem, ReadShape, ReadSource } from '../dataset-format.ts';
import { type DatasetFiles, frameFromName } from '../reading/dataset-files.ts';
import { filesByFrame } from '../reading/frame-order.ts';
import { parseJson } from '../reading/parse-json.ts';
import {
  otherSize,
  type PictureSize,
  pictureScale,
  pictureSide,
  scaledBox,
  scaledRings,
} from '../reading/picture-scale.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { TrackNames } from '../reading/track-names.ts';

const FOLDERS = ['', 'train', 'val', 'test'];
const shape = z.object({
  label: z.string().default(''),
  points: z.array(z.tuple([z.number(), z.number()])),
  group_id: z.union([z.number(), z.string()]).nullable().optional(),
  shape_type: z.string().default('polygon'),
  mask: z.string().nullable().optional(),
});
const file = z.object({ shapes: z.array(z.unknown()), imageWidth: pictureSide, imageHeight: pictureSide });
type Shape = z.output<typeof shape>;

export function labelmeFiles(files: DatasetFiles): readonly string[] {
  const paths = FOLDERS.flatMap((folder) => files.names(folder, /\.json$/i).map((name) => join(folder, name)));
  const hasShapes = (path: string) => /"shapes"\s*:/.test(files.head(path));
  const first = paths.find((path) => frameFromName(path) !== null);
  if (first === undefined || !hasShapes(first)) return [];
  // Other JSON may lie beside the labels.
  return paths.filter((path) => frameFromName(path) !== null || hasShapes(path));
}

/** Outlines of one object (shapes of one label and group) come back as one mask; of its other shapes the first does. X-AnyLabeling writes the same files. */
export async function* readLabelme({
  files,
  size,
  wants,
  skipped,
}: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const names = new TrackNames();
  for (const { path, frame } of filesByFrame(labelmeFiles(files), skipped)) {
    const content = await readOrSkip(skipped, async () => parseJson(file, await files.text(path), path));
    const shapes = (content?.shapes ?? []).flatMap((each) => {
      const parsed = shape.safeParse(each);
      if (!parsed.success) skipped.add('a shape of an unknown form');
      return parsed.success ? [parsed.data] : [];
    });
    const picture = { width: content?.imageWidth ?? null, height: content?.imageHeight ?? null };
    let alone = 0;
    const groups = Map.groupBy(shapes, ({ label, group_id }) =>
      group_id == null ? `alone ${++alone}` : `${label} ${group_id}`,
    );
    for (const parts of groups.values()) {
      const { label, group_id } = parts[0];
      const track = group_id == null ? null : names.of(String(group_id), `${label} of group`);
      const item = { frame, track, label: label === '' ? null : label };
      if (!wants(frame, track !== null)) {
        yield { ...item, shape: null };
        continue;
      }
      const found = await readOrSkip(skipped, () => ({ shape: shapeOf(parts, size, picture) }));
      if (found?.shape) {
        skipped.add('a further shape of one object', parts.length - Math.max(1, parts.filter(isOutline).length));
        yield { ...item, shape: found.shape };
      } else if (found !== null) skipped.add(`a ${parts[0].shape_type}, which is no mask or box`);
    }
  }
}

function isOutline({ shape_type, points }: Shape): boolean {
  return shape_type === 'polygon' && points.length > 2;
}

function shapeOf(parts: readonly Shape[], size: Size, picture: PictureSize): ReadShape | null {
  const scale = pictureScale(picture, size);
  const polygons = parts.filter(isOutline);
  if (polygons.length > 0) {
    const rings = scaledRings(
      polygons.map(({ points }) => points.flat()),
      scale,
    );
    return { kind: 'mask', mask: maskFromRings(rings, size.width, size.height) };
  }
  const [{ shape_type, points, mask }] = parts;
  if (points.length < 2) return null;
  const [[x0, y0], [x1, y1]] = [points[0], points[points.length > 2 ? 2 : 1]];
  const box = { x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) };
  if (shape_type === 'mask' && mask) {
    if (scale.x !== 1 || scale.y !== 1) throw otherSize('A mask', picture, size);
    return { kind: 'mask', mask: placed(mask, box, size) };
  }
  if (shape_type === 'rectangle' && box.width > 0 && box.height > 0) return { kind: 'box', box: scaledBox(box, scale) };
  return null;
}

/** The picture of a mask's box, put where the box is; both corners belong to it. */
function placed(base64: string, corners: BoxInVideo, size: Size): RleMask {
  const crop = { width: Math.round(corners.width) + 1, height: Math.round(corners.height) + 1 };
  if (crop.width > size.width || crop.height > size.height) throw tooLarge();
  const part = maskFromPng(Buffer.from(base64, 'base64'), 'mask', crop);
  return pasteMask(part, Math.round(corners.x), Math.round(corners.y), size);
}

/** Before the picture is decoded: a small file can hold a very large one. */
function tooLarge(): StudioError {
  return new StudioError('mask-corrupt', 'user', 'A mask is larger than the picture; write the file again.');
}
