/**
 * Version 6: what people said about stretches of an object, and the shape of each mask, so that doubtful frames are found without
 * reading blobs. The triggers see to it that no shape outlives its mask, whoever writes masks; a missing one is computed when it is needed.
 */
export const reviewsSchema = `
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  object_id INTEGER NOT NULL REFERENCES objects (id),
  first_frame INTEGER NOT NULL CHECK (first_frame >= 0),
  last_frame INTEGER NOT NULL CHECK (last_frame >= first_frame),
  verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'fixed', 'absent', 'skipped')),
  reviewer TEXT NOT NULL,
  made_millis INTEGER NOT NULL,
  seen_run INTEGER NOT NULL
) STRICT;
CREATE INDEX reviews_by_object ON reviews (object_id, first_frame);

CREATE TABLE mask_shapes (
  id INTEGER PRIMARY KEY,
  x INTEGER NOT NULL,
  y INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  step_iou REAL
) STRICT;
CREATE TRIGGER mask_shape_of_new AFTER INSERT ON masks BEGIN
  DELETE FROM mask_shapes WHERE id = new.id;
  UPDATE mask_shapes SET step_iou = NULL WHERE id = new.id + 65536;
END;
CREATE TRIGGER mask_shape_of_old AFTER DELETE ON masks BEGIN
  DELETE FROM mask_shapes WHERE id = old.id;
  UPDATE mask_shapes SET step_iou = NULL WHERE id = old.id + 65536;
END;
CREATE TRIGGER mask_shape_of_changed AFTER UPDATE OF id, mask ON masks BEGIN
  DELETE FROM mask_shapes WHERE id IN (old.id, new.id);
  UPDATE mask_shapes SET step_iou = NULL WHERE id IN (old.id + 65536, new.id + 65536);
END;
`;
