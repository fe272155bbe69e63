/**
 * Version 1. A mask's row id is `frame_index * 65536 + object_id` (measured: twice as fast to write as a composite key); both
 * halves are columns that the id decides, so `(frame_index, object_id)` is unique by construction and queryable by name.
 * Not generated columns: SQLite never treats an index over those as covering, and coverage must not touch the blobs.
 */
export const initialSchema = `
CREATE TABLE media (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  path TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  mtime_millis INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  frame_count INTEGER NOT NULL CHECK (frame_count > 0),
  timebase_numerator INTEGER NOT NULL,
  timebase_denominator INTEGER NOT NULL CHECK (timebase_denominator > 0),
  frame_pts BLOB NOT NULL,
  frame_pts_checksum INTEGER NOT NULL,
  info_json TEXT NOT NULL
) STRICT;

CREATE TABLE concepts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  phrase TEXT NOT NULL,
  threshold REAL NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
) STRICT;

CREATE TABLE objects (
  id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 65535),
  name TEXT NOT NULL,
  colour TEXT NOT NULL,
  concept_id INTEGER REFERENCES concepts (id),
  class_name TEXT,
  hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
  locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
  position REAL NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
) STRICT;

CREATE TABLE prompts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('point', 'box', 'mask', 'text', 'exemplar')),
  frame_index INTEGER NOT NULL CHECK (frame_index >= 0),
  object_id INTEGER REFERENCES objects (id),
  concept_id INTEGER REFERENCES concepts (id),
  include INTEGER CHECK (include IN (0, 1)),
  x REAL,
  y REAL,
  width REAL,
  height REAL,
  mask BLOB,
  mask_checksum INTEGER,
  CHECK ((object_id IS NULL) = (kind IN ('text', 'exemplar'))),
  CHECK ((concept_id IS NULL) = (kind IN ('point', 'box', 'mask'))),
  CHECK ((mask IS NULL) = (kind <> 'mask'))
) STRICT;
CREATE INDEX prompts_by_object ON prompts (object_id, frame_index);
CREATE INDEX prompts_by_concept ON prompts (concept_id, frame_index);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pack_id TEXT NOT NULL,
  pack_hash TEXT NOT NULL,
  settings_json TEXT NOT NULL,
  provider TEXT NOT NULL,
  first_frame INTEGER NOT NULL,
  last_frame INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('forward', 'backward', 'both')),
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'interrupted')),
  started_millis INTEGER NOT NULL,
  ended_millis INTEGER,
  forward_committed INTEGER,
  backward_committed INTEGER,
  failure_code TEXT,
  app_version TEXT NOT NULL
) STRICT;

CREATE TABLE masks (
  id INTEGER PRIMARY KEY CHECK (id >= 0),
  frame_index INTEGER NOT NULL CHECK (frame_index = id >> 16),
  object_id INTEGER NOT NULL REFERENCES objects (id) CHECK (object_id = id & 65535),
  run_id INTEGER REFERENCES runs (id),
  source TEXT NOT NULL CHECK (source IN ('prompt', 'tracked', 'detected')),
  provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),
  predicted_iou REAL,
  object_score_logit REAL,
  presence REAL,
  detection REAL,
  area INTEGER,
  mask BLOB,
  checksum INTEGER NOT NULL,
  CHECK ((mask IS NULL) = (area IS NULL))
) STRICT;
CREATE INDEX masks_by_object ON masks (object_id, frame_index, area, source, provisional, run_id);
CREATE INDEX masks_provisional ON masks (object_id, run_id) WHERE provisional = 1;
CREATE INDEX masks_by_predicted_iou ON masks (predicted_iou) WHERE predicted_iou IS NOT NULL;
CREATE INDEX masks_by_object_score_logit ON masks (object_score_logit) WHERE object_score_logit IS NOT NULL;
CREATE INDEX masks_by_presence ON masks (presence) WHERE presence IS NOT NULL;
CREATE INDEX masks_by_detection ON masks (detection) WHERE detection IS NOT NULL;

CREATE TABLE snapshots (
  run_id INTEGER PRIMARY KEY REFERENCES runs (id),
  frame_index INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('forward', 'backward')),
  bytes BLOB NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE holder (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  process_id INTEGER NOT NULL,
  host TEXT NOT NULL,
  app TEXT NOT NULL,
  since_millis INTEGER NOT NULL
) STRICT;
`;
