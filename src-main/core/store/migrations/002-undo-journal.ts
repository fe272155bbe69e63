/**
 * Version 2: the undo journal. A mark is one step a user sees ("Move point"); its edits are the row changes that made it, each
 * with its inverse. Undone marks stay, in order, until a new step cuts them off.
 */
export const undoJournalSchema = `
CREATE TABLE marks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  label TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
  made_millis INTEGER NOT NULL
) STRICT;
CREATE INDEX marks_by_state ON marks (undone, id);

CREATE TABLE edits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  mark_id INTEGER NOT NULL REFERENCES marks (id) ON DELETE CASCADE,
  forward_json TEXT NOT NULL,
  inverse_json TEXT NOT NULL
) STRICT;
CREATE INDEX edits_by_mark ON edits (mark_id, id);
`;
