import { type ConceptId, conceptId } from '../../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Connection } from '../connection.ts';
import type { Journal } from './journal.ts';

/** A short noun phrase that instances are searched for. */
export interface ConceptRecord {
  readonly id: ConceptId;
  readonly phrase: string;
  /** Lowest detection score that is shown, 0..1. */
  readonly threshold: number;
}

interface ConceptRow {
  readonly id: number;
  readonly phrase: string;
  readonly threshold: number;
}

export class ConceptReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** In order of creation, without the removed ones. */
  all(): ConceptRecord[] {
    return this.connection
      .all<ConceptRow>('SELECT id, phrase, threshold FROM concepts WHERE deleted = 0 ORDER BY id')
      .map(recordOf);
  }

  /** Null when it never existed; a removed concept is still found. */
  get(id: ConceptId): ConceptRecord | null {
    const row = this.connection.get<ConceptRow>('SELECT id, phrase, threshold FROM concepts WHERE id = ?', id);
    return row === undefined ? null : recordOf(row);
  }
}

export class ConceptWrites extends ConceptReads {
  readonly #journal: Journal;

  constructor(connection: Connection, journal: Journal) {
    super(connection);
    this.#journal = journal;
  }

  /** The concept of this exact phrase, made when there is none. Undoable. */
  ensure(phrase: string, threshold: number): ConceptRecord {
    const found = this.all().find((concept) => concept.phrase === phrase);
    if (found !== undefined) return found;
    const id = nextConceptId(this.connection);
    this.#journal.change(`Add “${phrase}”`, 'concepts', id, () => {
      this.connection.run('INSERT INTO concepts (id, phrase, threshold) VALUES (?, ?, ?)', id, phrase, threshold);
    });
    return { id, phrase, threshold };
  }

  /** Undoable. */
  setThreshold(id: ConceptId, threshold: number): void {
    this.#change(id, 'Change threshold', 'UPDATE concepts SET threshold = ? WHERE id = ?', threshold);
  }

  /** Removes it together with its text and exemplar prompts, one undoable step; objects found by it stay. */
  remove(id: ConceptId): void {
    this.#journal.step('Remove concept', () => {
      for (const prompt of this.connection.all<{ id: number }>('SELECT id FROM prompts WHERE concept_id = ?', id)) {
        this.#journal.change('Remove prompt', 'prompts', prompt.id, () => {
          this.connection.run('DELETE FROM prompts WHERE id = ?', prompt.id);
        });
      }
      this.#change(id, 'Remove concept', 'UPDATE concepts SET deleted = ? WHERE id = ?', 1);
    });
  }

  #change(id: ConceptId, label: string, sql: string, value: number): void {
    if (this.get(id) === null) {
      throw new StudioError('prompt-invalid', 'user', `This session has no concept ${id}; nothing was changed.`);
    }
    this.#journal.change(label, 'concepts', id, () => {
      this.connection.run(sql, value, id);
    });
  }
}

function nextConceptId(connection: Connection): ConceptId {
  const row = connection.get<{ last: number | null }>('SELECT max(id) AS last FROM concepts');
  return conceptId((row?.last ?? 0) + 1);
}

function recordOf(row: ConceptRow): ConceptRecord {
  return { id: conceptId(row.id), phrase: row.phrase, threshold: row.threshold };
}
