import { type ConceptId, conceptId, type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import { objectColour } from '../../../../src-shared/domain/palette.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Connection, SqlValue } from '../connection.ts';
import { MAX_OBJECT_ID } from '../session-format.ts';
import type { Journal } from './journal.ts';
import { ASIDE_COLOUR } from './set-aside.ts';

/** One tracked thing. Its id is never given to another, even after removal. */
export interface ObjectRecord {
  readonly id: ObjectId;
  readonly name: string;
  /** sRGB, `#rrggbb`. */
  readonly colour: string;
  /** The concept that found it, or null. */
  readonly conceptId: ConceptId | null;
  /** Class for exports, or null. */
  readonly className: string | null;
  readonly hidden: boolean;
  readonly locked: boolean;
  /** Place in lists, ascending; any real number. */
  readonly position: number;
  /** The named group that it belongs to, or null. */
  readonly groupName: string | null;
  readonly deleted: boolean;
}

/** What is not given gets: the next free id, `Object N`, the palette's colour of that id, no concept, no class. */
export interface NewObject {
  readonly id?: ObjectId;
  readonly name?: string;
  readonly colour?: string;
  readonly conceptId?: ConceptId | null;
  readonly className?: string | null;
}

export type ObjectPatch = Partial<Omit<ObjectRecord, 'id' | 'deleted'>>;

interface ObjectRow {
  readonly id: number;
  readonly name: string;
  readonly colour: string;
  readonly concept_id: number | null;
  readonly class_name: string | null;
  readonly hidden: number;
  readonly locked: number;
  readonly position: number;
  readonly group_name: string | null;
  readonly deleted: number;
}

const selectObjects = `SELECT id, name, colour, concept_id, class_name, hidden, locked, position, group_name, deleted
  FROM objects`;

export class ObjectReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** In list order (position, then id), without the removed ones. */
  all(): ObjectRecord[] {
    return this.connection.all<ObjectRow>(`${selectObjects} WHERE deleted = 0 ORDER BY position, id`).map(recordOf);
  }

  /** Null when it never existed; a removed object is found with `deleted` true. */
  get(id: ObjectId): ObjectRecord | null {
    const row = this.connection.get<ObjectRow>(`${selectObjects} WHERE id = ?`, id);
    return row === undefined ? null : recordOf(row);
  }

  /** The id the next new object gets: above every id ever used. */
  nextId(): ObjectId {
    const row = this.connection.get<{ last: number | null }>(
      'SELECT max(id) AS last FROM objects WHERE colour <> ?',
      ASIDE_COLOUR,
    );
    return objectId((row?.last ?? 0) + 1);
  }
}

export class ObjectWrites extends ObjectReads {
  readonly #journal: Journal;

  constructor(connection: Connection, journal: Journal) {
    super(connection);
    this.#journal = journal;
  }

  /** Undoable. Throws `prompt-invalid` when the given id was ever used or is outside 1..65535. */
  create(object: NewObject = {}): ObjectRecord {
    const id = object.id ?? this.nextId();
    if (this.get(id) !== null) {
      throw new StudioError('prompt-invalid', 'user', `Object ${id} exists already; nothing was changed.`);
    }
    this.#journal.change('Add object', 'objects', id, () => insertObject(this.connection, id, object));
    return this.#require(id);
  }

  /** Makes an object that is out of sight (flagged as removed), not undoable; see `UnseenObjects`. */
  insertUnseen(object: NewObject): ObjectRecord {
    const id = object.id !== undefined && this.get(object.id) === null ? object.id : this.nextId();
    insertObject(this.connection, id, object);
    this.connection.run('UPDATE objects SET deleted = 1 WHERE id = ?', id);
    const made = this.get(id);
    if (made === null) throw new StudioError('internal', 'bug', `Object ${id} was not made; nothing was changed.`);
    return made;
  }

  /** Undoable. */
  update(id: ObjectId, patch: ObjectPatch, label = 'Edit object'): ObjectRecord {
    const after = { ...this.#require(id), ...patch };
    this.#journal.change(label, 'objects', id, () => {
      this.connection.run(
        `UPDATE objects SET name = ?, colour = ?, concept_id = ?, class_name = ?, hidden = ?, locked = ?, position = ?,
         group_name = ? WHERE id = ?`,
        after.name,
        after.colour,
        after.conceptId,
        after.className,
        Number(after.hidden),
        Number(after.locked),
        after.position,
        after.groupName,
        id,
      );
    });
    return after;
  }

  /** Removes it with its prompts, one undoable step. Its masks stay stored, out of sight, so undo brings everything back. */
  remove(id: ObjectId): void {
    this.#require(id);
    this.#journal.step('Remove object', () => {
      for (const prompt of this.connection.all<{ id: number }>('SELECT id FROM prompts WHERE object_id = ?', id)) {
        this.#journal.change('Remove prompt', 'prompts', prompt.id, () => {
          this.connection.run('DELETE FROM prompts WHERE id = ?', prompt.id);
        });
      }
      this.#journal.change('Remove object', 'objects', id, () => {
        this.connection.run('UPDATE objects SET deleted = 1 WHERE id = ?', id);
      });
    });
  }

  /** Takes objects away that a run replaces, with what was done to them; not undoable, because they are results. */
  forget(ids: readonly ObjectId[]): void {
    if (ids.length === 0) return;
    this.connection.transaction(() => {
      for (const id of ids) this.connection.run('UPDATE objects SET deleted = 1 WHERE id = ?', id);
      this.#journal.forgetObjects(ids);
    });
  }

  #require(id: ObjectId): ObjectRecord {
    const found = this.get(id);
    if (found === null || found.deleted) {
      throw new StudioError('prompt-invalid', 'user', `This session has no object ${id}; nothing was changed.`);
    }
    return found;
  }
}

/**
 * Makes sure that an object a tracker found exists; not undoable, because it is a result. Doing it again (a resumed run repeats frames after its
 * snapshot) brings back what was retracted, which has no masks. What a person removed has, and stays removed.
 */
export function ensureFoundObject(connection: Connection, object: NewObject & { readonly id: ObjectId }): void {
  if (connection.get('SELECT id FROM objects WHERE id = ?', object.id) === undefined) {
    insertObject(connection, object.id, object);
  } else {
    connection.run(
      'UPDATE objects SET deleted = 0 WHERE id = ? AND deleted = 1 AND NOT EXISTS (SELECT 1 FROM masks WHERE object_id = objects.id)',
      object.id,
    );
  }
}

function insertObject(connection: Connection, id: ObjectId, object: NewObject): void {
  if (!Number.isInteger(id) || id < 1 || id > MAX_OBJECT_ID) {
    throw new StudioError(
      'prompt-invalid',
      'user',
      `Object ${id} cannot be made: object numbers run from 1 to ${MAX_OBJECT_ID}; nothing was changed.`,
    );
  }
  const values: SqlValue[] = [
    id,
    object.name ?? `Object ${id}`,
    object.colour ?? objectColour(id),
    object.conceptId ?? null,
    object.className ?? null,
    id,
  ];
  connection.run(
    'INSERT INTO objects (id, name, colour, concept_id, class_name, position) VALUES (?, ?, ?, ?, ?, ?)',
    ...values,
  );
}

function recordOf(row: ObjectRow): ObjectRecord {
  return {
    id: objectId(row.id),
    name: row.name,
    colour: row.colour,
    conceptId: row.concept_id === null ? null : conceptId(row.concept_id),
    className: row.class_name,
    hidden: row.hidden === 1,
    locked: row.locked === 1,
    position: row.position,
    groupName: row.group_name,
    deleted: row.deleted === 1,
  };
}
