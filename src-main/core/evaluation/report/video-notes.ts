import type { ScoreCaveats, VideoScore } from '../score-video.ts';

/** Plain sentences about what counted and what did not, over all videos of a report. */
export function videoNotes(scores: readonly VideoScore[]): readonly string[] {
  const sum = (count: (caveats: ScoreCaveats) => number) =>
    scores.reduce((total, { caveats }) => total + count(caveats), 0);
  const named = (holds: (score: VideoScore) => boolean) => namesOf(scores.filter(holds));
  const notes: string[] = [];
  const differ = named(({ caveats }) => caveats.numbersDiffer);
  if (differ !== null) {
    notes.push(
      `J and F of ${differ} were left out: one side numbers objects as MOTS does (class * 1000 + instance) and the other does not, so equal numbers mean nothing.`,
    );
  }
  if (scores.some(({ jf, caveats }) => jf === null && !caveats.numbersDiffer)) {
    notes.push(
      'J and F need masks and the same object numbers on both sides; they were left out where these are missing.',
    );
  }
  const inRegion = sum(({ inIgnoredRegion }) => inIgnoredRegion);
  if (inRegion > 0) {
    notes.push(
      `Predictions that match no object and lie by more than half in a region to ignore do not count, as in TrackEval (${inRegion}); classes are scored together.`,
    );
  }
  const markedRows = sum(({ markedRows: rows }) => rows);
  if (markedRows > 0) {
    notes.push(
      `Rows of the ground truth that are marked with 0 are not to be found (${markedRows}), and predictions matched to those of class 2, 7, 8 or 12 do not count (${sum(({ onDistractor }) => onDistractor)}), as in TrackEval for MOT17. Class 6, which MOT20 adds to these, is not among them; every other row counts whatever its class.`,
    );
  }
  const beyond = sum(({ beyondTruth }) => beyondTruth);
  if (beyond > 0) {
    notes.push(
      `Frames with predictions before the first or after the last row of the ground truth count as frames without objects (${beyond}).`,
    );
  }
  const from = named(({ caveats }) => caveats.mayCountFromOne);
  if (from !== null) {
    notes.push(
      `The MOTS text of ${from} names no frame 0; its frames were counted from 0. If they count from 1 (MOTSChallenge), import it with --first-frame 1 --as truth and score with that session.`,
    );
  }
  return notes;
}

/** `"a", "b" and 3 more`; null: none. */
function namesOf(scores: readonly VideoScore[]): string | null {
  if (scores.length === 0) return null;
  const shown = scores.slice(0, 3).map(({ name }) => `"${name}"`);
  const more = scores.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
