import { objectColour } from '../../src-shared/domain/palette.ts';
import type { Brush } from '../viewport/scene.ts';
import type { StudioState } from './studio-state.ts';

/** A twenty-fourth of the picture's height paints a hand in a few strokes. */
const BRUSH_SHARE = 1 / 24;

/** What brush and eraser would paint on, and how wide. */
export function brushOf({ session, selectedObject, brushRadius }: StudioState): Brush {
  const objects = session?.state.objects ?? [];
  const own = objects.find(({ objectId }) => objectId === selectedObject);
  const colour = own?.colour ?? objectColour(session?.state.nextObjectId ?? 1);
  const radius = brushRadius ?? Math.max(2, (session?.state.video.height ?? 0) * BRUSH_SHARE);
  return { objectId: own?.objectId ?? null, colour, radius };
}
