import { type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { Connection } from '../connection.ts';
import { MAX_OBJECT_ID } from '../session-format.ts';
import { isEmptyOn } from './mask-exchange.ts';

/** Instead of a colour: marks a place for masks that an undoable step took away. Never seen by a person, never tracked. */
export const ASIDE_COLOUR = 'aside';

/**
 * A place for masks of these frames that holds none there yet. Places are objects out of sight, numbered downwards from the last number
 * there is, and used again for other frames. Call inside the transaction that fills it.
 */
export function placeAside(connection: Connection, ranges: readonly FrameRange[]): ObjectId {
  const known = connection.all<{ id: number }>(
    'SELECT id FROM objects WHERE colour = ? ORDER BY id DESC',
    ASIDE_COLOUR,
  );
  for (const { id } of known) {
    if (ranges.every((range) => isEmptyOn(connection, objectId(id), range))) return objectId(id);
  }
  const id = highestFree(connection, known.at(-1)?.id ?? MAX_OBJECT_ID + 1);
  connection.run(
    'INSERT INTO objects (id, name, colour, position, deleted) VALUES (?, ?, ?, ?, 1)',
    id,
    '',
    ASIDE_COLOUR,
    id,
  );
  return objectId(id);
}

function highestFree(connection: Connection, above: number): number {
  for (let id = above - 1; id > 0; id--) {
    if (connection.get('SELECT 1 FROM objects WHERE id = ?', id) === undefined) return id;
  }
  throw new StudioError('prompt-invalid', 'user', 'This session has no object number left; nothing was changed.');
}
