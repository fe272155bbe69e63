import { type FrameIndex, type ObjectId, frameIndex as toFrameIndex } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { PointInVideo, Size } from '../../../../src-shared/geometry/geometry.ts';
import type { AnnotatedObject } from '../annotate/annotate-frame.ts';
import { annotatedObjects } from '../annotated-objects.ts';
import { checkMaskSize } from '../check-mask-size.ts';
import { liesIn } from '../lies-in.ts';
import type { ExportObject, MaskReader, StoredMask } from '../ports.ts';
import { coverFrame, type FrameCover, wholeCover } from './redaction.ts';
import type { Look } from './resolve-look.ts';
import { maskCentre, type Trail } from './trails.ts';

/** Everything besides its pixels that one composed frame depends on. */
export interface Scene {
  readonly frameIndex: FrameIndex;
  /** The objects to show, in id order, absent ones included. */
  readonly objects: readonly AnnotatedObject[];
  /** Only for trails. */
  readonly trails: readonly Trail[];
  /** Only for redaction. */
  readonly cover: FrameCover | null;
}

/** What scenes need to know of the video; `reach` as in `YuvFrameReader`. */
export interface SceneVideo extends Size {
  readonly frameCount: number;
  readonly reach: number;
}

/**
 * Reads what a look needs around any frame, in any order: the same frame gives the same scene. Rows that redaction and trails
 * look at again are kept for a while.
 */
export class SceneReader {
  readonly objects: readonly ExportObject[];
  readonly #masks: MaskReader;
  readonly #look: Look;
  readonly #video: SceneVideo;
  /** Phrases whose objects would be covered, if there were any. */
  readonly #unfound: readonly (readonly FrameRange[])[];
  readonly #rows = new Map<number, ReadonlyMap<ObjectId, StoredMask>>();
  readonly #centres = new Map<number, ReadonlyMap<ObjectId, PointInVideo | null>>();
  readonly #kept: number;

  /** `only`: the one object of an output that belongs to one. */
  constructor(masks: MaskReader, look: Look, video: SceneVideo, only?: ObjectId) {
    const shown = (id: ObjectId) => (only === undefined ? (look.objectIds?.has(id) ?? true) : id === only);
    this.objects = masks.objects.filter(({ objectId }) => shown(objectId));
    this.#unfound = only === undefined && look.objectIds === null ? (masks.unfoundPhrases ?? []) : [];
    this.#masks = masks;
    this.#look = look;
    this.#video = video;
    this.#kept = 4 * (Math.max(look.hold, look.tail) + 2);
  }

  at(frameIndex: FrameIndex): Scene {
    const { style, colour } = this.#look;
    const ids = new Set(this.objects.map(({ objectId }) => objectId));
    const objects = annotatedObjects(this.#masks, frameIndex, this.#video)
      .filter(({ objectId }) => ids.has(objectId))
      .map((object) => (colour === null ? object : { ...object, colour }));
    return {
      frameIndex,
      objects,
      trails: style === 'trails' ? this.#trailsAt(frameIndex) : [],
      cover: style === 'redact' ? this.#coverAt(frameIndex) : null,
    };
  }

  #coverAt(frameIndex: FrameIndex): FrameCover {
    const { width, height } = this.#video;
    const { hold, certainty } = this.#look;
    // Colour of covered pixels that a conversion has mixed into their neighbours is covered with them.
    const dilate = Math.max(scaledPixels(this.#look.dilate, this.#video), this.#video.reach);
    const rowAt = (frame: number, objectId: ObjectId) => this.#rowsAt(frame).get(objectId);
    const cover = coverFrame(frameIndex, this.objects, rowAt, { width, height, dilate, hold, certainty });
    return this.#unfound.every((searched) => liesIn(searched, frameIndex)) ? cover : wholeCover(cover, this.#video);
  }

  #rowsAt(frame: number): ReadonlyMap<ObjectId, StoredMask> {
    if (frame < 0 || frame >= this.#video.frameCount) return new Map();
    return remembered(this.#rows, frame, this.#kept, () => {
      const rows = this.#masks.masksAt(toFrameIndex(frame));
      for (const row of rows) checkMaskSize(row, this.#video);
      return new Map(rows.map((row) => [row.objectId, row]));
    });
  }

  #trailsAt(frameIndex: FrameIndex): readonly Trail[] {
    const first = Math.max(0, frameIndex - this.#look.tail);
    const frames = Array.from({ length: frameIndex - first + 1 }, (_, at) => this.#centresAt(first + at));
    return this.objects.map(({ objectId, colour }) => ({
      colour: this.#look.colour ?? colour,
      centres: frames.map((centres) => centres.get(objectId) ?? null),
    }));
  }

  #centresAt(frame: number): ReadonlyMap<ObjectId, PointInVideo | null> {
    return remembered(this.#centres, frame, this.#kept, () => {
      const centres = new Map<ObjectId, PointInVideo | null>();
      for (const { objectId, mask } of this.#masks.masksAt(toFrameIndex(frame))) {
        centres.set(objectId, mask === null ? null : maskCentre(mask));
      }
      return centres;
    });
  }
}

/** Whole pixels of a picture for a length that is given for a short side of 1080. */
export function scaledPixels(pixels: number, { width, height }: Size): number {
  return Math.ceil((pixels * Math.min(width, height)) / 1080 - 0.01);
}

function remembered<T>(kept: Map<number, T>, key: number, most: number, make: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  if (kept.size > most) kept.delete(kept.keys().next().value!);
  return made;
}
