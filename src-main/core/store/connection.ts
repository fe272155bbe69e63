import Database from 'better-sqlite3';
import { sqliteFailure } from './sqlite-failure.ts';

/** A value that SQLite can hold. */
export type SqlValue = string | number | Uint8Array | null;

export interface ConnectionOptions {
  readonly readonly: boolean;
  /** The file must exist already; otherwise an empty one is made. */
  readonly mustExist: boolean;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMillis: number;
}

/**
 * One SQLite connection with prepared statements kept by their text. Every failure leaves as a StudioError.
 *
 * Trap: on POSIX, closing ANY descriptor of a file drops this process's locks on it. Never open a session file, or its
 * -wal, -shm or .lock, with node:fs in a process that may have it open: ask SQLite, or `stat` (which opens nothing).
 */
export class Connection implements Disposable {
  readonly path: string;
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement<SqlValue[]>>();

  constructor(path: string, options: ConnectionOptions) {
    this.path = path;
    this.#db = this.#guard(
      () =>
        new Database(path, {
          readonly: options.readonly,
          fileMustExist: options.mustExist,
          timeout: options.busyTimeoutMillis,
        }),
    );
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values) as Row[]);
  }

  /** Rows one at a time: memory stays flat. No other statement may write meanwhile. */
  *each<Row>(sql: string, ...values: SqlValue[]): Generator<Row> {
    const rows = this.#guard(() => this.#statement(sql).iterate(...values) as IterableIterator<Row>);
    try {
      for (;;) {
        const next = this.#guard(() => rows.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      rows.return?.();
    }
  }

  /** Returns the number of changed rows and the row id of the last insert. */
  run(sql: string, ...values: SqlValue[]): { readonly changes: number; readonly id: number } {
    return this.#guard(() => {
      const result = this.#statement(sql).run(...values);
      return { changes: result.changes, id: Number(result.lastInsertRowid) };
    });
  }

  /** Runs several statements without values. */
  execute(sql: string): void {
    this.#guard(() => this.#db.exec(sql));
  }

  /** The first value of a pragma. */
  pragma(text: string): string | number {
    return this.#guard(() => this.#db.pragma(text, { simple: true }) as string | number);
  }

  /**
   * Everything in `work` or nothing. Returns only after COMMIT, so what it returned for survives a killed process.
   * Nested calls join the outer one.
   */
  transaction<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    return this.#guard(() => this.#db.transaction(work).immediate() as T);
  }

  get isOpen(): boolean {
    return this.#db.open;
  }

  /** Safe to call twice. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  #statement(sql: string): Database.Statement<SqlValue[]> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare<SqlValue[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteFailure(error, this.path);
    }
  }
}
