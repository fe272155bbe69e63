import type { TimelineObject } from './timeline-scene.ts';

/** Rows of the timeline in CSS pixels. */
export const GUTTER = 176;
export const RULER_HEIGHT = 26;
export const FILM_HEIGHT = 46;
export const WAVE_HEIGHT = 34;
export const OVERVIEW_HEIGHT = 48;
export const LANE_HEIGHT = 32;
const RIGHT_MARGIN = 14;
/** With more objects than this an overview stands for their lanes until it is unfolded. */
export const MOST_PLAIN_LANES = 20;

export function stripWidth(width: number): number {
  return Math.max(1, width - GUTTER - RIGHT_MARGIN);
}

/** What lies below ruler, film and sound. */
export interface LaneRows {
  readonly top: number;
  /** Height of the overview row; 0: there is none. */
  readonly overview: number;
  readonly objects: readonly TimelineObject[];
}

export function laneRows(objects: readonly TimelineObject[], hasSound: boolean, unfolded: boolean): LaneRows {
  const top = RULER_HEIGHT + FILM_HEIGHT + (hasSound ? WAVE_HEIGHT : 0);
  if (objects.length <= MOST_PLAIN_LANES) return { top, overview: 0, objects };
  const shown = unfolded ? objects : objects.filter(({ selected, running }) => selected || running);
  return { top, overview: OVERVIEW_HEIGHT, objects: shown };
}

/** Lanes that are in sight: only these are drawn. */
export function visibleLanes(rows: LaneRows, scrollTop: number, height: number): { first: number; last: number } {
  const above = scrollTop - rows.overview;
  const first = Math.max(0, Math.floor(above / LANE_HEIGHT));
  const last = Math.min(rows.objects.length - 1, Math.floor((above + Math.max(0, height - rows.top)) / LANE_HEIGHT));
  return { first, last };
}

export function mostScroll({ top, overview, objects }: LaneRows, height: number): number {
  return Math.max(0, overview + objects.length * LANE_HEIGHT - Math.max(0, height - top));
}

/** Top of a lane on the canvas. */
export function laneTop({ top, overview }: LaneRows, index: number, scrollTop: number): number {
  return top + overview + index * LANE_HEIGHT - scrollTop;
}

/** The object whose lane covers y, `overview`, or null above and below. */
export function rowAt(rows: LaneRows, y: number, scrollTop: number): TimelineObject | 'overview' | null {
  if (y < rows.top) return null;
  const at = y - rows.top + scrollTop;
  if (at < rows.overview) return 'overview';
  return rows.objects[Math.floor((at - rows.overview) / LANE_HEIGHT)] ?? null;
}

/** Scrolls just enough to show an object's lane. */
export function revealLane(rows: LaneRows, index: number, scrollTop: number, height: number): number {
  const top = rows.overview + index * LANE_HEIGHT;
  const room = Math.max(LANE_HEIGHT, height - rows.top);
  return Math.max(0, Math.min(top, Math.max(scrollTop, top + LANE_HEIGHT - room)));
}
