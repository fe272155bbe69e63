import {
  type FrameIndex,
  frameIndex,
  type ObjectId,
  objectId,
  type RunId,
  runId,
} from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { Scores } from '../../../../src-shared/domain/scores.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { Connection } from '../connection.ts';
import { frameOf, type MaskRecord, type MaskRow, maskColumns, maskRecord, maskRowId, objectOf } from './mask-row.ts';

export interface MaskReadOptions {
  /** Called for each damaged mask, which is then left out; without it the read throws `mask-corrupt`. */
  readonly onDamaged?: (error: StudioError) => void;
}

/** A stretch of frames, inclusive, on which an object has one state. Frames in no span have not been tracked. */
export interface CoverageSpan extends FrameRange {
  /** `absent`: tracked, and the object is not visible there (no mask or an empty one). */
  readonly state: 'present' | 'absent';
}

export interface ScoreColumns {
  readonly frameIndices: Uint32Array;
  readonly predictedIou: Float32Array;
  readonly objectScoreLogit: Float32Array;
  readonly detection: Float32Array;
}

interface ScoreRow {
  readonly frame_index: number;
  readonly predicted_iou: number | null;
  readonly object_score_logit: number | null;
  readonly detection: number | null;
}

export interface LaneRow {
  readonly frame: number;
  readonly area: number;
  readonly provisional: number;
  readonly predictedIou: number | null;
  readonly objectScoreLogit: number | null;
  readonly detection: number | null;
}

export interface MaskCounts {
  readonly objectId: ObjectId;
  /** Frames with a row. */
  readonly frames: number;
  /** Of these, frames with a mask that is not empty. */
  readonly present: number;
}

export interface LowScore {
  readonly frameIndex: FrameIndex;
  readonly objectId: ObjectId;
  readonly score: number;
}

const scoreColumns: Readonly<Record<keyof Scores, string>> = {
  predictedIou: 'predicted_iou',
  objectScoreLogit: 'object_score_logit',
  presence: 'presence',
  detection: 'detection',
};

/** Every query that a long session depends on; the tests hold their plans. */
export const maskQueries = {
  answers: `SELECT m.id, m.checksum FROM prompts p JOIN masks m ON m.id = (p.frame_index << 16 | p.object_id)
    WHERE p.object_id IS NOT NULL AND m.run_id IS NULL AND m.source = 'prompt' AND (m.mask IS NOT NULL OR m.object_score_logit IS NOT NULL)`,
  runs: 'SELECT DISTINCT run_id FROM masks WHERE object_id = ? AND run_id IS NOT NULL ORDER BY run_id',
  answer: 'SELECT object_id, checksum FROM masks WHERE id = ? AND run_id IS NULL',
  forget: 'DELETE FROM masks WHERE id = ?',
  at: `SELECT ${maskColumns} FROM masks m JOIN objects o ON o.id = m.object_id
    WHERE m.id BETWEEN ? AND ? AND o.deleted = 0 ORDER BY m.id`,
  one: `SELECT ${maskColumns} FROM masks m WHERE m.id = ?`,
  of: `SELECT ${maskColumns} FROM masks m WHERE m.object_id = ? AND m.frame_index BETWEEN ? AND ? ORDER BY m.frame_index`,
  coverage: `SELECT min(frame_index) AS first, max(frame_index) AS last, present FROM (
      SELECT frame_index, ifnull(area, 0) > 0 AS present,
        frame_index - row_number() OVER (PARTITION BY ifnull(area, 0) > 0 ORDER BY frame_index) AS island
      FROM masks WHERE object_id = ? AND frame_index BETWEEN ? AND ?)
    GROUP BY present, island ORDER BY first`,
  counts: `SELECT count(*) AS frames, count(nullif(area, 0)) AS present FROM masks WHERE object_id = ?`,
  framesTracked: 'SELECT count(*) AS frames FROM tracked_frames',
  lowest: (score: keyof Scores) => `SELECT m.id, m.${scoreColumns[score]} AS score FROM masks m
    JOIN objects o ON o.id = m.object_id
    WHERE m.${scoreColumns[score]} IS NOT NULL AND o.deleted = 0 ORDER BY m.${scoreColumns[score]} LIMIT ?`,
  retract: 'DELETE FROM masks WHERE object_id = ? AND (run_id = ? OR provisional = 1)',
  confirm: 'UPDATE masks SET provisional = 0 WHERE object_id = ? AND provisional = 1',
  scores: `SELECT frame_index, predicted_iou, object_score_logit, detection FROM masks WHERE object_id = ? ORDER BY frame_index`,
  lane: `SELECT frame_index AS frame, ifnull(area, 0) AS area, provisional, predicted_iou AS predictedIou,
      object_score_logit AS objectScoreLogit, detection FROM masks
    WHERE object_id = ? AND frame_index BETWEEN ? AND ? ORDER BY frame_index`,
  bestDetection: 'SELECT max(detection) AS best FROM masks WHERE object_id = ? AND detection IS NOT NULL',
  hasAny: 'SELECT 1 FROM masks WHERE object_id = ? LIMIT 1',
  every: `SELECT ${maskColumns} FROM masks m ORDER BY m.id`,
} as const;

/** Stored masks. Sizes are the video's displayed size; returned bytes are owned by the caller. */
export class MaskReads {
  protected readonly connection: Connection;
  protected readonly size: Size;

  constructor(connection: Connection, size: Size) {
    this.connection = connection;
    this.size = size;
  }

  /** Masks of one frame in object id order, without removed objects; absent objects have `mask` null. */
  at(frame: FrameIndex, options: MaskReadOptions = {}): MaskRecord[] {
    const first = maskRowId(frame, objectId(1));
    return this.#records(this.connection.all<MaskRow>(maskQueries.at, first, first + 65_534), options);
  }

  /** One object on one frame; null when it was not tracked there. */
  get(frame: FrameIndex, object: ObjectId): MaskRecord | null {
    const row = this.connection.get<MaskRow>(maskQueries.one, maskRowId(frame, object));
    return row === undefined ? null : maskRecord(row, this.size);
  }

  /** One object's masks in frame order, `range` inclusive; null: all. Read at once: ask for parts of long videos. */
  of(object: ObjectId, range: FrameRange | null, options: MaskReadOptions = {}): MaskRecord[] {
    const { first, last } = range ?? wholeVideo;
    return this.#records(this.connection.all<MaskRow>(maskQueries.of, object, first, last), options);
  }

  /** Where one object is present, absent, or (in no span) not tracked, in frame order. Reads the index only. */
  coverage(object: ObjectId, range: FrameRange | null = null): CoverageSpan[] {
    const { first, last } = range ?? wholeVideo;
    return this.connection
      .all<{ first: number; last: number; present: number }>(maskQueries.coverage, object, first, last)
      .map((span) => ({
        first: frameIndex(span.first),
        last: frameIndex(span.last),
        state: span.present === 1 ? 'present' : 'absent',
      }));
  }

  /** The runs that made masks of one object. Reads the index only. */
  runsOf(object: ObjectId): RunId[] {
    return this.connection.all<{ run_id: number }>(maskQueries.runs, object).map(({ run_id }) => runId(run_id));
  }

  /** Scores of one object by frame, ascending; NaN where there is none. */
  scoresOf(object: ObjectId): ScoreColumns {
    const rows = this.connection.all<ScoreRow>(maskQueries.scores, object);
    const column = (name: keyof ScoreRow) => Float32Array.from(rows, (row) => row[name] ?? Number.NaN);
    return {
      frameIndices: Uint32Array.from(rows, (row) => row.frame_index),
      predictedIou: column('predicted_iou'),
      objectScoreLogit: column('object_score_logit'),
      detection: column('detection'),
    };
  }

  /** What a timeline shows of one object, by frame. Reads the index only; all at once, which is twice as fast as row by row. */
  lane(object: ObjectId, { first, last }: FrameRange): LaneRow[] {
    return this.connection.all<LaneRow>(maskQueries.lane, object, first, last);
  }

  /** The best detection that matched an object; null: none did. */
  bestDetection(object: ObjectId): number | null {
    return this.connection.get<{ best: number | null }>(maskQueries.bestDetection, object)?.best ?? null;
  }

  counts(object: ObjectId): MaskCounts {
    const row = this.connection.get<{ frames: number; present: number }>(maskQueries.counts, object);
    return { objectId: object, frames: row?.frames ?? 0, present: row?.present ?? 0 };
  }

  /** Number of frames with at least one row. */
  framesTracked(): number {
    return this.connection.get<{ frames: number }>(maskQueries.framesTracked)?.frames ?? 0;
  }

  /** The `limit` lowest values of one score, lowest first; rows without that score and removed objects are left out. */
  lowest(score: keyof Scores, limit: number): LowScore[] {
    return this.connection
      .all<{ id: number; score: number }>(maskQueries.lowest(score), limit)
      .map((row) => ({ frameIndex: frameOf(row.id), objectId: objectOf(row.id), score: row.score }));
  }

  /** Checks every stored mask; returns one `mask-corrupt` error for each damaged one. Memory stays flat. */
  verify(): StudioError[] {
    const damaged: StudioError[] = [];
    for (const row of this.connection.each<MaskRow>(maskQueries.every)) {
      this.#records([row], { onDamaged: (error) => damaged.push(error) });
    }
    return damaged;
  }

  #records(rows: readonly MaskRow[], options: MaskReadOptions): MaskRecord[] {
    const records: MaskRecord[] = [];
    for (const row of rows) {
      try {
        records.push(maskRecord(row, this.size));
      } catch (error) {
        if (options.onDamaged === undefined || !(error instanceof StudioError)) throw error;
        options.onDamaged(error);
      }
    }
    return records;
  }
}

const wholeVideo: FrameRange = { first: frameIndex(0), last: frameIndex(Number.MAX_SAFE_INTEGER) };
