import type { ObjectId } from '../../../../src-shared/domain/ids.ts';
import { assign } from '../../base/assignment.ts';
import type { DetectorConstants } from '../ports.ts';
import { type BitMask, iouMatrix } from './bit-mask.ts';

export type AssociationThresholds = Pick<
  DetectorConstants,
  'assocIou' | 'trkAssocIou' | 'newDetThresh' | 'highConf' | 'highIou'
> & {
  /** true: a track counts as seen only through a one-to-one assignment; the released tracker uses false. */
  readonly oneToOne: boolean;
};

export interface ScoredMask {
  /** Detection score as float32. */
  readonly score: number;
  readonly mask: BitMask;
}
export interface TrackMask {
  readonly id: ObjectId;
  readonly mask: BitMask;
}

/** Which detections and tracks belong together. Detections are named by index, tracks by id; all lists keep the input order. */
export interface Association {
  readonly newDetections: readonly number[];
  /** Visible tracks that no detection supports. */
  readonly unmatchedTracks: readonly ObjectId[];
  /** Tracks without a foreground pixel. */
  readonly emptyTracks: readonly ObjectId[];
  /** For every detection the tracks with IoU >= assocIou (many to many); no entries at all when either side is empty. */
  readonly matched: readonly { readonly detection: number; readonly tracks: readonly ObjectId[] }[];
  /** Tracks that a detection confirms beyond doubt; of several detections the last one stands. */
  readonly highConfidence: readonly { readonly track: ObjectId; readonly detection: number }[];
}

/**
 * Compares the detections of one concept on one frame with its tracks, all masks on one grid. Identities are never
 * reassigned: detections only confirm, create or refresh. Comparisons are in float32, ties go to the first track.
 * Source: SAM 3 `sam3_video_base.py: _associate_det_trk`.
 */
export function associate(
  detections: readonly ScoredMask[],
  tracks: readonly TrackMask[],
  thresholds: AssociationThresholds,
): Association {
  const emptyTracks = tracks.filter(({ mask }) => mask.area === 0).map(({ id }) => id);
  if (tracks.length === 0 || detections.length === 0) {
    // An empty scene admits everything that passed the detector: newDetThresh guards only against doubles of tracks.
    const newDetections = tracks.length === 0 ? detections.map((_, index) => index) : [];
    const unmatchedTracks = tracks.filter(({ mask }) => mask.area > 0).map(({ id }) => id);
    return { newDetections, unmatchedTracks, emptyTracks, matched: [], highConfidence: [] };
  }
  const ious = iouMatrix(
    detections.map(({ mask }) => mask),
    tracks.map(({ mask }) => mask),
  );
  const seen = supportedTracks(ious, detections.length, tracks.length, thresholds);
  const unmatchedTracks = tracks.filter(({ mask }, index) => mask.area > 0 && !seen[index]).map(({ id }) => id);
  return { unmatchedTracks, emptyTracks, ...judgeDetections(detections, tracks, ious, thresholds) };
}

function supportedTracks(
  ious: Float32Array,
  detections: number,
  tracks: number,
  thresholds: AssociationThresholds,
): Uint8Array {
  const trkAssocIou = Math.fround(thresholds.trkAssocIou);
  const seen = new Uint8Array(tracks);
  if (thresholds.oneToOne) {
    const { rows, columns } = assign(detections, tracks, (row, column) => Math.fround(1 - ious[row * tracks + column]));
    rows.forEach((detection, at) => {
      if (ious[detection * tracks + columns[at]] >= trkAssocIou) seen[columns[at]] = 1;
    });
    return seen;
  }
  for (let at = 0; at < ious.length; at++) if (ious[at] >= trkAssocIou) seen[at % tracks] = 1;
  return seen;
}

function judgeDetections(
  detections: readonly ScoredMask[],
  tracks: readonly TrackMask[],
  ious: Float32Array,
  thresholds: AssociationThresholds,
): Pick<Association, 'newDetections' | 'matched' | 'highConfidence'> {
  const newDetThresh = Math.fround(thresholds.newDetThresh);
  const assocIou = Math.fround(thresholds.assocIou);
  const highConf = Math.fround(thresholds.highConf);
  const highIou = Math.fround(thresholds.highIou);
  const newDetections: number[] = [];
  const matched: { detection: number; tracks: ObjectId[] }[] = [];
  const sure = new Map<ObjectId, number>();
  detections.forEach(({ score }, detection) => {
    const row = ious.subarray(detection * tracks.length, (detection + 1) * tracks.length);
    const mine = tracks.filter((_, index) => row[index] >= assocIou).map(({ id }) => id);
    matched.push({ detection, tracks: mine });
    if (mine.length === 0 && score >= newDetThresh) {
      newDetections.push(detection);
      return;
    }
    const best = row.reduce((winner, iou, index) => (iou > row[winner] ? index : winner), 0);
    if (score >= highConf && row[best] >= highIou) sure.set(tracks[best].id, detection);
  });
  const highConfidence = [...sure].map(([track, detection]) => ({ track, detection }));
  return { newDetections, matched, highConfidence };
}
