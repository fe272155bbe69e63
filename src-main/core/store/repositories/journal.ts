import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import type { Connection, SqlValue } from '../connection.ts';
import {
  applyEdit,
  type EditableTable,
  type EntryEdit,
  type ExchangeEdit,
  editFromJson,
  editToJson,
  type RowEdit,
  readRow,
} from '../row-edit.ts';
import type { KeepEdit, SwapEdit } from '../swap-masks.ts';
import { removeMasks } from './mask-exchange.ts';

/** One undoable step. */
export interface HistoryStep {
  readonly label: string;
  readonly undone: boolean;
  readonly madeMillis: number;
}

/** What undo and redo would do now; null: nothing. */
export interface UndoState {
  readonly undo: string | null;
  readonly redo: string | null;
}

interface RecordedEdit {
  readonly forward: RowEdit;
  readonly inverse: RowEdit;
}

export class JournalReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  state(): UndoState {
    return { undo: this.lastDone()?.label ?? null, redo: this.firstUndone()?.label ?? null };
  }

  /** The newest `limit` steps, newest first. */
  history(limit: number): HistoryStep[] {
    return this.connection
      .all<{ label: string; undone: number; made_millis: number }>(
        'SELECT label, undone, made_millis FROM marks ORDER BY id DESC LIMIT ?',
        limit,
      )
      .map((row) => ({ label: row.label, undone: row.undone === 1, madeMillis: row.made_millis }));
  }

  protected lastDone(): { id: number; label: string } | undefined {
    return this.connection.get(journalQueries.lastDone);
  }

  protected firstUndone(): { id: number; label: string } | undefined {
    return this.connection.get(journalQueries.firstUndone);
  }
}

export const journalQueries = {
  lastDone: 'SELECT id, label FROM marks WHERE undone = 0 ORDER BY id DESC LIMIT 1',
  firstUndone: 'SELECT id, label FROM marks WHERE undone = 1 ORDER BY id LIMIT 1',
  undoneExchanges: `SELECT e.forward_json FROM marks m JOIN edits e ON e.mark_id = m.id
    WHERE m.undone = 1 AND e.forward_json LIKE '{"kind":"exchange"%'`,
  editsOfObjects: `DELETE FROM edits WHERE EXISTS (SELECT 1 FROM json_each(?) gone, json_each(json_array(forward_json, inverse_json)) side
    WHERE json_extract(side.value, '$.row.object_id') = gone.value
      OR (json_extract(side.value, '$.table') = 'objects' AND json_extract(side.value, '$.row.id') = gone.value))`,
  emptyMarks: 'DELETE FROM marks WHERE NOT EXISTS (SELECT 1 FROM edits WHERE mark_id = marks.id)',
  editsOf: 'SELECT forward_json, inverse_json FROM edits WHERE mark_id = ? ORDER BY id',
} as const;

/** Unlimited undo that survives a crash: each step and its inverse are stored in the transaction that makes the step. */
export class Journal extends JournalReads {
  #open: RecordedEdit[] | null = null;

  /**
   * Runs `work` as one undoable step, all of it or nothing; nested steps join the outer one. A step that changed nothing leaves
   * no mark; a new step forgets the undone ones.
   */
  step<T>(label: string, work: () => T): T {
    if (this.#open !== null) return work();
    const edits: RecordedEdit[] = [];
    this.#open = edits;
    try {
      return this.connection.transaction(() => {
        const result = work();
        if (edits.length > 0) this.#append(label, edits);
        return result;
      });
    } finally {
      this.#open = null;
    }
  }

  /** Makes one row change and records it with its inverse; a step of its own when none is open. */
  change(label: string, table: EditableTable, id: number, write: () => void): void {
    this.step(label, () => {
      const before = readRow(this.connection, table, id);
      write();
      const after = readRow(this.connection, table, id);
      this.#open?.push({ forward: edit(table, id, after, before), inverse: edit(table, id, before, after) });
    });
  }

  /** Makes a change that is not one row, and records it with its inverse; a step of its own when none is open. */
  apply(label: string, edit: WholeEdit): void {
    this.step(label, () => {
      applyEdit(this.connection, edit);
      this.#open?.push({
        forward: edit,
        inverse: inverseOf(edit),
      });
    });
  }

  /** Takes back the newest step; returns its label, or null when there is none. */
  undo(): string | null {
    return this.connection.transaction(() => {
      const mark = this.lastDone();
      if (mark === undefined) return null;
      for (const { inverse_json } of this.#edits(mark.id).reverse()) {
        applyEdit(this.connection, editFromJson(inverse_json));
      }
      this.connection.run('UPDATE marks SET undone = 1 WHERE id = ?', mark.id);
      return mark.label;
    });
  }

  /** Makes the last undone step again; returns its label, or null when there is none. */
  redo(): string | null {
    return this.connection.transaction(() => {
      const mark = this.firstUndone();
      if (mark === undefined) return null;
      for (const { forward_json } of this.#edits(mark.id)) applyEdit(this.connection, editFromJson(forward_json));
      this.connection.run('UPDATE marks SET undone = 0 WHERE id = ?', mark.id);
      return mark.label;
    });
  }

  /** Forgets what was done to objects that are gone for good: no step, taken back or made again, may bring one back. */
  forgetObjects(ids: readonly ObjectId[]): void {
    this.connection.run(journalQueries.editsOfObjects, JSON.stringify(ids));
    this.connection.run(journalQueries.emptyMarks);
  }

  /** Undone steps cannot come back: what they had ready set aside goes too. */
  #forgetUndone(): void {
    for (const { forward_json } of this.connection.all<{ forward_json: string }>(journalQueries.undoneExchanges)) {
      const edit = editFromJson(forward_json);
      if (edit.kind !== 'exchange' || !edit.aside) continue;
      for (const span of edit.spans) removeMasks(this.connection, edit.b, span);
    }
    this.connection.run('DELETE FROM marks WHERE undone = 1');
  }

  #edits(markId: number): { forward_json: string; inverse_json: string }[] {
    return this.connection.all(journalQueries.editsOf, markId);
  }

  #append(label: string, edits: readonly RecordedEdit[]): void {
    this.#forgetUndone();
    const mark = this.connection.run('INSERT INTO marks (label, made_millis) VALUES (?, ?)', label, Date.now());
    for (const { forward, inverse } of edits) {
      this.connection.run(
        'INSERT INTO edits (mark_id, forward_json, inverse_json) VALUES (?, ?, ?)',
        mark.id,
        editToJson(forward),
        editToJson(inverse),
      );
    }
  }
}

/**
 * The edit that brings a row to `target`. Objects and concepts are never deleted, because masks point at them and ids are never
 * reused: undoing their creation flags them instead.
 */
function edit(
  table: EditableTable,
  id: number,
  target: Readonly<Record<string, SqlValue>> | null,
  other: Readonly<Record<string, SqlValue>> | null,
): RowEdit {
  if (target !== null) return { kind: 'put', table, row: target };
  if (table === 'prompts' || table === 'reviews' || other === null) return { kind: 'delete', table, id };
  return { kind: 'put', table, row: { ...other, deleted: 1 } };
}

/** A change that is not one row. */
type WholeEdit = ExchangeEdit | EntryEdit | SwapEdit | KeepEdit;

function inverseOf(edit: WholeEdit): RowEdit {
  switch (edit.kind) {
    case 'exchange':
      return edit;
    case 'entry':
      return { ...edit, from: edit.to, to: edit.from };
    case 'swap-masks':
      return { ...edit, state: edit.state === 'open' ? 'reverted' : 'open' };
    case 'keep-masks':
      return { ...edit, kept: !edit.kept };
  }
}
