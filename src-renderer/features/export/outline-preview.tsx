import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { FrameMask } from '../../../src-shared/contract/results.ts';
import { objectColour } from '../../../src-shared/domain/palette.ts';
import type { BoxInVideo } from '../../../src-shared/geometry/geometry.ts';
import { outlinesOf } from '../../../src-shared/mask/outlines.ts';
import { maskBox } from '../../../src-shared/mask/rle.ts';
import type { Ring } from '../../../src-shared/mask/trace-rings.ts';
import type { SessionMedia } from '../../state/session-media.ts';
import { useStudio, useStudioState } from '../../state/use-studio.ts';
import { useTranslate } from '../../ui/i18n/use-translate.ts';

const WIDTH = 960;
const HEIGHT = 420;
const MARGIN_SHARE = 0.08;

interface Outline {
  readonly colour: string;
  readonly exact: readonly Ring[];
  readonly written: readonly Ring[];
}

/** The outlines of the frame on the desk as polygon layouts will hold them, over the exact ones; follows the tolerance at once. */
export function OutlinePreview({ tolerance }: { readonly tolerance: number }): ReactElement | null {
  const t = useTranslate();
  const { sessions } = useStudio();
  const { media } = sessions;
  const frameIndex = useStudioState((state) => state.playhead.frameIndex);
  const objects = useStudioState((state) => state.session?.state.objects);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, draw] = useState({});
  useEffect(() => media?.subscribe(() => draw({})), [media]);
  const masks = (media?.masks.get(frameIndex) ?? []).filter(({ mask }) => mask !== null);
  const outlines = masks.map((mask): Outline => {
    const object = objects?.find(({ objectId }) => objectId === mask.objectId);
    return {
      colour: object?.colour ?? objectColour(mask.objectId),
      exact: mask.mask === null ? [] : outlinesOf(mask.mask, 0),
      written: mask.mask === null ? [] : outlinesOf(mask.mask, tolerance),
    };
  });
  useEffect(() => {
    const context = canvas.current?.getContext('2d') ?? null;
    if (context !== null && media !== null) paint(context, media, frameIndex, masks, outlines);
  });
  const corners = (rings: readonly Ring[]) => rings.reduce((sum, ring) => sum + ring.length / 2, 0);
  const count = (which: 'exact' | 'written') => outlines.reduce((sum, each) => sum + corners(each[which]), 0);
  return (
    <figure className="outline-preview">
      {outlines.length > 0 && (
        <canvas ref={canvas} width={WIDTH} height={HEIGHT} role="img" aria-label={t('export.outlines')} />
      )}
      <figcaption className="field-help">
        {outlines.length === 0
          ? t('export.outlinesNone')
          : t('export.outlinesCount', { written: count('written'), exact: count('exact') })}
      </figcaption>
    </figure>
  );
}

function paint(
  context: CanvasRenderingContext2D,
  { pictures }: SessionMedia,
  frameIndex: number,
  masks: readonly FrameMask[],
  outlines: readonly Outline[],
): void {
  const boxes = masks.flatMap(({ mask }) => (mask === null ? [] : (maskBox(mask) ?? [])));
  if (boxes.length === 0) return;
  const shown = around(boxes);
  const scale = Math.min(WIDTH / shown.width, HEIGHT / shown.height);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  context.translate((WIDTH - shown.width * scale) / 2, (HEIGHT - shown.height * scale) / 2);
  context.scale(scale, scale);
  context.translate(-shown.x, -shown.y);
  const picture = pictures.get(frameIndex);
  const size = masks[0].mask;
  if (picture !== null && size !== null) {
    context.globalAlpha = 0.55;
    context.drawImage(picture, 0, 0, size.width, size.height);
    context.globalAlpha = 1;
  }
  for (const { colour, exact, written } of outlines) {
    stroke(context, exact, 'rgb(255 255 255 / 0.75)', 1 / scale);
    stroke(context, written, colour, 2.5 / scale);
    context.fillStyle = '#ffffff';
    const side = 5 / scale;
    for (const ring of written)
      for (let at = 0; at < ring.length; at += 2)
        context.fillRect(ring[at] - side / 2, ring[at + 1] - side / 2, side, side);
  }
}

/** The box around all of them, and a little more. */
function around(boxes: readonly BoxInVideo[]): BoxInVideo {
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - left;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - top;
  const margin = MARGIN_SHARE * Math.max(width, height);
  return { x: left - margin, y: top - margin, width: width + 2 * margin, height: height + 2 * margin };
}

function stroke(context: CanvasRenderingContext2D, rings: readonly Ring[], colour: string, width: number): void {
  context.beginPath();
  for (const ring of rings) {
    context.moveTo(ring[0], ring[1]);
    for (let at = 2; at < ring.length; at += 2) context.lineTo(ring[at], ring[at + 1]);
    context.closePath();
  }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = 'round';
  context.stroke();
}
