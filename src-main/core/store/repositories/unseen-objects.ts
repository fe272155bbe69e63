import { type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { Connection } from '../connection.ts';
import type { Journal } from './journal.ts';
import type { NewObject, ObjectRecord, ObjectWrites } from './objects.ts';
import type { SettingWrites } from './settings.ts';

const SETTING = 'import.unseen';

/**
 * Objects that are being filled and that nobody may see yet. Their numbers are noted in the file, so that what a killed process
 * left can be swept away.
 */
export class UnseenObjects {
  readonly #connection: Connection;
  readonly #journal: Journal;
  readonly #objects: ObjectWrites;
  readonly #settings: SettingWrites;

  constructor(connection: Connection, journal: Journal, objects: ObjectWrites, settings: SettingWrites) {
    this.#connection = connection;
    this.#journal = journal;
    this.#objects = objects;
    this.#settings = settings;
  }

  /** Like `ObjectWrites.create`, but out of sight and not a step of its own; a given id that was ever used makes way for the next. */
  create(object: NewObject): ObjectRecord {
    return this.#connection.transaction(() => {
      const made = this.#objects.insertUnseen(object);
      this.#settings.set(SETTING, [...this.#noted(), made.id]);
      return made;
    });
  }

  /** Brings objects into sight, undoably; inside a journal step they join it. */
  show(ids: readonly ObjectId[]): void {
    this.#journal.step('Add objects', () => {
      for (const id of ids) {
        this.#journal.change('Add object', 'objects', id, () => {
          this.#connection.run('UPDATE objects SET deleted = 0 WHERE id = ?', id);
        });
      }
      const rest = this.#noted().filter((id) => !ids.includes(id));
      this.#settings.set(SETTING, rest);
    });
  }

  /** Removes every unseen object with its masks, for good. */
  sweep(): void {
    const noted = this.#noted();
    if (noted.length === 0) return;
    this.#connection.transaction(() => {
      for (const id of noted) {
        this.#connection.run('DELETE FROM masks WHERE object_id = ?', id);
        this.#connection.run('DELETE FROM objects WHERE id = ?', id);
      }
      this.#settings.set(SETTING, []);
    });
  }

  #noted(): readonly ObjectId[] {
    const ids = this.#settings.get(SETTING);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'number').map(objectId) : [];
  }
}
