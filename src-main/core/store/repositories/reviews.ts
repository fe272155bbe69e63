import { frameIndex, type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import type { ReviewSpan, Verdict } from '../../../../src-shared/domain/review.ts';
import type { Connection } from '../connection.ts';
import type { Journal } from './journal.ts';

interface ReviewRow {
  readonly id: number;
  readonly object_id: number;
  readonly first_frame: number;
  readonly last_frame: number;
  readonly verdict: Verdict;
  readonly reviewer: string;
  readonly made_millis: number;
  readonly seen_run: number;
}

/** A stored mask counts as reviewed when a verdict other than `skipped` covers it and no later run has replaced it. */
const reviewedMasks = `FROM reviews r JOIN masks m ON m.object_id = r.object_id AND m.frame_index BETWEEN r.first_frame AND r.last_frame
    WHERE r.object_id = ? AND r.verdict <> 'skipped' AND (m.run_id IS NULL OR m.run_id <= r.seen_run)`;

export const reviewQueries = {
  all: `SELECT r.* FROM reviews r JOIN objects o ON o.id = r.object_id WHERE o.deleted = 0 ORDER BY r.object_id, r.first_frame`,
  touching: 'SELECT * FROM reviews WHERE object_id = ? AND first_frame <= ? AND last_frame >= ? ORDER BY first_frame',
  countReviewed: `SELECT count(*) AS count ${reviewedMasks}`,
  reviewed: `SELECT min(frame_index) AS first, max(frame_index) AS last FROM (
      SELECT m.frame_index, m.frame_index - row_number() OVER (ORDER BY m.frame_index) AS island ${reviewedMasks})
    GROUP BY island ORDER BY first`,
} as const;

/** What people said about stretches of objects. */
export class ReviewReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Of objects that are not removed, by object and frame. */
  all(): ReviewSpan[] {
    return this.connection.all<ReviewRow>(reviewQueries.all).map(spanOf);
  }

  /** Verdicts about an object that touch a stretch, ascending, as long as they were given. */
  touching(object: ObjectId, { first, last }: FrameRange): ReviewSpan[] {
    return this.rows(object, { first, last }).map(spanOf);
  }

  /** Stretches whose stored masks a person looked over (accepted, fixed or marked absent) and no later run replaced, ascending. */
  reviewed(object: ObjectId): FrameRange[] {
    return this.connection
      .all<{ first: number; last: number }>(reviewQueries.reviewed, object)
      .map(({ first, last }) => ({ first: frameIndex(first), last: frameIndex(last) }));
  }

  protected rows(object: ObjectId, { first, last }: FrameRange): ReviewRow[] {
    return this.connection.all<ReviewRow>(reviewQueries.touching, object, last, first);
  }
}

export class ReviewWrites extends ReviewReads {
  readonly #journal: Journal;

  constructor(connection: Connection, journal: Journal) {
    super(connection);
    this.#journal = journal;
  }

  /** Says something about a stretch, instead of what was said before about these frames. One undoable step. */
  say(object: ObjectId, range: FrameRange, verdict: Verdict, reviewer: string, label: string): void {
    this.#journal.step(label, () => {
      this.clear(object, range);
      this.#insert({ object, ...range, verdict, reviewer, madeMillis: Date.now(), seenRun: this.#newestRun() });
    });
  }

  /** Takes back what was said about a stretch; longer verdicts keep their ends. Undoable. */
  clear(object: ObjectId, { first, last }: FrameRange): void {
    this.#journal.step('Clear review', () => {
      for (const row of this.rows(object, { first, last })) {
        this.#remove(row.id);
        const rest = { ...factsOf(row), object };
        if (row.first_frame < first) this.#insert({ ...rest, first: row.first_frame, last: first - 1 });
        if (row.last_frame > last) this.#insert({ ...rest, first: last + 1, last: row.last_frame });
      }
    });
  }

  /** What was said about `a` on these frames is said about `b` from now on, and the other way round. Undoable. */
  exchange(a: ObjectId, b: ObjectId, range: FrameRange): void {
    this.#journal.step('Move reviews', () => {
      const moved = [
        ...this.rows(a, range).map((row) => ({ row, to: b })),
        ...this.rows(b, range).map((row) => ({ row, to: a })),
      ];
      this.clear(a, range);
      this.clear(b, range);
      for (const { row, to } of moved) {
        const first = Math.max(row.first_frame, range.first);
        this.#insert({ ...factsOf(row), object: to, first, last: Math.min(row.last_frame, range.last) });
      }
    });
  }

  /** Masks of a run that is still going are not seen yet. */
  #newestRun(): number {
    const row = this.connection.get<{ id: number; state: string }>(
      'SELECT id, state FROM runs ORDER BY id DESC LIMIT 1',
    );
    if (row === undefined) return 0;
    return row.state === 'running' ? row.id - 1 : row.id;
  }

  #insert(span: {
    readonly object: ObjectId;
    readonly first: number;
    readonly last: number;
    readonly verdict: Verdict;
    readonly reviewer: string;
    readonly madeMillis: number;
    readonly seenRun: number;
  }): void {
    // sqlite_sequence remembers removed ids too, so an undone verdict never shares its id with a newer one.
    const last = this.connection.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'reviews'");
    const id = (last?.seq ?? 0) + 1;
    this.#journal.change('Review', 'reviews', id, () => {
      this.connection.run(
        `INSERT INTO reviews (id, object_id, first_frame, last_frame, verdict, reviewer, made_millis, seen_run)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        span.object,
        span.first,
        span.last,
        span.verdict,
        span.reviewer,
        span.madeMillis,
        span.seenRun,
      );
    });
  }

  #remove(id: number): void {
    this.#journal.change('Clear review', 'reviews', id, () => {
      this.connection.run('DELETE FROM reviews WHERE id = ?', id);
    });
  }
}

/**
 * Share of the stored masks of living objects that were looked over, 0..1; 0 at once where nobody has said anything. Reads indexes
 * only.
 */
export function reviewedShare(connection: Connection): number {
  const spoken = connection.all<{ id: number }>(
    `SELECT DISTINCT o.id FROM reviews r JOIN objects o ON o.id = r.object_id WHERE o.deleted = 0 AND r.verdict <> 'skipped'`,
  );
  if (spoken.length === 0) return 0;
  const count = (sql: string, id: number) => connection.get<{ count: number }>(sql, id)?.count ?? 0;
  const reviewed = spoken.reduce((sum, { id }) => sum + count(reviewQueries.countReviewed, id), 0);
  const living = connection.all<{ id: number }>('SELECT id FROM objects WHERE deleted = 0');
  const stored = living.reduce(
    (sum, { id }) => sum + count('SELECT count(*) AS count FROM masks WHERE object_id = ?', id),
    0,
  );
  return stored === 0 ? 0 : reviewed / stored;
}

function factsOf(row: ReviewRow) {
  return { verdict: row.verdict, reviewer: row.reviewer, madeMillis: row.made_millis, seenRun: row.seen_run };
}

function spanOf(row: ReviewRow): ReviewSpan {
  return {
    objectId: objectId(row.object_id),
    first: frameIndex(row.first_frame),
    last: frameIndex(row.last_frame),
    verdict: row.verdict,
    reviewer: row.reviewer,
    madeAtMillis: row.made_millis,
    seenRun: row.seen_run,
  };
}
