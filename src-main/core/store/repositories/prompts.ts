import {
  type ConceptId,
  conceptId,
  frameIndex,
  type ObjectId,
  objectId,
  type PromptId,
  promptId,
} from '../../../../src-shared/domain/ids.ts';
import type { Prompt } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import type { Connection, SqlValue } from '../connection.ts';
import { blobChecksum, ownedBytes } from '../row-checksum.ts';
import type { Journal } from './journal.ts';

export interface PromptRecord {
  readonly id: PromptId;
  /** Prompts given together share it; 0: given before rounds were counted. */
  readonly round: number;
  readonly prompt: Prompt;
}

interface PromptRow {
  readonly id: number;
  readonly kind: Prompt['kind'];
  readonly frame_index: number;
  readonly object_id: number | null;
  readonly concept_id: number | null;
  readonly include: number | null;
  readonly x: number | null;
  readonly y: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly mask: Uint8Array | null;
  readonly mask_checksum: number | null;
  readonly round: number | null;
  readonly phrase: string | null;
}

const selectPrompts = `SELECT p.id, p.kind, p.frame_index, p.object_id, p.concept_id, p.include, p.x, p.y, p.width, p.height,
  p.mask, p.mask_checksum, p.round, c.phrase FROM prompts p LEFT JOIN concepts c ON c.id = p.concept_id`;

export const promptQueries = {
  all: `${selectPrompts} ORDER BY p.id`,
  ofObject: `${selectPrompts} WHERE p.object_id = ? ORDER BY p.frame_index, p.id`,
  ofConcept: `${selectPrompts} WHERE p.concept_id = ? ORDER BY p.frame_index, p.id`,
} as const;

export class PromptReads {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** In order of creation. `mask-corrupt` when a mask prompt is damaged. */
  all(): PromptRecord[] {
    return this.connection.all<PromptRow>(promptQueries.all).map((row) => recordOf(row));
  }

  /** In frame order, then order of creation. */
  ofObject(id: ObjectId): PromptRecord[] {
    return this.connection.all<PromptRow>(promptQueries.ofObject, id).map((row) => recordOf(row));
  }

  /** In frame order, then order of creation. */
  ofConcept(id: ConceptId): PromptRecord[] {
    return this.connection.all<PromptRow>(promptQueries.ofConcept, id).map((row) => recordOf(row));
  }

  get(id: PromptId): PromptRecord | null {
    const row = this.connection.get<PromptRow>(`${selectPrompts} WHERE p.id = ?`, id);
    return row === undefined ? null : recordOf(row);
  }

  /** The round of the next prompts; above every round in use. */
  nextRound(): number {
    const row = this.connection.get<{ last: number | null }>('SELECT max(round) AS last FROM prompts');
    return (row?.last ?? 0) + 1;
  }
}

export class PromptWrites extends PromptReads {
  readonly #journal: Journal;
  readonly #size: Size;

  /** `size`: displayed size of the video, which mask prompts must have. */
  constructor(connection: Connection, journal: Journal, size: Size) {
    super(connection);
    this.#journal = journal;
    this.#size = size;
  }

  /** Undoable; `round` absent: one of its own. The object or concept must exist (`prompt-invalid`); coordinates are the caller's to check. */
  add(prompt: Prompt, round = this.nextRound()): PromptId {
    this.#check(prompt);
    // sqlite_sequence remembers removed ids too, so an undone prompt never shares its id with a newer one.
    const last = this.connection.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'prompts'");
    const id = promptId((last?.seq ?? 0) + 1);
    this.#journal.change(`Add ${prompt.kind}`, 'prompts', id, () => this.#put(id, prompt, round));
    return id;
  }

  /** Replaces a prompt in place, keeping its order and round. Undoable. */
  update(id: PromptId, prompt: Prompt): void {
    const { round } = this.#require(id);
    this.#check(prompt);
    this.#journal.change(`Change ${prompt.kind}`, 'prompts', id, () => this.#put(id, prompt, round));
  }

  /** Undoable. */
  remove(id: PromptId): void {
    const { prompt } = this.#require(id);
    this.#journal.change(`Remove ${prompt.kind}`, 'prompts', id, () => {
      this.connection.run('DELETE FROM prompts WHERE id = ?', id);
    });
  }

  #require(id: PromptId): PromptRecord {
    const found = this.get(id);
    if (found === null) {
      throw new StudioError('prompt-invalid', 'user', `This session has no prompt ${id}; nothing was changed.`);
    }
    return found;
  }

  #put(id: PromptId, prompt: Prompt, round: number): void {
    this.connection.run(
      `INSERT INTO prompts (id, kind, frame_index, object_id, concept_id, include, x, y, width, height, mask, mask_checksum, round)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, frame_index = excluded.frame_index,
         object_id = excluded.object_id, concept_id = excluded.concept_id, include = excluded.include, x = excluded.x,
         y = excluded.y, width = excluded.width, height = excluded.height, mask = excluded.mask,
         mask_checksum = excluded.mask_checksum, round = excluded.round`,
      id,
      prompt.kind,
      prompt.frameIndex,
      ...ownerOf(prompt),
      ...shapeOf(prompt),
      round,
    );
  }

  #check(prompt: Prompt): void {
    if (prompt.kind === 'text' || prompt.kind === 'exemplar') {
      this.#checkConcept(prompt);
      return;
    }
    const row = this.connection.get<{ deleted: number }>('SELECT deleted FROM objects WHERE id = ?', prompt.objectId);
    if (row === undefined || row.deleted === 1) throw invalid(`there is no object ${prompt.objectId}`);
    if (prompt.kind !== 'mask') return;
    const { width, height } = this.#size;
    if (prompt.mask.width !== width || prompt.mask.height !== height) {
      throw invalid(`the mask is ${prompt.mask.width}x${prompt.mask.height} and the video ${width}x${height}`);
    }
  }

  #checkConcept(prompt: Prompt & { readonly kind: 'text' | 'exemplar' }): void {
    const row = this.connection.get<{ phrase: string; deleted: number }>(
      'SELECT phrase, deleted FROM concepts WHERE id = ?',
      prompt.conceptId,
    );
    if (row === undefined || row.deleted === 1) throw invalid(`there is no concept ${prompt.conceptId}`);
    if (prompt.kind === 'text' && row.phrase !== prompt.phrase) {
      throw invalid(`concept ${prompt.conceptId} is “${row.phrase}”, not “${prompt.phrase}”`);
    }
  }
}

function ownerOf(prompt: Prompt): [objectId: SqlValue, conceptId: SqlValue] {
  return prompt.kind === 'text' || prompt.kind === 'exemplar' ? [null, prompt.conceptId] : [prompt.objectId, null];
}

/** include, x, y, width, height, mask, mask_checksum. Sizes of a mask prompt are the mask's. */
function shapeOf(prompt: Prompt): SqlValue[] {
  switch (prompt.kind) {
    case 'point':
      return [Number(prompt.include), prompt.point.x, prompt.point.y, null, null, null, null];
    case 'box':
      return [null, prompt.box.x, prompt.box.y, prompt.box.width, prompt.box.height, null, null];
    case 'exemplar': {
      const { x, y, width, height } = prompt.box;
      return [Number(prompt.include), x, y, width, height, null, null];
    }
    case 'mask': {
      const { width, height, bytes } = prompt.mask;
      return [null, null, null, width, height, bytes, blobChecksum(bytes)];
    }
    case 'text':
      return [null, null, null, null, null, null, null];
  }
}

function recordOf(row: PromptRow): PromptRecord {
  return { id: promptId(row.id), round: row.round ?? 0, prompt: promptOf(row) };
}

function promptOf(row: PromptRow): Prompt {
  const frame = frameIndex(row.frame_index);
  const object = objectId(row.object_id ?? 0);
  const concept = conceptId(row.concept_id ?? 0);
  const point = { x: row.x ?? 0, y: row.y ?? 0 };
  const box = { ...point, width: row.width ?? 0, height: row.height ?? 0 };
  const include = row.include === 1;
  switch (row.kind) {
    case 'point':
      return { kind: 'point', objectId: object, frameIndex: frame, point, include };
    case 'box':
      return { kind: 'box', objectId: object, frameIndex: frame, box };
    case 'exemplar':
      return { kind: 'exemplar', conceptId: concept, frameIndex: frame, box, include };
    case 'text':
      return { kind: 'text', conceptId: concept, frameIndex: frame, phrase: row.phrase ?? '' };
    case 'mask': {
      const bytes = ownedBytes(row.mask ?? new Uint8Array());
      if (blobChecksum(bytes) !== row.mask_checksum) throw damagedMaskPrompt(row);
      return {
        kind: 'mask',
        objectId: object,
        frameIndex: frame,
        mask: { width: box.width, height: box.height, bytes },
      };
    }
  }
}

function damagedMaskPrompt(row: PromptRow): StudioError {
  return new StudioError(
    'mask-corrupt',
    'resource',
    `The mask drawn for object ${row.object_id} on frame ${row.frame_index} is damaged; the rest is kept. Remove it or draw it again.`,
    { details: { frameIndex: row.frame_index, objectId: row.object_id, promptId: row.id } },
  );
}

function invalid(reason: string): StudioError {
  return new StudioError('prompt-invalid', 'user', `The prompt was not added: ${reason}.`);
}
