import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import type { Prompt } from '../../../../src-shared/domain/prompt.ts';
import type { VideoInfo } from '../../../../src-shared/domain/video-info.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type BoxInVideo, containsBox, containsPoint } from '../../../../src-shared/geometry/geometry.ts';
import { maskArea } from '../../../../src-shared/mask/rle.ts';
import { readMaskPng } from '../../export/index.ts';
import type { SessionWriter } from '../../store/index.ts';

const DEFAULT_THRESHOLD = 0.5;

/**
 * Adds prompts as one undoable step, all or none; a prompt the session has already is not added again, so that the same
 * command can be repeated. Throws `frame-out-of-range`, `prompt-outside-frame`, `prompt-invalid` (before anything is written).
 */
export async function applyPrompts(session: SessionWriter, inputs: readonly PromptInput[]): Promise<void> {
  const { info } = session.media.get();
  for (const input of inputs) checkPlace(input, info);
  const masks = await Promise.all(inputs.map((input) => (input.kind === 'mask' ? readMask(input, info) : null)));
  session.journal.step(inputs.length === 1 ? 'Add prompt' : `Add ${inputs.length} prompts`, () => {
    const known = new Set(session.prompts.all().map(({ prompt }) => promptKey(prompt)));
    inputs.forEach((input, index) => {
      const prompt = toPrompt(session, input, masks[index]);
      const key = promptKey(prompt);
      if (known.has(key)) return;
      known.add(key);
      session.prompts.add(prompt);
    });
  });
}

function toPrompt(
  session: SessionWriter,
  input: PromptInput,
  mask: Awaited<ReturnType<typeof readMask>> | null,
): Prompt {
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

async function readMask(input: Extract<PromptInput, { kind: 'mask' }>, info: VideoInfo) {
  const mask = await readMaskPng(input.pngPath, { width: info.width, height: info.height });
  if (maskArea(mask) > 0) return mask;
  throw new StudioError(
    'prompt-invalid',
    'user',
    `The mask ${input.pngPath} is empty; paint the object with any value but 0.`,
  );
}

function checkPlace(input: PromptInput, info: VideoInfo): void {
  const who =
    input.kind === 'text' || input.kind === 'exemplar' ? `The phrase "${input.phrase}"` : `Object ${input.objectId}`;
  if (input.frameIndex >= info.frameCount) {
    throw new StudioError(
      'frame-out-of-range',
      'user',
      `${who} is prompted on frame ${input.frameIndex}, but the video has frames 0 to ${info.frameCount - 1}.`,
      { details: { frameIndex: input.frameIndex, frameCount: info.frameCount } },
    );
  }
  const outside =
    (input.kind === 'point' && !containsPoint(info, input.point)) ||
    ((input.kind === 'box' || input.kind === 'exemplar') && !containsBox(info, input.box));
  if (!outside) return;
  const where = input.kind === 'point' ? `The point ${input.point.x},${input.point.y}` : `The box ${boxText(input)}`;
  throw new StudioError(
    'prompt-outside-frame',
    'user',
    `${where} on frame ${input.frameIndex} lies outside the picture of ${info.width}x${info.height} pixels.`,
    { details: { width: info.width, height: info.height } },
  );
}

function boxText(input: PromptInput): string {
  if (!('box' in input)) return '';
  const { x, y, width, height }: BoxInVideo = input.box;
  return `${x},${y},${width},${height}`;
}

/** Equal for prompts that say the same thing. */
export function promptKey(prompt: Prompt): string {
  if (prompt.kind !== 'mask') return JSON.stringify(prompt);
  return JSON.stringify({ ...prompt, mask: Buffer.from(prompt.mask.bytes).toString('base64') });
}
