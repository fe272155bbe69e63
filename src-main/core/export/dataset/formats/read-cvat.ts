import { maskFromRunsInBox } from '../../../../../src-shared/mask/box-rle.ts';
import { maskFromRings } from '../../../../../src-shared/mask/mask-from-rings.ts';
import type { ReadItem, ReadShape, ReadSource } from '../dataset-format.ts';
import { type DatasetFiles, frameFromName } from '../reading/dataset-files.ts';
import { itemsByFrame } from '../reading/frame-order.ts';
import { otherSize, type PictureSize, pictureScale, scaledBox, scaledRings } from '../reading/picture-scale.ts';
import { readOrSkip } from '../reading/read-or-skip.ts';
import { TrackNames } from '../reading/track-names.ts';
import { boxAroundTurned } from '../reading/turned-box.ts';
import { readXml } from '../reading/xml-stream.ts';

type Attributes = ReadonlyMap<string, string>;
const SHAPES = new Set(['box', 'polygon', 'mask']);
const UNKNOWN = new Set(['polyline', 'points', 'cuboid', 'ellipse', 'skeleton', 'tag']);

export function cvatFile(files: DatasetFiles): string | null {
  return files.names('', /\.xml$/i).find((name) => files.head(name).includes('<annotations')) ?? null;
}

/**
 * CVAT 1.1 for video and for images: boxes, polygons and masks; hidden shapes (`outside`) are left out. A mask, and a shape of an
 * image, belongs to the object of its label and group number, or to none that is known; a track of boxes or outlines is an object,
 * whatever group it is in (a rider and a horse).
 */
export function readCvat(source: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  return itemsByFrame(readShapes(source));
}

async function* readShapes({ files, size, wants, skipped }: ReadSource): AsyncGenerator<ReadItem, void, undefined> {
  const name = cvatFile(files);
  if (name === null) return;
  const names = new TrackNames();
  let track: Attributes | null = null;
  let image: Attributes | null = null;
  /** Of the video, as the file's head gives it. */
  let original: PictureSize = { width: null, height: null };
  let inOriginal = false;
  for await (const event of readXml(files.at(name))) {
    if (event.name === 'track') track = event.kind === 'open' ? event.attributes : null;
    if (event.name === 'image') image = event.kind === 'open' ? event.attributes : null;
    if (event.name === 'original_size') inOriginal = event.kind === 'open';
    if (event.kind === 'close') {
      if (inOriginal && (event.name === 'width' || event.name === 'height'))
        original = { ...original, [event.name]: sideOf(event.text) };
      continue;
    }
    if (UNKNOWN.has(event.name)) skipped.add(`a ${event.name}, which is no mask or box`);
    if (!SHAPES.has(event.name) || (track === null && image === null)) continue;
    const { attributes } = event;
    if (attributes.get('outside') === '1') continue;
    const frame = frameOf(attributes, image);
    if (frame === null) {
      skipped.add('a shape without a frame');
      continue;
    }
    const label = (track ?? attributes).get('label') ?? null;
    const item = { frame, track: identityOf(event.name, track, attributes, names), label };
    if (!wants(frame, item.track !== null)) yield { ...item, shape: null };
    else {
      const picture = image === null ? original : sizeOf(image);
      const found = await readOrSkip(skipped, () => ({ shape: shapeOf(event.name, attributes, size, picture) }));
      if (found?.shape) yield { ...item, shape: found.shape };
      else if (found !== null) skipped.add('a box without a place');
    }
  }
}

function frameOf(attributes: Attributes, image: Attributes | null): number | null {
  const text = attributes.get('frame');
  if (text !== undefined) return /^\d{1,9}$/.test(text) ? Number(text) : null;
  return image === null ? null : (frameFromName(image.get('name') ?? '') ?? Number(image.get('id') ?? Number.NaN));
}

function identityOf(kind: string, track: Attributes | null, shape: Attributes, names: TrackNames): string | null {
  if (track !== null && kind !== 'mask') {
    const id = track.get('id') ?? null;
    return id === null ? null : names.of(id, 'track');
  }
  // CVAT has no tracks of masks: each mask has one of its own.
  const owner = track ?? shape;
  const group = owner.get('group_id') ?? '0';
  return group === '0' ? null : names.of(group, `${owner.get('label') ?? ''} of group`);
}

function sizeOf(image: Attributes): PictureSize {
  return { width: sideOf(image.get('width')), height: sideOf(image.get('height')) };
}

function sideOf(text: string | undefined): number | null {
  const side = Number(text);
  return side > 0 && Number.isFinite(side) ? side : null;
}

function shapeOf(
  kind: string,
  attributes: Attributes,
  size: ReadSource['size'],
  picture: PictureSize,
): ReadShape | null {
  const scale = pictureScale(picture, size);
  const number = (name: string) => Number(attributes.get(name) ?? Number.NaN);
  if (kind === 'box') {
    const box = {
      x: number('xtl'),
      y: number('ytl'),
      width: number('xbr') - number('xtl'),
      height: number('ybr') - number('ytl'),
    };
    if (!(box.width > 0 && box.height > 0 && Number.isFinite(box.x + box.y))) return null;
    const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const turned = boxAroundTurned(box, Number(attributes.get('rotation')) || 0, centre);
    return { kind: 'box', box: scaledBox(turned, scale) };
  }
  if (kind === 'mask') {
    if (scale.x !== 1 || scale.y !== 1) throw otherSize('A mask', picture, size);
    const runs = (attributes.get('rle') ?? '').split(',').map(Number);
    const box = { x: number('left'), y: number('top'), width: number('width'), height: number('height') };
    return { kind: 'mask', mask: maskFromRunsInBox(runs, box, size) };
  }
  const ring = (attributes.get('points') ?? '').split(/[;,]/).map(Number);
  const rings = scaledRings([ring.slice(0, ring.length - (ring.length % 2))], scale);
  return { kind: 'mask', mask: maskFromRings(rings, size.width, size.height) };
}
