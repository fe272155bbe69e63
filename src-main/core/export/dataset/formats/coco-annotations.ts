import { join } from 'node:path';
import type { CocoRle } from '../../../../../src-shared/mask/coco-rle.ts';
import { cocoRleFromMask } from '../../../../../src-shared/mask/coco-rle.ts';
import { outlinesOf } from '../../../../../src-shared/mask/outlines.ts';
import { maskArea, maskBox } from '../../../../../src-shared/mask/rle.ts';
import type { StoredMask } from '../../ports.ts';
import type { DatasetFrame, DatasetPlan, SplitName } from '../dataset-format.ts';
import { JsonList } from '../writing/json-list.ts';
import { TextFile } from '../writing/text-file.ts';

/** COCO's numbers start at 1. */
const imageIdOf = (frame: number) => frame + 1;

/**
 * One COCO instances file that is written as the frames come: images first, because they are known, then annotations.
 * `track_id` (the object), `frame_index` and `scores` are additions that COCO readers pass over.
 */
export class CocoFile implements AsyncDisposable {
  readonly #plan: DatasetPlan;
  readonly #file: TextFile;
  readonly #annotations: JsonList;
  readonly #classIds: ReadonlyMap<number, number>;
  #lastId = 0;

  private constructor(plan: DatasetPlan, file: TextFile) {
    this.#plan = plan;
    this.#file = file;
    this.#annotations = new JsonList(file);
    this.#classIds = new Map(plan.objects.map(({ objectId, classId }) => [objectId, classId]));
  }

  /** `imageName` is what the annotations call the picture of a frame. */
  static async create(
    plan: DatasetPlan,
    name: string,
    split: SplitName,
    imageName: (frame: DatasetPlan['frames'][number]) => string,
  ): Promise<CocoFile> {
    const file = await TextFile.create(join(plan.folder, name));
    const info = { description: plan.videoName, contributor: 'Masklet Studio', version: '1.0' };
    const categories = plan.classes.map((className, at) => ({ id: at + 1, name: className, supercategory: 'object' }));
    await file.write(
      `{"info":${JSON.stringify(info)},\n"licenses":[],\n"categories":${JSON.stringify(categories)},\n"images":[`,
    );
    const images = new JsonList(file);
    const { width, height } = plan;
    for (const frame of plan.frames) {
      if (plan.splitOf(frame) !== split) continue;
      await images.add({ id: imageIdOf(frame), file_name: imageName(frame), width, height, frame_index: frame });
    }
    await file.write('],\n"annotations":[');
    return new CocoFile(plan, file);
  }

  async add(frame: DatasetFrame): Promise<void> {
    for (const stored of frame.masks) {
      const annotation = this.#annotationOf(frame, stored);
      if (annotation !== null) await this.#annotations.add(annotation);
    }
  }

  async finish(): Promise<void> {
    await this.#file.write(']}\n');
    await this.#file.finish();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file[Symbol.asyncDispose]();
  }

  #annotationOf(frame: DatasetFrame, { objectId, mask, scores, source }: StoredMask) {
    const box = mask === null ? null : maskBox(mask);
    if (mask === null || box === null) return null;
    return {
      id: ++this.#lastId,
      image_id: imageIdOf(frame.frameIndex),
      category_id: this.#classIds.get(objectId) ?? 0,
      iscrowd: 0,
      area: maskArea(mask),
      bbox: [box.x, box.y, box.width, box.height],
      segmentation: this.#segmentationOf(mask),
      track_id: objectId,
      source,
      scores,
    };
  }

  #segmentationOf(mask: NonNullable<StoredMask['mask']>): CocoRle | readonly (readonly number[])[] {
    if (this.#plan.shape === 'mask') return cocoRleFromMask(mask);
    return this.#plan.shape === 'box' ? [] : outlinesOf(mask, this.#plan.tolerance);
  }
}
