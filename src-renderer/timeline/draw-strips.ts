import { formatSecs } from '../../src-shared/time/timebase.ts';
import type { FramePictures } from '../viewport/frame-pictures.ts';
import { frameAt, type TimeScale, tickStep, xOfFrame } from './time-scale.ts';
import { FILM_HEIGHT, RULER_HEIGHT, WAVE_HEIGHT } from './timeline-layout.ts';
import type { TimelineColours, TimelineScene } from './timeline-scene.ts';
import type { Waveform } from './waveform.ts';

const LABEL_PIXELS = 76;
const FONT = '500 11px "Inter Variable", system-ui, sans-serif';

/** Frame numbers or times, and ticks. */
export function drawRuler(
  context: CanvasRenderingContext2D,
  scene: TimelineScene,
  scale: TimeScale,
  width: number,
): void {
  const { colours, frameCount, firstFrameNumber, ruler, secsOf } = scene;
  const step = tickStep(scale, LABEL_PIXELS);
  const minor = Math.max(1, step / 5);
  context.font = FONT;
  context.textBaseline = 'middle';
  context.fillStyle = colours.line;
  const last = Math.min(frameCount - 1, frameAt(scale, width, frameCount));
  for (let frame = Math.floor(Math.max(0, scale.first) / minor) * minor; frame <= last; frame += minor) {
    const major = Math.abs(frame / step - Math.round(frame / step)) < 1e-6;
    context.fillRect(Math.round(xOfFrame(scale, frame)), RULER_HEIGHT - (major ? 9 : 5), 1, major ? 9 : 5);
  }
  context.fillStyle = colours.muted;
  for (let frame = Math.floor(Math.max(0, scale.first) / step) * step; frame <= last; frame += step) {
    const x = Math.round(xOfFrame(scale, frame));
    const text = ruler === 'frames' ? String(frame + firstFrameNumber) : formatSecs(secsOf(frame));
    if (x + 40 < width) context.fillText(text, x + 4, 8);
  }
}

/** Cuts: a notch in the ruler and a line through the film. */
export function drawCuts(
  context: CanvasRenderingContext2D,
  { cuts, colours }: TimelineScene,
  scale: TimeScale,
  width: number,
  height: number,
): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const cut of cuts) {
    const x = Math.round(xOfFrame(scale, cut));
    // Where cuts are closer than can be told apart one stands for all.
    if (x < 0 || x > width || x - last < 2) continue;
    last = x;
    context.fillStyle = colours.text;
    context.beginPath();
    context.moveTo(x - 4, RULER_HEIGHT - 5);
    context.lineTo(x + 4, RULER_HEIGHT - 5);
    context.lineTo(x, RULER_HEIGHT);
    context.fill();
    context.fillStyle = colours.ground;
    context.fillRect(x - 1, RULER_HEIGHT, 2, FILM_HEIGHT - 6);
    context.fillStyle = colours.text;
    context.globalAlpha = 0.28;
    context.fillRect(x, RULER_HEIGHT, 1, height);
    context.globalAlpha = 1;
  }
}

/** Loudness around a middle line. */
export function drawWaveform(
  context: CanvasRenderingContext2D,
  { frameCount, secsOf, colours }: TimelineScene,
  scale: TimeScale,
  width: number,
  waveform: Waveform,
): void {
  const middle = (WAVE_HEIGHT - 6) / 2;
  const edge = Math.min(width, xOfFrame(scale, frameCount));
  const secsAt = (x: number) => {
    const frame = scale.first + x * scale.framesPerPixel;
    const whole = Math.min(frameCount - 1, Math.floor(frame));
    const next = whole + 1 < frameCount ? secsOf(whole + 1) : secsOf(whole);
    return secsOf(whole) + (next - secsOf(whole)) * (frame - whole);
  };
  context.fillStyle = colours.muted;
  let from = secsAt(0);
  for (let x = 0; x < edge; x++) {
    const to = secsAt(x + 1);
    // Quiet sound must still be told from none.
    const half = Math.max(0.5, Math.sqrt(waveform.loudest(from, to)) * middle);
    context.fillRect(x, middle - half, 1, half * 2);
    from = to;
  }
}

/**
 * Frames whose thumbnails fill the strip, left to right, with the place of each. Where a picture stands for many frames the key frame
 * among them is taken: it is decoded far faster.
 */
export function filmFrames(
  scene: TimelineScene,
  scale: TimeScale,
  width: number,
): readonly { readonly frameIndex: number; readonly x: number; readonly width: number }[] {
  const wide = (FILM_HEIGHT - 6) * scene.aspectRatio;
  const edge = Math.min(width, xOfFrame(scale, scene.frameCount));
  const count = Math.max(1, Math.ceil(edge / wide));
  return Array.from({ length: count }, (_, index) => ({
    frameIndex: easyFrame(
      scene.times.keyFrames,
      frameAt(scale, (index + 0.5) * wide, scene.frameCount),
      Math.floor((scale.framesPerPixel * wide) / 2),
    ),
    x: index * wide,
    width: Math.min(wide, edge - index * wide),
  }));
}

/** The key frame nearest to a frame within a reach, else the frame itself. */
function easyFrame(keyFrames: Uint8Array, frame: number, reach: number): number {
  for (let away = 0; away <= reach; away++) {
    if (keyFrames[frame - away] === 1) return frame - away;
    if (keyFrames[frame + away] === 1) return frame + away;
  }
  return frame;
}

export function drawFilm(
  context: CanvasRenderingContext2D,
  scene: TimelineScene,
  scale: TimeScale,
  width: number,
  thumbnails: FramePictures,
): void {
  const height = FILM_HEIGHT - 6;
  const frames = filmFrames(scene, scale, width);
  for (const { frameIndex, x, width: wide } of frames) {
    const picture = thumbnails.get(frameIndex);
    if (picture === null) {
      context.fillStyle = scene.colours.raised;
      context.fillRect(x, 0, wide - 1, height);
    } else {
      const share = wide / (height * scene.aspectRatio);
      context.drawImage(picture, 0, 0, picture.width * share, picture.height, x, 0, wide - 1, height);
    }
  }
}

/** Outside the in and out marks the clip is dimmed; the marks themselves are brackets. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  { marks, frameCount, colours }: TimelineScene,
  scale: TimeScale,
  width: number,
  height: number,
): void {
  if (marks.first === null && marks.last === null) return;
  const left = xOfFrame(scale, marks.first ?? 0);
  const right = xOfFrame(scale, (marks.last ?? frameCount - 1) + 1);
  context.fillStyle = colours.ground;
  context.globalAlpha = 0.62;
  context.fillRect(0, RULER_HEIGHT, Math.max(0, left), height);
  context.fillRect(right, RULER_HEIGHT, Math.max(0, width - right), height);
  context.globalAlpha = 1;
  context.fillStyle = colours.accent;
  context.fillRect(left, RULER_HEIGHT - 4, Math.max(2, right - left), 3);
  bracket(context, left, 1, colours);
  bracket(context, right, -1, colours);
}

function bracket(context: CanvasRenderingContext2D, x: number, inward: 1 | -1, colours: TimelineColours): void {
  context.fillStyle = colours.accent;
  context.fillRect(inward === 1 ? x : x - 2, RULER_HEIGHT - 12, 2, 12);
  context.fillRect(inward === 1 ? x : x - 6, RULER_HEIGHT - 12, 6, 2);
}
