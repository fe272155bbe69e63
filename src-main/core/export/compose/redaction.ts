import type { FrameIndex, ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskArea, maskBox } from '../../../../src-shared/mask/rle.ts';
import { dilateSpans } from '../annotate/grow-spans.ts';
import { type SpanRows, spansFromMask } from '../annotate/span-rows.ts';
import { liesIn } from '../lies-in.ts';
import type { ExportObject, StoredMask } from '../ports.ts';
import { shownScore } from '../shown-score.ts';
import { boxSpans, uniteSpans } from './span-sets.ts';

/**
 * What redaction knew about an object on a frame. `tracked`: its mask is trusted. `uncertain`: covered with more than its mask.
 * `held`: no mask, covered by those near in time. `absent`: not there, by the tracker's word; nothing is covered.
 * `untracked`: never looked at; the whole frame is covered.
 */
export type CoverState = 'tracked' | 'uncertain' | 'held' | 'absent' | 'untracked';

/** What redaction covers on one frame, and why. */
export interface FrameCover {
  readonly frameIndex: FrameIndex;
  /** Together, all that is covered. */
  readonly spans: SpanRows;
  readonly whole: boolean;
  readonly states: readonly { readonly objectId: ObjectId; readonly state: CoverState }[];
}

export interface CoverSettings {
  readonly width: number;
  readonly height: number;
  /** Pixels of this picture. */
  readonly dilate: number;
  readonly hold: number;
  readonly certainty: number;
}

/** The stored row of an object; undefined when there is none or the frame does not exist. */
export type RowAt = (frameIndex: number, objectId: ObjectId) => StoredMask | undefined;

/** Where the model saw an object but its mask was refused, masks this many times further away still count. */
const SEEN_WITHOUT_MASK_REACH = 10;

/** Fails closed: what is not known to be safe is covered. */
export function coverFrame(
  frameIndex: FrameIndex,
  objects: readonly ExportObject[],
  rowAt: RowAt,
  settings: CoverSettings,
): FrameCover {
  const { width, height } = settings;
  const parts: SpanRows[] = [];
  let whole = false;
  const states = objects.map((object) => {
    const { state, spans } = coverObject(frameIndex, object, rowAt, settings);
    if (spans === 'whole') whole = true;
    else parts.push(...spans);
    return { objectId: object.objectId, state };
  });
  const cover = { frameIndex, spans: uniteSpans(whole ? [] : parts, width, height), whole, states };
  return whole ? wholeCover(cover, settings) : cover;
}

/** The same knowledge, with all of the frame covered. */
export function wholeCover(cover: FrameCover, { width, height }: Size): FrameCover {
  return { ...cover, whole: true, spans: boxSpans({ x: 0, y: 0, width, height }, width, height) };
}

interface ObjectCover {
  readonly state: CoverState;
  readonly spans: readonly SpanRows[] | 'whole';
}

function coverObject(frame: FrameIndex, object: ExportObject, rowAt: RowAt, settings: CoverSettings): ObjectCover {
  const { objectId } = object;
  const row = rowAt(frame, objectId);
  const near = (reach: number) => neighbours(frame, objectId, rowAt, reach);
  // A row is missing where nothing was tracked; what a phrase found has none where the phrase was looked for and it was not seen.
  if (row === undefined && !liesIn(object.searched ?? [], frame)) return { state: 'untracked', spans: 'whole' };
  if (row?.mask != null && maskArea(row.mask) > 0) {
    const spans = spansFromMask(row.mask);
    if (isTrusted(row, near(Math.max(1, settings.hold)).before?.row, settings.certainty)) {
      return { state: 'tracked', spans: [dilateSpans(spans, settings.dilate)] };
    }
    return {
      state: 'uncertain',
      spans: [dilateSpans(spans, 2 * settings.dilate), ...held(near(settings.hold), settings)],
    };
  }
  if (row !== undefined && (row.scores.objectScoreLogit ?? -1) > 0) {
    const spans = held(near(Math.max(1, settings.hold) * SEEN_WITHOUT_MASK_REACH), settings);
    return { state: 'uncertain', spans: spans.length === 0 ? 'whole' : spans };
  }
  const spans = held(near(settings.hold), settings);
  return { state: spans.length > 0 ? 'held' : 'absent', spans };
}

/** A person's own mask is trusted; a doubtful score, an unconfirmed object or a mask that lost half of itself at once is not. */
function isTrusted(row: StoredMask, before: StoredMask | undefined, certainty: number): boolean {
  if (row.source === 'prompt') return true;
  const score = shownScore(row.scores);
  if (row.provisional === true || (score !== null && score < certainty)) return false;
  return before?.mask == null || row.mask === null || maskArea(row.mask) * 2 >= maskArea(before.mask);
}

interface Neighbour {
  readonly row: StoredMask;
  readonly distance: number;
}

interface Neighbours {
  readonly before: Neighbour | null;
  readonly after: Neighbour | null;
}

function neighbours(frame: number, objectId: ObjectId, rowAt: RowAt, reach: number): Neighbours {
  const nearest = (step: 1 | -1): Neighbour | null => {
    for (let distance = 1; distance <= reach; distance++) {
      const row = rowAt(frame + step * distance, objectId);
      if (row?.mask != null && maskArea(row.mask) > 0) return { row, distance };
    }
    return null;
  };
  return { before: nearest(-1), after: nearest(1) };
}

/** The masks on both sides of a gap, grown with their distance in time, and all that lies between them. */
function held({ before, after }: Neighbours, settings: CoverSettings): readonly SpanRows[] {
  const { width, height, dilate } = settings;
  const grown: SpanRows[] = [];
  for (const side of [before, after]) {
    if (side === null || side.row.mask === null) continue;
    grown.push(dilateSpans(spansFromMask(side.row.mask), Math.round(dilate * (1 + side.distance / 4))));
  }
  const from = before?.row.mask == null ? null : maskBox(before.row.mask);
  const to = after?.row.mask == null ? null : maskBox(after.row.mask);
  if (from === null || to === null) return grown;
  const x = Math.min(from.x, to.x) - dilate;
  const y = Math.min(from.y, to.y) - dilate;
  const right = Math.max(from.x + from.width, to.x + to.width) + dilate;
  const bottom = Math.max(from.y + from.height, to.y + to.height) + dilate;
  return [...grown, boxSpans({ x, y, width: right - x, height: bottom - y }, width, height)];
}
