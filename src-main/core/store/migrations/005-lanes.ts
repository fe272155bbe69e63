/**
 * Version 5: the index over an object's masks also holds what a lane of the timeline shows, so that the lane of a long video is read
 * without touching the rows and their blobs.
 */
export const lanesSchema = `
DROP INDEX masks_by_object;
CREATE INDEX masks_by_object ON masks
  (object_id, frame_index, area, source, provisional, run_id, predicted_iou, object_score_logit, detection);
`;
