import { objectColour } from '../../src-shared/domain/palette.ts';
import type { Brush } from '../viewport/scene.ts';
import { isObject, nextObjectId } from './coming-objects.ts';
import type { StudioState } from './studio-state.ts';

/** A twenty-fourth of the picture's height paints a hand in a few strokes. */
const BRUSH_SHARE = 1 / 24;

/** What brush and eraser would paint on, and how wide. */
export function brushOf(state: StudioState): Brush {
  const { session, selectedObject, brushRadius } = state;
  const objects = session?.state.objects ?? [];
  const own = selectedObject !== null && isObject(state, selectedObject) ? selectedObject : null;
  const given = objects.find(({ objectId }) => objectId === own)?.colour;
  const colour = given ?? objectColour(own ?? nextObjectId(state));
  const radius = brushRadius ?? Math.max(2, (session?.state.video.height ?? 0) * BRUSH_SHARE);
  return { objectId: own, colour, radius };
}
