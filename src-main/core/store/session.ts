import { hostname } from 'node:os';
import type { Connection } from './connection.ts';
import { ComparisonReads, ComparisonWrites } from './repositories/comparisons.ts';
import { ConceptReads, ConceptWrites } from './repositories/concepts.ts';
import { Journal, JournalReads } from './repositories/journal.ts';
import { MaskWrites } from './repositories/mask-batches.ts';
import { MaskReads } from './repositories/masks.ts';
import { MediaReads, MediaWrites } from './repositories/media.ts';
import { ObjectReads, ObjectWrites } from './repositories/objects.ts';
import { PromptReads, PromptWrites } from './repositories/prompts.ts';
import { ReviewReads, ReviewWrites } from './repositories/reviews.ts';
import { RunReads, RunWrites } from './repositories/runs.ts';
import { SettingReads, SettingWrites } from './repositories/settings.ts';
import { ShapeReads } from './repositories/shape-reads.ts';
import { SnapshotReads } from './repositories/snapshots.ts';
import { UnseenObjects } from './repositories/unseen-objects.ts';
import type { WriteLock } from './write-lock.ts';

declare const access: unique symbol;

/**
 * An open session that can be read, also while another process writes it: each call sees all that was committed before it.
 * All calls are synchronous. Dispose closes the file; safe to call twice.
 */
export interface SessionReader extends Disposable {
  readonly [access]: 'read' | 'write';
  readonly path: string;
  readonly media: MediaReads;
  readonly objects: ObjectReads;
  readonly concepts: ConceptReads;
  readonly prompts: PromptReads;
  readonly reviews: ReviewReads;
  readonly runs: RunReads;
  readonly masks: MaskReads;
  readonly comparisons: ComparisonReads;
  readonly snapshots: SnapshotReads;
  readonly shapes: ShapeReads;
  readonly settings: SettingReads;
  readonly journal: JournalReads;
  /** Checks the whole file and every mask: slow on long sessions. Returns one sentence per problem; empty: sound. */
  verify(): string[];
}

/** The one open session in the world that may write this file. */
export interface SessionWriter extends SessionReader {
  readonly [access]: 'write';
  readonly media: MediaWrites;
  readonly objects: ObjectWrites;
  readonly concepts: ConceptWrites;
  readonly prompts: PromptWrites;
  readonly reviews: ReviewWrites;
  readonly runs: RunWrites;
  readonly masks: MaskWrites;
  readonly comparisons: ComparisonWrites;
  readonly settings: SettingWrites;
  /** Objects that an import is filling. */
  readonly unseen: UnseenObjects;
  /** Undo and redo; `journal.step(label, work)` makes several edits one step. */
  readonly journal: Journal;
  /** Everything that `work` writes is stored, or nothing when it throws. Nested calls join the outer one. */
  transaction<T>(work: () => T): T;
  /** Copy of the file before it was migrated on opening; null: it was up to date. */
  readonly backupPath: string | null;
  /** Runs that a dead process had left running and that are now `interrupted`. */
  readonly interruptedRuns: number;
}

/** The handle takes the connection over. */
export function sessionReader(connection: Connection): SessionReader {
  const media = new MediaReads(connection);
  const { info } = media.get();
  return {
    path: connection.path,
    media,
    objects: new ObjectReads(connection),
    concepts: new ConceptReads(connection),
    prompts: new PromptReads(connection),
    reviews: new ReviewReads(connection),
    runs: new RunReads(connection),
    masks: new MaskReads(connection, { width: info.width, height: info.height }),
    comparisons: new ComparisonReads(connection, { width: info.width, height: info.height }),
    snapshots: new SnapshotReads(connection),
    shapes: new ShapeReads(connection, { width: info.width, height: info.height }),
    settings: new SettingReads(connection),
    journal: new JournalReads(connection),
    verify: () => verify(connection, info),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  } as Omit<SessionReader, typeof access> as SessionReader;
}

export interface WriterFacts {
  readonly lock: WriteLock;
  readonly backupPath: string | null;
  readonly interruptedRuns: number;
}

/** The handle takes connection and lock over. */
export function sessionWriter(connection: Connection, facts: WriterFacts): SessionWriter {
  const media = new MediaWrites(connection);
  const { info } = media.get();
  const size = { width: info.width, height: info.height };
  const journal = new Journal(connection);
  const objects = new ObjectWrites(connection, journal);
  const settings = new SettingWrites(connection);
  return {
    path: connection.path,
    media,
    objects,
    concepts: new ConceptWrites(connection, journal),
    prompts: new PromptWrites(connection, journal, size),
    reviews: new ReviewWrites(connection, journal),
    runs: new RunWrites(connection),
    masks: new MaskWrites(connection, size),
    comparisons: new ComparisonWrites(connection, size, journal),
    snapshots: new SnapshotReads(connection),
    shapes: new ShapeReads(connection, size),
    settings,
    unseen: new UnseenObjects(connection, journal, objects, settings),
    journal,
    transaction: (work) => connection.transaction(work),
    backupPath: facts.backupPath,
    interruptedRuns: facts.interruptedRuns,
    verify: () => verify(connection, size),
    [Symbol.dispose]: () => closeWriter(connection, facts.lock),
  } as Omit<SessionWriter, typeof access> as SessionWriter;
}

/** Writes who holds the session, for the message a second opener gets. Only the lock decides; this is for people. */
export function writeHolder(connection: Connection, app: string): void {
  connection.run(
    'INSERT OR REPLACE INTO holder (id, process_id, host, app, since_millis) VALUES (1, ?, ?, ?, ?)',
    process.pid,
    hostname(),
    app,
    Date.now(),
  );
}

function closeWriter(connection: Connection, lock: WriteLock): void {
  try {
    if (connection.isOpen) connection.run('DELETE FROM holder');
  } catch {
    // A full disk must not keep the session from closing; a stale row is ignored once the lock is free.
  } finally {
    connection[Symbol.dispose]();
    lock[Symbol.dispose]();
  }
}

function verify(connection: Connection, size: { readonly width: number; readonly height: number }): string[] {
  const lines = connection.all<{ quick_check: string }>('PRAGMA quick_check').map((line) => line.quick_check);
  const damage = lines.filter((line) => line !== 'ok');
  if (damage.length > 0) return damage;
  return new MaskReads(connection, size).verify().map((error) => error.message);
}
