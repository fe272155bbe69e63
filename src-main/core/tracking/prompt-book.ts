import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import type { BoxPrompt, ExemplarPrompt, MaskPrompt, PointPrompt, Prompt } from '../../../src-shared/domain/prompt.ts';
import { type ErrorCode, StudioError } from '../../../src-shared/errors/studio-error.ts';
import {
  type BoxInVideo,
  containsBox,
  containsPoint,
  type PointInVideo,
  type Size,
} from '../../../src-shared/geometry/geometry.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import type { Exemplar, ModelPoint } from './ports.ts';

/** A prompt that names an object by place. */
export type ObjectPrompt = PointPrompt | BoxPrompt | MaskPrompt;

/** What the tracker needs to know about the video. */
export interface VideoShape extends Size {
  readonly frameCount: number;
}

/** Everything said about one object on one frame. A mask excludes points and box until a click corrects it. */
export interface FramePrompts {
  readonly box: BoxInVideo | null;
  readonly clicks: readonly { readonly point: PointInVideo; readonly include: boolean }[];
  readonly mask: MaskPrompt['mask'] | null;
}

export const nothingSaid: FramePrompts = { box: null, clicks: [], mask: null };

/** The prompts of every object, by frame. Only knows what was said; what it means is the tracker's business. */
export class PromptBook {
  readonly #video: VideoShape;
  readonly #byObject = new Map<ObjectId, Map<number, FramePrompts>>();

  constructor(video: VideoShape) {
    this.#video = video;
  }

  /**
   * Adds prompts: clicks accumulate, a box replaces the box, a mask replaces everything said about the object on that frame, and a
   * click or box after a mask takes its place as a correction of it. Throws what `checkPrompt` throws; then nothing was added.
   */
  add(prompts: readonly ObjectPrompt[]): void {
    for (const prompt of prompts) checkPrompt(this.#video, prompt);
    for (const prompt of prompts) {
      const said = this.at(prompt.objectId, prompt.frameIndex);
      const frames = this.#byObject.get(prompt.objectId) ?? new Map<number, FramePrompts>();
      this.#byObject.set(prompt.objectId, frames.set(prompt.frameIndex, withPrompt(said, prompt)));
    }
  }

  at(objectId: ObjectId, frameIndex: number): FramePrompts {
    return this.#byObject.get(objectId)?.get(frameIndex) ?? nothingSaid;
  }

  /** Frames on which the object was prompted, ascending. */
  framesOf(objectId: ObjectId): readonly number[] {
    return [...(this.#byObject.get(objectId)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** Forgets what was said about an object on one frame, or everywhere. */
  forget(objectId: ObjectId, frameIndex?: number): void {
    if (frameIndex === undefined) this.#byObject.delete(objectId);
    else this.#byObject.get(objectId)?.delete(frameIndex);
  }
}

/** Box corners first, then clicks, in pixels of the model image, of which `shown` is the picture. Empty when nothing but a mask was said. */
export function modelPoints(said: FramePrompts, video: Size, shown: Size): readonly ModelPoint[] {
  const place = (x: number, y: number, label: ModelPoint['label']): ModelPoint => ({
    x: (x / video.width) * shown.width,
    y: (y / video.height) * shown.height,
    label,
  });
  const points: ModelPoint[] = [];
  const { box } = said;
  if (box !== null) points.push(place(box.x, box.y, 2), place(box.x + box.width, box.y + box.height, 3));
  for (const { point, include } of said.clicks) points.push(place(point.x, point.y, include ? 1 : 0));
  return points;
}

/** Video pixels -> the detector's relative centre and size. */
export function exemplarFromPrompt({ box, include }: ExemplarPrompt, video: Size): Exemplar {
  return {
    centreX: (box.x + box.width / 2) / video.width,
    centreY: (box.y + box.height / 2) / video.height,
    width: box.width / video.width,
    height: box.height / video.height,
    positive: include,
  };
}

/**
 * Refuses a prompt that cannot mean anything here: `frame-out-of-range`, `prompt-outside-frame`, or `prompt-invalid` (a mask of another
 * size or without a pixel, an empty phrase, a coordinate that is not a number).
 */
export function checkPrompt(video: VideoShape, prompt: Prompt): void {
  const { frameIndex } = prompt;
  if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= video.frameCount) {
    throw refusal('frame-out-of-range', prompt, `the video has frames 0 to ${video.frameCount - 1}`);
  }
  switch (prompt.kind) {
    case 'point':
      checkPoint(video, prompt);
      break;
    case 'box':
    case 'exemplar':
      checkBox(video, prompt);
      break;
    case 'mask':
      checkMask(video, prompt);
      break;
    case 'text':
      if (prompt.phrase.trim() === '') throw refusal('prompt-invalid', prompt, 'a phrase needs at least one word');
  }
}

function checkPoint(video: VideoShape, prompt: PointPrompt): void {
  const { x, y } = prompt.point;
  if (!Number.isFinite(x) || !Number.isFinite(y)) throw refusal('prompt-invalid', prompt, 'x and y must be numbers');
  if (!containsPoint(video, prompt.point)) {
    throw refusal('prompt-outside-frame', prompt, `(${x}, ${y}) is not in 0..${video.width} x 0..${video.height}`);
  }
}

function checkBox(video: VideoShape, prompt: BoxPrompt | ExemplarPrompt): void {
  const { x, y, width, height } = prompt.box;
  if (![x, y, width, height].every(Number.isFinite)) {
    throw refusal('prompt-invalid', prompt, 'x, y, width and height must be numbers');
  }
  if (width <= 0 || height <= 0) throw refusal('prompt-invalid', prompt, 'a box needs a width and a height above 0');
  if (!containsBox(video, prompt.box)) {
    const corners = `(${x}, ${y}) to (${x + width}, ${y + height})`;
    throw refusal('prompt-outside-frame', prompt, `${corners} is not in 0..${video.width} x 0..${video.height}`);
  }
}

function checkMask(video: VideoShape, prompt: MaskPrompt): void {
  const { mask } = prompt;
  if (mask.width !== video.width || mask.height !== video.height) {
    const sizes = `the mask is ${mask.width}x${mask.height} and the video ${video.width}x${video.height}`;
    throw refusal('prompt-invalid', prompt, sizes);
  }
  if (maskArea(mask) === 0) throw refusal('prompt-invalid', prompt, 'the mask is empty');
}

function refusal(code: ErrorCode, prompt: Prompt, why: string): StudioError {
  const whose = 'objectId' in prompt ? `object ${prompt.objectId}` : `concept ${prompt.conceptId}`;
  const message = `The ${prompt.kind} for ${whose} on frame ${prompt.frameIndex} was refused: ${why}; nothing was changed.`;
  const id = 'objectId' in prompt ? prompt.objectId : prompt.conceptId;
  return new StudioError(code, 'user', message, { details: { kind: prompt.kind, id, frameIndex: prompt.frameIndex } });
}

/** Prompts for one object on one frame that were given together, in the parts that are answered one after the other: what follows a mask corrects it. */
export function inTurn(prompts: readonly ObjectPrompt[]): readonly (readonly ObjectPrompt[])[] {
  const after = prompts.findLastIndex(({ kind }) => kind === 'mask') + 1;
  return [prompts.slice(0, after), prompts.slice(after)].filter(({ length }) => length > 0);
}

/** What was said with one prompt more; see `PromptBook.add`. */
export function withPrompt(said: FramePrompts, prompt: ObjectPrompt): FramePrompts {
  switch (prompt.kind) {
    case 'point':
      return { ...said, mask: null, clicks: [...said.clicks, { point: prompt.point, include: prompt.include }] };
    case 'box':
      return { ...said, mask: null, box: prompt.box };
    case 'mask':
      return { ...nothingSaid, mask: prompt.mask };
  }
}
