import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import type { Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type BoxInVideo, containsBox, containsPoint } from '../../../../src-shared/geometry/geometry.ts';
import { maskArea, type RleMask } from '../../../../src-shared/mask/rle.ts';
import type { SessionWriter } from '../../store/index.ts';
import { refuseLocked } from './edit-objects.ts';

const DEFAULT_THRESHOLD = 0.5;

type ObjectPrompt = Extract<Prompt, { readonly objectId: unknown }>;
type PlacedPrompt = PromptInput | Prompt;

/**
 * Adds prompts as one undoable step and one round, all or none; a prompt the session has already is not added again, so that the same
 * command can be repeated. `replace`: what was said before about the same objects on the same frames is removed in the same step.
 * Throws `frame-out-of-range`, `prompt-outside-frame`, `prompt-invalid`, `object-locked` (before anything is written).
 */
export async function applyPrompts(
  session: SessionWriter,
  inputs: readonly PromptInput[],
  replace = false,
): Promise<void> {
  const { info } = session.media.get();
  for (const input of inputs) checkPlace(input, info);
  const told = inputs.flatMap((input) => ('objectId' in input ? [input.objectId] : []));
  refuseLocked(session, told);
  const masks = await Promise.all(inputs.map((input) => (input.kind === 'mask' ? readMask(input, info) : null)));
  session.journal.step(inputs.length === 1 ? `Add ${inputs[0].kind}` : `Add ${inputs.length} prompts`, () => {
    if (replace) forgetSaid(session, inputs);
    const round = session.prompts.nextRound();
    const known = new Set(session.prompts.all().map(({ prompt }) => promptKey(prompt)));
    inputs.forEach((input, index) => {
      const prompt = toPrompt(session, input, masks[index]);
      const key = promptKey(prompt);
      if (known.has(key)) return;
      known.add(key);
      session.prompts.add(prompt, round);
      if ('objectId' in prompt) takeBackAbsence(session, prompt);
    });
  });
}

/** Who points at an object says that it is there after all, on this frame. */
function takeBackAbsence(session: SessionWriter, { objectId, frameIndex }: ObjectPrompt): void {
  const range = { first: frameIndex, last: frameIndex };
  if (session.reviews.touching(objectId, range).some(({ verdict }) => verdict === 'absent')) {
    session.reviews.clear(objectId, range);
  }
}

function forgetSaid(session: SessionWriter, inputs: readonly PromptInput[]): void {
  const places = new Set(inputs.map((input) => ('objectId' in input ? `${input.objectId}:${input.frameIndex}` : '')));
  for (const { id, prompt } of session.prompts.all()) {
    if ('objectId' in prompt && places.has(`${prompt.objectId}:${prompt.frameIndex}`)) session.prompts.remove(id);
  }
}

function toPrompt(session: SessionWriter, input: PromptInput, mask: RleMask | null): Prompt {
  if (input.kind === 'text' || input.kind === 'exemplar') {
    const { phrase, ...rest } = input;
    const conceptId = session.concepts.ensure(phrase.trim(), DEFAULT_THRESHOLD).id;
    return rest.kind === 'text' ? { ...rest, conceptId, phrase: phrase.trim() } : { ...rest, conceptId };
  }
  const object = session.objects.get(input.objectId);
  if (object === null) session.objects.create({ id: input.objectId });
  else if (object.deleted) {
    throw new StudioError(
      'prompt-invalid',
      'user',
      `Object ${input.objectId} was removed; undo that or use a new object number.`,
    );
  }
  if (input.kind !== 'mask') return input;
  const { objectId, frameIndex } = input;
  if (mask === null) throw new StudioError('internal', 'bug', 'A mask prompt lost its picture.');
  return { kind: 'mask', objectId, frameIndex, mask };
}

async function readMask(
  { pngPath, mask: given, objectId }: Extract<PromptInput, { kind: 'mask' }>,
  info: VideoInfo,
): Promise<RleMask> {
  const mask = pngPath === undefined ? given : await maskFromPng(pngPath, info);
  if (mask === undefined) throw new StudioError('internal', 'bug', 'A mask prompt came without a mask.');
  checkMask(mask, info, pngPath ?? `for object ${objectId}`);
  return mask;
}

/** Refuses a mask of another size than the video's, or without a pixel: `prompt-invalid`. `name`: what messages call it. */
export function checkMask(mask: RleMask, { width, height }: VideoInfo, name: string): void {
  if (mask.width !== width || mask.height !== height) {
    const sizes = `is ${mask.width}x${mask.height}, the video is ${width}x${height}; give a mask of the video's size`;
    throw new StudioError('prompt-invalid', 'user', `The mask ${name} ${sizes}.`);
  }
  if (areaOf(mask) > 0) return;
  const message = `The mask ${name} is empty; paint the object with any value but 0.`;
  throw new StudioError('prompt-invalid', 'user', message);
}

/** 0 for runs that do not fill the mask: they come from outside. */
function areaOf(mask: RleMask): number {
  try {
    return maskArea(mask);
  } catch {
    return 0;
  }
}

/** Refuses a prompt outside the video or the picture: `frame-out-of-range`, `prompt-outside-frame`. */
export function checkPlace(input: PlacedPrompt, info: VideoInfo): void {
  const who = whoseText(input);
  if (input.frameIndex >= info.frameCount) {
    throw new StudioError(
      'frame-out-of-range',
      'user',
      `${who} is prompted on frame ${input.frameIndex}, but the video has frames 0 to ${info.frameCount - 1}.`,
      { details: { frameIndex: input.frameIndex, frameCount: info.frameCount } },
    );
  }
  const outside =
    (input.kind === 'point' && !containsPoint(info, input.point)) || ('box' in input && !containsBox(info, input.box));
  if (!outside) return;
  const where =
    input.kind === 'point'
      ? `The point ${input.point.x},${input.point.y} on frame ${input.frameIndex} lies`
      : `The box ${boxText(input)} on frame ${input.frameIndex} reaches`;
  throw new StudioError(
    'prompt-outside-frame',
    'user',
    `${where} outside the picture of ${info.width}x${info.height} pixels; nothing was changed, give one that stays inside.`,
    { details: { width: info.width, height: info.height } },
  );
}

function whoseText(input: PlacedPrompt): string {
  if ('objectId' in input) return `Object ${input.objectId}`;
  return 'phrase' in input ? `The phrase "${input.phrase}"` : 'The exemplar';
}

function boxText(input: PlacedPrompt): string {
  if (!('box' in input)) return '';
  const { x, y, width, height }: BoxInVideo = input.box;
  return `${x},${y},${width},${height}`;
}

/** Equal for prompts that say the same thing. */
export function promptKey(prompt: Prompt): string {
  if (prompt.kind !== 'mask') return JSON.stringify(prompt);
  return JSON.stringify({ ...prompt, mask: Buffer.from(prompt.mask.bytes).toString('base64') });
}

/** Loads the export folder only when a picture is given: every session waits for what this thread loads. */
async function maskFromPng(path: string, size: { readonly width: number; readonly height: number }): Promise<RleMask> {
  const { readMaskPng } = await import('../../export/index.ts');
  return readMaskPng(path, size);
}
