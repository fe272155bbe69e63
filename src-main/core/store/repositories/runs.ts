import { type FrameIndex, frameIndex, type RunId, runId } from '../../../../src-shared/domain/ids.ts';
import type { Direction, FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { type ErrorCode, StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Connection } from '../connection.ts';
import type { SettingValue } from './settings.ts';
import { dropSnapshotsExcept, putSnapshot, type Snapshot } from './snapshots.ts';

/** `interrupted`: the process died while it ran. */
export type RunState = 'running' | 'done' | 'cancelled' | 'failed' | 'interrupted';

/** The tracker's state at the end of a run. */
export type NewSnapshot = Omit<Snapshot, 'runId'>;

export interface NewRun {
  readonly packId: string;
  readonly packHash: string;
  /** Everything that decides the result: policies, thresholds. */
  readonly settings: SettingValue;
  /** Execution provider that was really used. */
  readonly provider: string;
  readonly range: FrameRange;
  readonly direction: Direction;
  readonly appVersion: string;
}

export interface RunRecord extends NewRun {
  readonly id: RunId;
  readonly state: RunState;
  readonly startedMillis: number;
  readonly endedMillis: number | null;
  /** Last frame committed while going forward; null: none yet. */
  readonly forwardCommitted: FrameIndex | null;
  readonly backwardCommitted: FrameIndex | null;
  readonly failureCode: ErrorCode | null;
}

interface RunRow {
  readonly id: number;
  readonly pack_id: string;
  readonly pack_hash: string;
  readonly settings_json: string;
  readonly provider: string;
  readonly first_frame: number;
  readonly last_frame: number;
  readonly direction: Direction;
  readonly state: RunState;
  readonly started_millis: number;
  readonly ended_millis: number | null;
  readonly forward_committed: number | null;
  readonly backward_committed: number | null;
  readonly failure_code: ErrorCode | null;
  readonly app_version: string;
}

export class RunReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Oldest first. */
  all(): RunRecord[] {
    return this.connection.all<RunRow>('SELECT * FROM runs ORDER BY id').map(recordOf);
  }

  get(id: RunId): RunRecord | null {
    const row = this.connection.get<RunRow>('SELECT * FROM runs WHERE id = ?', id);
    return row === undefined ? null : recordOf(row);
  }

  latest(): RunRecord | null {
    const row = this.connection.get<RunRow>('SELECT * FROM runs ORDER BY id DESC LIMIT 1');
    return row === undefined ? null : recordOf(row);
  }
}

export class RunWrites extends RunReads {
  /** Starts a run; snapshots of earlier runs are forgotten but for those of `keep`, because only the newest run can be resumed. */
  begin(run: NewRun, keep: readonly RunId[] = []): RunRecord {
    return this.connection.transaction(() => {
      dropSnapshotsExcept(this.connection, keep);
      const { id } = this.connection.run(
        `INSERT INTO runs (pack_id, pack_hash, settings_json, provider, first_frame, last_frame, direction, state,
          started_millis, app_version) VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)`,
        run.packId,
        run.packHash,
        JSON.stringify(run.settings),
        run.provider,
        run.range.first,
        run.range.last,
        run.direction,
        Date.now(),
        run.appVersion,
      );
      return this.#require(runId(id));
    });
  }

  /** Sets a stopped run running again; its progress and snapshot stay. */
  resume(id: RunId): RunRecord {
    this.#require(id);
    this.connection.run("UPDATE runs SET state = 'running', ended_millis = NULL, failure_code = NULL WHERE id = ?", id);
    return this.#require(id);
  }

  /**
   * Ends a run. `done` replaces its snapshot by `memory`, from which later runs go on (null: there is none); the others keep theirs, so
   * that they can be resumed.
   */
  finish(
    id: RunId,
    state: Exclude<RunState, 'running'>,
    failureCode: ErrorCode | null = null,
    memory: NewSnapshot | null = null,
  ): void {
    this.#require(id);
    this.connection.transaction(() => {
      this.connection.run(
        'UPDATE runs SET state = ?, ended_millis = ?, failure_code = ? WHERE id = ?',
        state,
        Date.now(),
        failureCode,
        id,
      );
      if (state !== 'done') return;
      if (memory === null) this.connection.run('DELETE FROM snapshots WHERE run_id = ?', id);
      else putSnapshot(this.connection, { ...memory, runId: id });
    });
  }

  /** Forgets the snapshots of every run but some. */
  forgetMemories(keep: readonly RunId[]): void {
    dropSnapshotsExcept(this.connection, keep);
  }

  #require(id: RunId): RunRecord {
    const found = this.get(id);
    if (found === null) throw new StudioError('internal', 'bug', `This session has no run ${id}; nothing was changed.`);
    return found;
  }
}

/**
 * Call right after taking the write lock: nobody else can be running, so a run still marked `running` belongs to a process
 * that died. Returns how many there were.
 */
export function markInterruptedRuns(connection: Connection): number {
  return connection.run("UPDATE runs SET state = 'interrupted', ended_millis = ? WHERE state = 'running'", Date.now())
    .changes;
}

function recordOf(row: RunRow): RunRecord {
  return {
    id: runId(row.id),
    packId: row.pack_id,
    packHash: row.pack_hash,
    settings: JSON.parse(row.settings_json) as SettingValue,
    provider: row.provider,
    range: { first: frameIndex(row.first_frame), last: frameIndex(row.last_frame) },
    direction: row.direction,
    state: row.state,
    startedMillis: row.started_millis,
    endedMillis: row.ended_millis,
    forwardCommitted: frameOrNull(row.forward_committed),
    backwardCommitted: frameOrNull(row.backward_committed),
    failureCode: row.failure_code,
    appVersion: row.app_version,
  };
}

function frameOrNull(value: number | null): FrameIndex | null {
  return value === null ? null : frameIndex(value);
}
