import { createElement, type FunctionComponent } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { OpeningOverStudio } from '../../../src-renderer/features/app/app.tsx';
import { HomeScreen } from '../../../src-renderer/features/home/home-screen.tsx';
import { Store } from '../../../src-renderer/state/store.ts';
import type { Studio } from '../../../src-renderer/state/studio.ts';
import { initialSettings, initialState, type StudioState } from '../../../src-renderer/state/studio-state.ts';
import { StudioContext } from '../../../src-renderer/state/use-studio.ts';

/** What a panel says in a state, as text with its tags; effects do not run. */
function drawn<P extends object>(panel: FunctionComponent<P>, props: P, change: Partial<StudioState>): string {
  const store = new Store<StudioState>({ ...initialState(initialSettings), ...change });
  const studio = { store, sessions: { media: null } } as unknown as Studio;
  return renderToStaticMarkup(createElement(StudioContext, { value: studio }, createElement(panel, props)));
}

describe('the home screen', () => {
  it('shows an export that goes on, and the way to stop it', () => {
    const writing = { sessionPath: 'a', label: 'job.rendering', done: 3, total: 9, startedAtMillis: 0 } as const;
    expect(drawn(HomeScreen, {}, { writing })).toContain('Stop writing');
    expect(drawn(HomeScreen, {}, {})).not.toContain('Stop writing');
  });
});

describe('the studio', () => {
  it('shows what is being opened meanwhile, and the way to stop it; not its own session that is opened again', () => {
    const session = { sessionId: 's' } as StudioState['session'];
    const opening = { name: 'long.mp4', framesDone: 2, framesExpected: 9, picture: null, startedAtMillis: 0 };
    const card = (again: boolean) => drawn(OpeningOverStudio, {}, { session, opening: { ...opening, again } });
    expect(card(false)).toMatch(/Opening long\.mp4.*Cancel/s);
    expect(card(true)).toBe('');
    // The home screen has its own.
    expect(drawn(OpeningOverStudio, {}, { opening: { ...opening, again: false } })).toBe('');
  });
});
