import { describe, expect, it } from 'vitest';
import type { Desk } from '../../../src-renderer/state/desk.ts';
import { Identity } from '../../../src-renderer/state/identity.ts';
import { Store } from '../../../src-renderer/state/store.ts';
import {
  initialSettings,
  initialState,
  type Notice,
  type StudioState,
} from '../../../src-renderer/state/studio-state.ts';
import type { IdentityChange } from '../../../src-shared/contract/identity.ts';
import type { SessionState } from '../../../src-shared/contract/results.ts';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

const SESSION = { objects: [], prompts: [], concepts: [], comparisons: [], runs: [] } as unknown as SessionState;
const PLAN = { label: 'Absent', lanes: [], masks: 3, promptsMoved: 0, promptsDropped: 0 };
const absent: IdentityChange = { kind: 'absent', objectId: objectId(1), first: frameIndex(3), last: frameIndex(5) };
const split: IdentityChange = { kind: 'split', objectId: objectId(1), frameIndex: frameIndex(3) };

/** A desk whose engine makes a change when it is let. */
function deskOf(made: Promise<SessionState>) {
  const session = { sessionId: 's', state: SESSION, times: {} as never };
  const store = new Store<StudioState>({ ...initialState(initialSettings), session });
  const client = { planIdentity: async () => PLAN, changeIdentity: () => made };
  const failures: string[] = [];
  const shown: (string | undefined)[] = [];
  const notices = {
    show: ({ detail }: Pick<Notice, 'detail'>) => shown.push(detail),
    guard: (work: () => Promise<void>) =>
      work().catch((error: unknown) => void failures.push(StudioError.from(error).code)),
  };
  const desk = { store, notices, host: {}, client: () => client, media: () => null } as unknown as Desk;
  return { store, failures, shown, client, identity: new Identity(desk) };
}

describe('saying yes to a change of who is who', () => {
  it('leaves the next keys to the studio at once, not when the engine has answered', async () => {
    const engine = Promise.withResolvers<SessionState>();
    const { store, identity } = deskOf(engine.promise);
    await identity.change(absent);
    const committed = identity.commit();
    expect(store.value.identity).toBeNull();
    await identity.change(split);
    engine.resolve(SESSION);
    await committed;
    expect(store.value.identity?.change).toBe(split);
  });

  it('shows the change again where the engine refuses it, unless another is looked at by then', async () => {
    const refused = () => Promise.reject<SessionState>(new StudioError('session-busy', 'conflict', 'In use.'));
    const first = deskOf(refused());
    await first.identity.change(absent);
    await first.identity.commit();
    expect(first.store.value.identity?.change).toBe(absent);
    expect(first.failures).toEqual(['session-busy']);

    const engine = Promise.withResolvers<SessionState>();
    const other = deskOf(engine.promise);
    await other.identity.change(absent);
    const committed = other.identity.commit();
    await other.identity.change(split);
    engine.reject(new StudioError('session-busy', 'conflict', 'In use.'));
    await committed;
    expect(other.store.value.identity?.change).toBe(split);
  });
});

describe('what the engine says about a change of who is who', () => {
  it("is put in the person's language", async () => {
    const { store, shown, client, identity } = deskOf(Promise.resolve(SESSION));
    const say = async (language: 'en' | 'zh-CN') => {
      store.patch({ settings: { ...initialSettings, language } });
      await identity.change(absent);
      await identity.commit();
      client.planIdentity = () => Promise.reject(new StudioError('session-busy', 'conflict', 'It is being tracked.'));
      await identity.change(absent);
      client.planIdentity = async () => PLAN;
      return [shown.at(-1), store.value.identity?.problem];
    };
    expect(await say('en')).toEqual(['Absent', 'It is being tracked.']);
    for (const text of await say('zh-CN')) expect(text).toMatch(/^[^a-z]+$/i);
  });
});
