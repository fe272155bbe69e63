import type { IdentityChange } from '../../src-shared/contract/identity.ts';
import { isBusy } from '../state/edit-rules.ts';
import { currentStop } from '../state/reviewing.ts';
import type { StudioState } from '../state/studio-state.ts';
import { both, type Command, hasObject, hasSession } from './command.ts';

const atStop = (state: StudioState): boolean => currentStop(state) !== null && !isBusy(state);

const isReviewing = (state: StudioState): boolean => state.inspectorTab === 'review' && currentStop(state) !== null;

const identity = (kind: IdentityChange['kind'], keys: Command['keys'], title: Command['title']): Command => ({
  id: `identity-${kind}`,
  edits: true,
  group: 'identity',
  title,
  keys,
  when: (state) => hasObject(state) && !isBusy(state),
  run: (studio) => studio.identity.begin(kind),
});

/** Who is who, and the worst-first queue. */
export const reviewCommands: readonly Command[] = [
  {
    id: 'review-next',
    group: 'review',
    title: 'command.reviewNext',
    keys: both(']'),
    when: hasSession,
    run: ({ reviewing }) => reviewing.step(1),
  },
  {
    id: 'review-previous',
    group: 'review',
    title: 'command.reviewPrevious',
    keys: both('['),
    when: hasSession,
    run: ({ reviewing }) => reviewing.step(-1),
  },
  {
    id: 'review-accept',
    edits: true,
    group: 'review',
    title: 'command.reviewAccept',
    keys: both('y'),
    when: atStop,
    run: ({ reviewing }) => reviewing.accept(),
  },
  {
    id: 'review-reject',
    edits: true,
    group: 'review',
    title: 'command.reviewReject',
    keys: both('r'),
    when: atStop,
    run: ({ reviewing }) => reviewing.reject(),
  },
  {
    id: 'review-skip',
    edits: true,
    group: 'review',
    title: 'command.reviewSkip',
    keys: both('Shift+s'),
    when: atStop,
    run: ({ reviewing }) => reviewing.skip(),
  },
  {
    id: 'review-accept-rest',
    edits: true,
    group: 'review',
    title: 'command.reviewAcceptRest',
    keys: both('Shift+y'),
    when: (state) => (state.session?.state.objects.length ?? 0) > 0 && !isBusy(state),
    run: ({ reviewing }) => reviewing.acceptRest(),
  },
  {
    id: 'review-filter',
    group: 'review',
    title: 'command.reviewFilter',
    keys: both('Mod+f'),
    when: hasSession,
    run: ({ store }) => {
      const field = () => document.querySelector<HTMLInputElement>('[data-focus="stop-filter"]');
      // At once where it is in sight: what is typed next is the filter.
      if (field()?.checkVisibility() === true) return field()?.focus();
      store.patch({ inspectorTab: 'review' });
      requestAnimationFrame(() => field()?.focus());
    },
  },
  identity('split', both('s'), 'command.identitySplit'),
  identity('swap', both('w'), 'command.identitySwap'),
  identity('join', both('u'), 'command.identityJoin'),
  identity('reassign', both('Shift+w'), 'command.identityReassign'),
  {
    id: 'identity-absent',
    edits: true,
    group: 'identity',
    title: 'command.identityAbsent',
    keys: { editor: ['a'], annotator: ['Shift+a'] },
    when: (state) => (hasObject(state) || isReviewing(state)) && !isBusy(state),
    run: ({ store, reviewing, identity: tools }) =>
      isReviewing(store.value) ? reviewing.absent() : tools.begin('absent'),
  },
];
