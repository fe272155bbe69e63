/** Rows of the timeline in CSS pixels. */
export const GUTTER = 176;
export const RULER_HEIGHT = 26;
export const FILM_HEIGHT = 46;
export const LANE_HEIGHT = 32;
export const LANES_TOP = RULER_HEIGHT + FILM_HEIGHT;
const RIGHT_MARGIN = 14;

export function stripWidth(width: number): number {
  return Math.max(1, width - GUTTER - RIGHT_MARGIN);
}

/** Lanes that are in sight: only these are drawn. */
export function visibleLanes(laneCount: number, scrollTop: number, height: number): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / LANE_HEIGHT));
  const last = Math.min(laneCount - 1, Math.floor((scrollTop + Math.max(0, height - LANES_TOP)) / LANE_HEIGHT));
  return { first, last };
}

export function mostScroll(laneCount: number, height: number): number {
  return Math.max(0, laneCount * LANE_HEIGHT - Math.max(0, height - LANES_TOP));
}
