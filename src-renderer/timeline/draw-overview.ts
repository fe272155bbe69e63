import { laneBits } from '../../src-shared/domain/lane.ts';
import { framesOf, type LaneView } from './draw-lane.ts';
import type { Lanes } from './lanes.ts';
import { xOfFrame } from './time-scale.ts';
import { OVERVIEW_HEIGHT } from './timeline-layout.ts';
import type { TimelineObject } from './timeline-scene.ts';

const LOW = 0.45;
/** Of `confidenceByte`. */
const DOUBTFUL_BYTE = 1 + Math.round((1 - LOW) * 254);

/** How many objects have a mask in each column, and how many of these are doubtful, in place of lanes that nobody could read. */
export function drawOverview(
  context: CanvasRenderingContext2D,
  objects: readonly TimelineObject[],
  lanes: Lanes,
  view: LaneView,
): void {
  const { colours, width, scale, frameCount } = view;
  const room = OVERVIEW_HEIGHT - 14;
  const bottom = OVERVIEW_HEIGHT - 7;
  const present = objects.flatMap(({ objectId }) => lanes.get(objectId) ?? []);
  const unit = room / Math.max(1, objects.length);
  context.fillStyle = colours.line;
  context.fillRect(0, bottom, width, 1);
  const edge = Math.min(width, xOfFrame(scale, frameCount));
  for (let x = 0; x < edge; x++) {
    const { first, last } = framesOf(view, x);
    let count = 0;
    let doubtful = 0;
    for (const { states, confidences } of present) {
      if ((states.column(first, last) & laneBits.present) === 0) continue;
      count++;
      const lowest = confidences.column(first, last);
      if (lowest !== 0 && lowest < DOUBTFUL_BYTE) doubtful++;
    }
    if (count === 0) continue;
    context.fillStyle = colours.accent;
    context.globalAlpha = 0.55;
    context.fillRect(x, bottom - count * unit, 1, count * unit);
    context.globalAlpha = 1;
    if (doubtful === 0) continue;
    context.fillStyle = colours.danger;
    context.fillRect(x, bottom - doubtful * unit, 1, doubtful * unit);
  }
}
