import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type ErrorData, StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Connection } from './connection.ts';
import { sessionVersion } from './migrate.ts';
import { openReadOnly } from './open-session.ts';
import { maskQueries } from './repositories/masks.ts';
import { MediaReads } from './repositories/media.ts';
import { reviewedShare } from './repositories/reviews.ts';
import { RunReads, type RunState } from './repositories/runs.ts';
import { SESSION_EXTENSION } from './session-format.ts';
import { WriteLock } from './write-lock.ts';

/** The versions that brought reviews and the list of tracked frames. */
const REVIEWS_SINCE = 6;
const TRACKED_FRAMES_SINCE = 8;

/** What a list of sessions shows. */
export interface SessionSummary {
  readonly path: string;
  /** File name of the video, and where it is expected. */
  readonly mediaName: string;
  readonly mediaPath: string;
  readonly mediaMissing: boolean;
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly framesTracked: number;
  /** Share of the stored masks that a person has looked over, 0..1. */
  readonly reviewedShare: number;
  /** Without removed ones. */
  readonly objects: number;
  /** The first of them, in their order. */
  readonly firstObjects: readonly { readonly name: string; readonly colour: string }[];
  /** Every name that objects and concepts have, for searching. */
  readonly words: readonly string[];
  readonly prompts: number;
  /** State of the newest run; `running` only while a process holds the session. Null: never tracked. */
  readonly lastRun: RunState | null;
  /** Frames of the newest run's range; 0: never tracked. */
  readonly lastRunFrames: number;
  /** A frame that shows what the session is about: the first one with a prompt, else with a mask. */
  readonly posterFrame: number;
  /** Main file and WAL. */
  readonly sizeBytes: number;
  readonly changedMillis: number;
  /** Open for writing somewhere now. */
  readonly locked: boolean;
}

/** One file of the library folder; a file that cannot be read says why and does not hide the others. */
export type SessionListing =
  | { readonly kind: 'session'; readonly path: string; readonly summary: SessionSummary }
  | { readonly kind: 'unreadable'; readonly path: string; readonly error: ErrorData };

const MOST_OBJECTS = 8;

const summaryQueries = {
  framesWalked: `WITH RECURSIVE frame (id) AS (
      SELECT min(id) FROM masks
      UNION ALL
      SELECT (SELECT m.id FROM masks m WHERE m.id >= ((frame.id >> 16) + 1) << 16 ORDER BY m.id LIMIT 1)
      FROM frame WHERE frame.id IS NOT NULL)
    SELECT count(id) AS frames FROM frame`,
  objects: 'SELECT name, colour FROM objects WHERE deleted = 0 ORDER BY position, id',
  phrases: 'SELECT phrase FROM concepts WHERE deleted = 0 ORDER BY id',
  posterFrame: `SELECT coalesce(
    (SELECT frame_index FROM prompts ORDER BY id LIMIT 1),
    (SELECT frame_index FROM masks WHERE area IS NOT NULL ORDER BY id LIMIT 1)) AS frame`,
} as const;

/** Reads a session's facts; also while another process writes it, and also from older versions. Throws as `openSessionReader`. */
export function summariseSession(path: string): SessionSummary {
  const target = resolve(path);
  using connection = openReadOnly(target);
  const version = sessionVersion(connection);
  const media = new MediaReads(connection);
  const { info } = media.get();
  const count = (sql: string) => connection.get<{ count: number }>(sql)?.count ?? 0;
  const locked = WriteLock.isHeld(target);
  const run = new RunReads(connection).latest();
  const state = run?.state ?? null;
  const objects = connection.all<{ name: string; colour: string }>(summaryQueries.objects);
  const phrases = connection.all<{ phrase: string }>(summaryQueries.phrases).map(({ phrase }) => phrase);
  return {
    path: target,
    mediaName: basename(info.path),
    mediaPath: info.path,
    mediaMissing: media.presence() === 'missing',
    width: info.width,
    height: info.height,
    frameCount: info.frameCount,
    framesTracked: framesTrackedOf(connection, version),
    reviewedShare: reviewedShareOf(connection, version),
    objects: objects.length,
    firstObjects: objects.slice(0, MOST_OBJECTS),
    words: [...new Set([...objects.map(({ name }) => name), ...phrases])],
    prompts: count('SELECT count(*) AS count FROM prompts'),
    lastRun: state === 'running' && !locked ? 'interrupted' : state,
    lastRunFrames: run === null ? 0 : run.range.last - run.range.first + 1,
    posterFrame: connection.get<{ frame: number | null }>(summaryQueries.posterFrame)?.frame ?? 0,
    locked,
    ...sizeAndTime(target),
  };
}

/** Older files are read as they are: by jumping from frame to frame by key. */
function framesTrackedOf(connection: Connection, version: number): number {
  const sql = version < TRACKED_FRAMES_SINCE ? summaryQueries.framesWalked : maskQueries.framesTracked;
  return connection.get<{ frames: number }>(sql)?.frames ?? 0;
}

/** The summary also reads older files as they are; they have no reviews yet. */
function reviewedShareOf(connection: Connection, version: number): number {
  return version < REVIEWS_SINCE ? 0 : reviewedShare(connection);
}

/**
 * Every session file of a folder, most recently changed first, broken ones last. Files with other names are not opened; a
 * folder that does not exist is an empty list. Throws `permission-denied` when the folder cannot be read.
 */
export function listSessions(folder: string): SessionListing[] {
  const listings = sessionFiles(resolve(folder)).map(describe);
  return listings.sort((a, b) => changed(b) - changed(a) || (a.path < b.path ? -1 : 1));
}

function sessionFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.name.endsWith(SESSION_EXTENSION) && !entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') return [];
    throw new StudioError(
      'permission-denied',
      'environment',
      `The folder ${folder} cannot be read; nothing was changed. Check its permissions.`,
      { details: { path: folder }, cause: error },
    );
  }
}

function describe(path: string): SessionListing {
  try {
    return { kind: 'session', path, summary: summariseSession(path) };
  } catch (error) {
    return { kind: 'unreadable', path, error: StudioError.from(error).toData() };
  }
}

function changed(listing: SessionListing): number {
  return listing.kind === 'session' ? listing.summary.changedMillis : Number.NEGATIVE_INFINITY;
}

function sizeAndTime(path: string): { readonly sizeBytes: number; readonly changedMillis: number } {
  const main = statSync(path);
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false });
  const written = wal === undefined || wal.size === 0 ? main.mtimeMs : Math.max(main.mtimeMs, wal.mtimeMs);
  return { sizeBytes: main.size + (wal?.size ?? 0), changedMillis: Math.trunc(written) };
}
