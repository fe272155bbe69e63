import { expect, it } from 'vitest';
import { Concepts } from '../../../src-renderer/state/concepts.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { PHRASE_REFUSALS } from '../../../src-shared/errors/phrase-refusals.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import { sessionsDesk, stateOf } from './sessions-desk.ts';

it.each([...PHRASE_REFUSALS, 'out-of-memory' as const])('a phrase answered with %s', async (code) => {
  const phrases: object[] = [];
  const state = () => ({ ...stateOf('a'), concepts: [...phrases] }) as unknown as SessionState;
  const { desk, sessions, store } = sessionsDesk({
    addPrompts: async () => {
      phrases.push({ conceptId: 1, phrase: 'dog', threshold: 0.5 });
      return state();
    },
    removeConcept: async () => {
      phrases.pop();
      return state();
    },
    detect: async () => {
      throw new StudioError(code, 'user', 'No.');
    },
  });
  await sessions.open({ videoPath: null, sessionPath: 'a' });
  await new Concepts(desk).add('dog');
  // What failed for another reason can be looked for again.
  expect(store.value.session?.state.concepts).toHaveLength(PHRASE_REFUSALS.has(code) ? 0 : 1);
});
