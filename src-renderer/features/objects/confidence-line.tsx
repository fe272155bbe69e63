import { type ReactElement, useEffect, useRef } from 'react';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { useMedia } from '../../state/use-media.ts';
import { useStudioState } from '../../state/use-studio.ts';
import type { Lane } from '../../timeline/lanes.ts';

const WIDTH = 44;
const HEIGHT = 14;

/** The lowest confidence along the clip, in little: where it dips the model doubts. Drawn by hand, so that a run does not redraw panels. */
export function ConfidenceLine({ objectId }: { readonly objectId: ObjectId }): ReactElement {
  const media = useMedia();
  const frameCount = useStudioState((state) => state.session?.state.video.frameCount ?? 1);
  const theme = useStudioState((state) => state.settings.theme);
  const canvas = useRef<HTMLCanvasElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours that are read from the canvas.
  useEffect(() => {
    if (canvas.current === null || media === null) return;
    const target = canvas.current;
    let drawn: Lane | null | undefined;
    let revision = -1;
    // While lanes are read or a run commits, each row hears of every lane: only its own costs anything.
    const draw = () => {
      const lane = media.lanes.get(objectId);
      if (lane === drawn && (lane === null || lane.confidences.revision === revision)) return;
      drawn = lane;
      revision = lane?.confidences.revision ?? -1;
      drawLine(target, lane, frameCount);
    };
    draw();
    return media.subscribe(draw);
  }, [media, objectId, frameCount, theme]);
  return (
    <span className="confidence-line" aria-hidden="true">
      <canvas ref={canvas} width={WIDTH * 2} height={HEIGHT * 2} />
    </span>
  );
}

function drawLine(canvas: HTMLCanvasElement, lane: Lane | null, frameCount: number): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(2, 0, 0, 2, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  if (lane === null) return;
  const style = getComputedStyle(canvas);
  const [low, usual] = ['--danger', '--muted'].map((name) => style.getPropertyValue(name).trim());
  for (let x = 0; x < WIDTH; x++) {
    const first = Math.min(frameCount - 1, Math.floor((x * frameCount) / WIDTH));
    const last = Math.max(first, Math.min(frameCount, Math.floor(((x + 1) * frameCount) / WIDTH)) - 1);
    const lowest = lane.confidences.column(first, last);
    if (lowest === 0) continue;
    const share = (lowest - 1) / 254;
    context.fillStyle = share < 0.55 ? low : usual;
    context.fillRect(x, HEIGHT - 1 - share * (HEIGHT - 2), 1, 1 + share * (HEIGHT - 2));
  }
}
