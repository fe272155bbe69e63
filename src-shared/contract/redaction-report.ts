/** Both ends inclusive. */
export type FrameSpan = readonly [first: number, last: number];

/** What a redaction covered, for the person who answers for it. Spans of frames, both ends inclusive. */
export interface RedactionReport {
  /** `covered`: nothing to look at. `check`: someone should look at the spans of `absent`, `uncertain`, `held` and `whole`. */
  readonly verdict: 'covered' | 'check';
  readonly frames: number;
  readonly dilate: number;
  readonly hold: number;
  readonly certainty: number;
  /** Frames that are covered from edge to edge, because an object was never tracked there or its place is unknown. */
  readonly whole: readonly FrameSpan[];
  readonly objects: readonly RedactedObject[];
}

export interface RedactedObject {
  readonly objectId: number;
  readonly name: string;
  /** Frames with a trusted mask. */
  readonly tracked: number;
  readonly uncertain: readonly FrameSpan[];
  readonly held: readonly FrameSpan[];
  /** Not there, by the tracker's word: nothing of it was covered. */
  readonly absent: readonly FrameSpan[];
  readonly untracked: readonly FrameSpan[];
}
