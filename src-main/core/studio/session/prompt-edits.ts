import type { PromptChange } from '../../../../src-shared/contract/schemas.ts';
import type { ConceptId, ObjectId, PromptId } from '../../../../src-shared/domain/ids.ts';
import type { Prompt } from '../../../../src-shared/domain/prompt.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { SessionWriter } from '../../store/index.ts';
import { checkMask, checkPlace } from './apply-prompts.ts';
import { refuseLocked } from './edit-objects.ts';

/** Moves or turns one prompt as one undoable step. Throws `prompt-invalid`, `object-locked`, `frame-out-of-range`, `prompt-outside-frame`. */
export function changePrompt(session: SessionWriter, id: PromptId, change: PromptChange): void {
  const prompt = session.prompts.get(id)?.prompt ?? refuseUnknown(id);
  refuseLocked(session, objectsOf([prompt]));
  const changed = withChange(prompt, change);
  const { info } = session.media.get();
  checkPlace(changed, info);
  if (changed.kind === 'mask') checkMask(changed.mask, info, `for object ${changed.objectId}`);
  session.prompts.update(id, changed);
}

/** One undoable step; an id the session does not have is refused before anything is removed. */
export function removePrompts(session: SessionWriter, ids: readonly PromptId[]): void {
  const prompts = ids.map((id) => session.prompts.get(id)?.prompt ?? refuseUnknown(id));
  refuseLocked(session, objectsOf(prompts));
  session.journal.step(ids.length === 1 ? 'Remove prompt' : `Remove ${ids.length} prompts`, () => {
    for (const id of new Set(ids)) session.prompts.remove(id);
  });
}

/** Removes a concept with what it found; objects that a person prompted or locked stay. One undoable step. */
export function removeConcept(session: SessionWriter, id: ConceptId): void {
  session.journal.step('Remove concept', () => {
    const prompted = new Set(
      session.prompts.all().flatMap(({ prompt }) => ('objectId' in prompt ? [prompt.objectId] : [])),
    );
    const found = session.objects.all().filter(({ conceptId }) => conceptId === id);
    for (const { id: objectId, locked } of found)
      if (!prompted.has(objectId) && !locked) session.objects.remove(objectId);
    session.concepts.remove(id);
  });
}

/** The prompt after the change; what its kind does not have may not be changed. */
function withChange(
  prompt: Prompt,
  { frameIndex = prompt.frameIndex, point, box, include, mask }: PromptChange,
): Prompt {
  const takes = (value: unknown, kinds: readonly Prompt['kind'][], what: string): void => {
    if (value === undefined || kinds.includes(prompt.kind)) return;
    const message = `A ${prompt.kind} prompt has no ${what} to change; nothing was changed.`;
    throw new StudioError('prompt-invalid', 'user', message);
  };
  takes(point, ['point'], 'point');
  takes(box, ['box', 'exemplar'], 'box');
  takes(include, ['point', 'exemplar'], 'include');
  takes(mask, ['mask'], 'mask');
  switch (prompt.kind) {
    case 'point':
      return { ...prompt, frameIndex, point: point ?? prompt.point, include: include ?? prompt.include };
    case 'box':
      return { ...prompt, frameIndex, box: box ?? prompt.box };
    case 'exemplar':
      return { ...prompt, frameIndex, box: box ?? prompt.box, include: include ?? prompt.include };
    case 'mask':
      return { ...prompt, frameIndex, mask: mask ?? prompt.mask };
    case 'text':
      return { ...prompt, frameIndex };
  }
}

function objectsOf(prompts: readonly Prompt[]): readonly ObjectId[] {
  return prompts.flatMap((prompt) => ('objectId' in prompt ? [prompt.objectId] : []));
}

function refuseUnknown(id: PromptId): never {
  throw new StudioError('prompt-invalid', 'user', `This session has no prompt ${id}; nothing was changed.`);
}
