import { basename, extname } from 'node:path';
import type { DatasetOptions } from '../../../../src-shared/contract/dataset-schemas.ts';
import { type FrameIndex, frameIndex } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { FrameTimes, MaskReader, StoredMask } from '../ports.ts';
import { chooseObjects } from './classes.ts';
import {
  type DatasetFormat,
  type DatasetObject,
  type DatasetPlan,
  type SplitName,
  usageError,
} from './dataset-format.ts';

export interface PlanFacts {
  readonly width: number;
  readonly height: number;
  readonly sourcePath: string;
  readonly framesPerSec: number;
  readonly times: FrameTimes;
  readonly masks: MaskReader;
  readonly range: FrameRange;
}

/** Everything but the folder. Throws `usage` for options that the format does not have. */
export function planDataset(
  format: DatasetFormat,
  facts: PlanFacts,
  options: DatasetOptions,
): Omit<DatasetPlan, 'folder'> {
  checkOptions(format, options);
  const { objects, classes } = chooseObjects(facts.masks.objects, options);
  const asked = framesOf(facts.range, options.step);
  const frames = format.framesStandAlone ? framesWithMasks(asked, facts.masks, objects, options) : asked;
  const firstVal = options.valFraction === null ? null : valStart(frames, options.valFraction);
  const splits: readonly SplitName[] = firstVal === null ? [null] : ['train', 'val'];
  return {
    width: facts.width,
    height: facts.height,
    videoName: safeName(facts.sourcePath),
    framesPerSec: facts.framesPerSec > 0 ? facts.framesPerSec : 1,
    times: facts.times,
    digits: Math.max(5, String(facts.times.frameCount - 1).length),
    frames,
    untrackedFrames: asked.length - frames.length,
    objects,
    classes,
    shape: options.shape ?? format.shapes[0],
    tolerance: options.tolerance,
    overlap: options.overlap ?? (format.onePerPixel ? 'score' : 'keep'),
    images: options.images ?? format.pictures?.usual ?? 'none',
    splits,
    splitOf: (frame) => (firstVal === null ? null : frame >= firstVal ? 'val' : 'train'),
  };
}

function checkOptions(format: DatasetFormat, options: DatasetOptions): void {
  const { name } = format;
  if (options.shape !== null && !format.shapes.includes(options.shape)) {
    throw usageError(`The format ${name} holds ${format.shapes.join(' or ')}, not ${options.shape}.`);
  }
  if (options.overlap === 'keep' && format.onePerPixel) {
    throw usageError(`The format ${name} keeps one object a pixel; choose the overlap policy score or topmost.`);
  }
  if (options.valFraction !== null && !format.splits) {
    throw usageError(`The format ${name} keeps a video whole; leave the split out, or use coco, yolo-seg or labelme.`);
  }
  if (options.images !== null && options.images !== 'none' && format.pictures === null) {
    throw usageError(`The format ${name} has no place for frame pictures; leave them out.`);
  }
}

function framesOf(range: FrameRange, step: number): readonly FrameIndex[] {
  const count = Math.floor((range.last - range.first) / step) + 1;
  return Array.from({ length: count }, (_, at) => frameIndex(range.first + at * step));
}

/**
 * Frames on which one of the objects was tracked; of reviewed masks only those where no mask is left that nobody has reviewed,
 * because a thing without its mask counts as background. That an object is absent is reviewed like a mask.
 */
function framesWithMasks(
  asked: readonly FrameIndex[],
  masks: MaskReader,
  objects: readonly DatasetObject[],
  options: DatasetOptions,
): readonly FrameIndex[] {
  const ids = new Set(objects.map(({ objectId }) => objectId));
  const tracked = asked.filter((frame) => objects.some(({ objectId }) => masks.isTracked(frame, objectId)));
  const frames = !options.onlyReviewed
    ? tracked
    : tracked.filter((frame) => {
        const rows = masks.masksAt(frame).filter(({ objectId }) => ids.has(objectId));
        const isReviewed = ({ reviewed }: StoredMask) => reviewed === true;
        return rows.some(isReviewed) && rows.every((row) => row.mask === null || isReviewed(row));
      });
  if (frames.length > 0) return frames;
  const what = options.onlyReviewed ? 'reviewed completely' : 'tracked';
  throw usageError(`None of these frames has been ${what}; nothing was written.`);
}

/**
 * The last frames, not every n-th one: neighbours look alike, and a validation frame between two training frames would measure
 * nothing. Both parts get a frame.
 */
function valStart(frames: readonly FrameIndex[], fraction: number): FrameIndex {
  if (frames.length < 2)
    throw usageError('A split needs at least two frames; choose a longer range or a smaller step.');
  const train = Math.min(frames.length - 1, Math.max(1, Math.round(frames.length * (1 - fraction))));
  return frames[train];
}

/** Letters, digits, dot, dash and underscore only: it becomes a folder name and stands in text formats. */
function safeName(path: string): string {
  const stem = basename(path, extname(path))
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '_')
    .replace(/^[._]+/, '')
    .slice(0, 80);
  return stem === '' ? 'video' : stem;
}
