/**
 * Version 8: which frames have any mask. Counting them is asked after every edit, and walking the masks of a three-hour clip takes half
 * a second. Triggers keep the list, whoever writes masks; a replaced row stays on its frame, so REPLACE needs no deletion.
 */
export const trackedFramesSchema = `
CREATE TABLE tracked_frames (frame_index INTEGER PRIMARY KEY) STRICT;
INSERT INTO tracked_frames
  WITH RECURSIVE frame (id) AS (
    SELECT min(id) FROM masks
    UNION ALL
    SELECT (SELECT m.id FROM masks m WHERE m.id >= ((frame.id >> 16) + 1) << 16 ORDER BY m.id LIMIT 1)
    FROM frame WHERE frame.id IS NOT NULL)
  SELECT id >> 16 FROM frame WHERE id IS NOT NULL;
CREATE TRIGGER tracked_frame_of_new AFTER INSERT ON masks
WHEN NOT EXISTS (SELECT 1 FROM tracked_frames WHERE frame_index = new.frame_index) BEGIN
  INSERT INTO tracked_frames VALUES (new.frame_index);
END;
CREATE TRIGGER tracked_frame_of_old AFTER DELETE ON masks
WHEN NOT EXISTS (SELECT 1 FROM masks WHERE id BETWEEN old.frame_index << 16 AND (old.frame_index << 16) + 65535) BEGIN
  DELETE FROM tracked_frames WHERE frame_index = old.frame_index;
END;
`;
