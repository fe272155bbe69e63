import type { SessionState } from '../../../../src-shared/contract/results.ts';
import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import { PHRASE_REFUSALS } from '../../../../src-shared/errors/phrase-refusals.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { VerbContext } from '../verb-context.ts';

/**
 * Adds prompts and does what they are for. When the model cannot look for a phrase, those that came with this command do not stay in the
 * session, as in the page: every later run would stop at them.
 */
export async function withPrompts<T>(
  { engine, signal }: VerbContext,
  sessionId: string,
  prompts: readonly PromptInput[],
  work: (state: SessionState) => Promise<T>,
): Promise<T> {
  const before = await engine.sessionState({ sessionId });
  const state =
    prompts.length === 0 ? before : await engine.addPrompts({ sessionId, prompts: [...prompts] }, { signal });
  try {
    return await work(state);
  } catch (error) {
    if (PHRASE_REFUSALS.has(StudioError.from(error).code)) {
      const known = new Set(before.concepts.map(({ conceptId }) => conceptId));
      const fresh = state.concepts.filter(({ conceptId }) => !known.has(conceptId));
      for (const { conceptId } of fresh) await engine.removeConcept({ sessionId, conceptId });
    }
    throw error;
  }
}
