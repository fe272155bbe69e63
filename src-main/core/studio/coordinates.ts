import type { PromptChange, PromptInput } from '../../../src-shared/contract/schemas.ts';
import type { BoxInVideo, PointInVideo, Size } from '../../../src-shared/geometry/geometry.ts';

/** `pixels`: displayed pixels; `relative`: 0..1 of the picture. */
export type Coordinates = 'pixels' | 'relative';

/** A prompt, or a change to one, with its point and box in displayed pixels. */
export function inPixels<T extends PromptInput | PromptChange>(input: T, coordinates: Coordinates, video: Size): T {
  if (coordinates === 'pixels') return input;
  const point = 'point' in input ? input.point : undefined;
  const box = 'box' in input ? input.box : undefined;
  return {
    ...input,
    ...(point === undefined ? {} : { point: scaledPoint(point, video) }),
    ...(box === undefined ? {} : { box: scaledBox(box, video) }),
  };
}

function scaledPoint({ x, y }: PointInVideo, { width, height }: Size): PointInVideo {
  return { x: x * width, y: y * height };
}

function scaledBox({ x, y, width, height }: BoxInVideo, video: Size): BoxInVideo {
  return { x: x * video.width, y: y * video.height, width: width * video.width, height: height * video.height };
}
