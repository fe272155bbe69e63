import { type FrameIndex, frameIndex, type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { MaskSource } from '../../../../src-shared/domain/track.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../../../src-shared/mask/rle.ts';
import type { Connection } from '../connection.ts';
import { maskRowId } from './mask-row.ts';
import { type MaskShape, stepIou, storedMask } from './mask-shapes.ts';

/** A stored mask without its pixels. */
export interface MaskFacts {
  readonly frameIndex: FrameIndex;
  /** 0: absent. */
  readonly area: number;
  readonly source: MaskSource;
  /** 0: made outside a run. */
  readonly run: number;
  readonly predictedIou: number | null;
  readonly objectScoreLogit: number | null;
}

interface FactsRow {
  readonly frame_index: number;
  readonly area: number | null;
  readonly source: MaskSource;
  readonly run_id: number | null;
  readonly predicted_iou: number | null;
  readonly object_score_logit: number | null;
}

interface ShapeRow {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly step_iou: number | null;
}

export const shapeReadQueries = {
  facts: `SELECT frame_index, area, source, run_id, predicted_iou, object_score_logit FROM masks
    WHERE object_id = ? AND frame_index BETWEEN ? AND ? ORDER BY frame_index`,
  shapes: 'SELECT id, x, y, width, height, step_iou FROM mask_shapes WHERE id BETWEEN ? AND ?',
  lowPresence: 'SELECT id, presence FROM masks WHERE presence IS NOT NULL AND presence < ?',
} as const;

/** What is known of masks without reading their blobs. */
export class ShapeReads {
  readonly #connection: Connection;
  readonly #size: Size;

  constructor(connection: Connection, size: Size) {
    this.#connection = connection;
    this.#size = size;
  }

  /** One object's masks on some frames, ascending, from the index alone. */
  facts(object: ObjectId, { first, last }: FrameRange): MaskFacts[] {
    return this.#connection.all<FactsRow>(shapeReadQueries.facts, object, first, last).map((row) => ({
      frameIndex: frameIndex(row.frame_index),
      area: row.area ?? 0,
      source: row.source,
      run: row.run_id ?? 0,
      predictedIou: row.predicted_iou,
      objectScoreLogit: row.object_score_logit,
    }));
  }

  /** Noted shapes of all masks on some frames, by row id (see `shapeKey`). */
  noted({ first, last }: FrameRange): ReadonlyMap<number, MaskShape> {
    const from = maskRowId(first, objectId(1));
    const to = maskRowId(last, objectId(1)) + 65_534;
    return new Map(
      this.#connection
        .all<ShapeRow>(shapeReadQueries.shapes, from, to)
        .map(({ id, step_iou, ...box }) => [id, { box, stepIou: step_iou }]),
    );
  }

  /** The shape of one mask from its blob; for masks of older sessions and where masks changed hands. null: empty or absent. */
  measure(frame: FrameIndex, object: ObjectId, followsOn: boolean): MaskShape | null {
    const mask = storedMask(this.#connection, maskRowId(frame, object), this.#size);
    const box = mask === null ? null : maskBox(mask);
    if (mask === null || box === null) return null;
    const before = followsOn && frame > 0 ? maskRowId(frameIndex(frame - 1), object) : null;
    return { box, stepIou: before === null ? null : stepIou(storedMask(this.#connection, before, this.#size), mask) };
  }

  /** Masks whose detector doubts that its concept is in the picture, by row id. */
  lowPresence(below: number): ReadonlyMap<number, number> {
    const rows = this.#connection.all<{ id: number; presence: number }>(shapeReadQueries.lowPresence, below);
    return new Map(rows.map(({ id, presence }) => [id, presence]));
  }
}

export const shapeKey = maskRowId;
