import type { ImportPurpose } from '../../../../src-shared/contract/dataset-schemas.ts';
import { type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { Prompt } from '../../../../src-shared/domain/prompt.ts';
import { noScores } from '../../../../src-shared/domain/scores.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { BoxInVideo, Size } from '../../../../src-shared/geometry/geometry.ts';
import { maskFromRings } from '../../../../src-shared/mask/mask-from-rings.ts';
import type { NewMask, SessionWriter } from '../../store/index.ts';
import type { DatasetEntry } from '../threads/export-contract.ts';

/** Prompts are kept in memory until all are read; more than this is no conditioning any more but a truth. */
const MOST_PROMPTS = 10_000;

/**
 * Numbers of a dataset that its objects keep where they are free, so that it can be scored against. Higher ones would leave too few
 * for objects to come and do not fit MOTS.
 */
const NUMBER = /^[1-9]\d{0,2}$/;

export interface ImportedObject {
  readonly objectId: ObjectId;
  readonly name: string;
  readonly masks: number;
}

interface Track {
  readonly objectId: ObjectId;
  readonly name: string;
  readonly className: string | null;
  masks: number;
}

/**
 * A dataset on its way into a session: every track becomes a new object, under its own number where that is free. Nothing of it can
 * be seen before `finish`, which shows all of it as one undoable step; `abort` leaves no trace, and what a killed import left is
 * swept by the next.
 */
export class ImportRun {
  readonly #session: SessionWriter;
  readonly #purpose: ImportPurpose;
  readonly #size: Size;
  readonly #tracks = new Map<string, Track>();
  #prompts: Prompt[] = [];
  #boxes = 0;

  constructor(session: SessionWriter, purpose: ImportPurpose) {
    this.#session = session;
    this.#purpose = purpose;
    const { width, height } = session.media.get().info;
    this.#size = { width, height };
    session.unseen.sweep();
  }

  /** Takes entries in any order, one an object and frame; boxes lie in the frame. Throws `usage` when there are too many for prompts. */
  add(entries: readonly DatasetEntry[]): void {
    const rows: NewMask[] = [];
    for (const entry of entries) {
      const { mask, box } = entry;
      const track = this.#trackOf(entry);
      const { objectId } = track;
      const { frameIndex } = entry;
      track.masks++;
      if (box !== null) this.#boxes++;
      if (this.#purpose === 'truth') {
        const drawn = mask ?? filled(box, this.#size);
        rows.push({ frameIndex, objectId, mask: drawn, scores: noScores, source: 'prompt', provisional: false });
      } else if (mask !== null) this.#prompts.push({ kind: 'mask', objectId, frameIndex, mask });
      else if (box !== null) this.#prompts.push({ kind: 'box', objectId, frameIndex, box });
    }
    if (this.#prompts.length > MOST_PROMPTS) throw tooMany();
    if (rows.length > 0) this.#session.masks.save(rows);
  }

  /** Shows everything as one undoable step. Throws `dataset-empty` when there was nothing to take. */
  finish(): { readonly objects: readonly ImportedObject[]; readonly notes: readonly string[] } {
    const tracks = [...this.#tracks.values()];
    if (tracks.length === 0) {
      throw new StudioError(
        'dataset-empty',
        'user',
        'The dataset holds no mask or box on the frames asked for; the session was not changed.',
      );
    }
    const what = tracks.length === 1 ? '1 object' : `${tracks.length} objects`;
    this.#session.journal.step(`Import ${what}`, () => {
      this.#session.unseen.show(tracks.map(({ objectId }) => objectId));
      for (const prompt of this.#prompts) this.#session.prompts.add(prompt);
    });
    this.#prompts = [];
    const objects = tracks.map(({ objectId, name, masks }) => ({ objectId, name, masks }));
    return { objects, notes: this.#notes() };
  }

  abort(): void {
    this.#prompts = [];
    this.#session.unseen.sweep();
  }

  #notes(): readonly string[] {
    if (this.#boxes === 0) return [];
    const boxes = this.#boxes === 1 ? '1 box' : `${this.#boxes} boxes`;
    const kept = this.#purpose === 'truth' ? 'kept as filled rectangles' : 'taken as box prompts';
    return [`${boxes} ${kept}, because the dataset has no masks for them.`];
  }

  #trackOf({ track, name, className }: DatasetEntry): Track {
    const known = this.#tracks.get(`${className ?? ''} ${track}`);
    if (known !== undefined) return known;
    const object = this.#session.unseen.create({
      ...(NUMBER.test(track) ? { id: objectId(Number(track)) } : {}),
      className,
      ...(name === null ? (className === null ? {} : { name: className }) : { name }),
    });
    const made = { objectId: object.id, name: object.name, className, masks: 0 };
    this.#tracks.set(`${className ?? ''} ${track}`, made);
    return made;
  }
}

function filled(box: BoxInVideo | null, size: Size) {
  const { x, y, width, height } = box ?? { x: 0, y: 0, width: 0, height: 0 };
  return maskFromRings([[x, y, x + width, y, x + width, y + height, x, y + height]], size.width, size.height);
}

function tooMany(): StudioError {
  return new StudioError(
    'usage',
    'user',
    `The dataset has more than ${MOST_PROMPTS} masks on these frames; take fewer with --range or --step, or import it with --as truth.`,
  );
}
