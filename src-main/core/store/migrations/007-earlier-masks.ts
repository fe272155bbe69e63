/**
 * Version 7: what was there before. A comparison is open for an object while results of tracking are being replaced; its earlier masks are
 * the rows as they were (`existed` 0: there was none), until they are let go or put back. `agreement` is the IoU of the earlier and the
 * present mask, NULL where one of them is not a result at all. Also finds the best detection of an object without reading its masks.
 */
export const earlierMasksSchema = `
CREATE TABLE comparisons (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  object_id INTEGER NOT NULL REFERENCES objects (id),
  state TEXT NOT NULL CHECK (state IN ('open', 'reverted')),
  corrects INTEGER NOT NULL CHECK (corrects IN (0, 1)),
  record_json TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX comparisons_open ON comparisons (object_id) WHERE state = 'open';

CREATE TABLE earlier_masks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  comparison_id INTEGER NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
  mask_id INTEGER NOT NULL,
  agreement REAL,
  existed INTEGER NOT NULL CHECK (existed IN (0, 1)),
  run_id INTEGER REFERENCES runs (id),
  source TEXT,
  provisional INTEGER,
  predicted_iou REAL,
  object_score_logit REAL,
  presence REAL,
  detection REAL,
  area INTEGER,
  mask BLOB,
  checksum INTEGER
) STRICT;
CREATE INDEX earlier_masks_by_place ON earlier_masks (comparison_id, mask_id, agreement);
CREATE INDEX masks_best_detection ON masks (object_id, detection) WHERE detection IS NOT NULL;
`;
