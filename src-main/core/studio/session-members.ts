import type { SessionPresence } from '../../../src-shared/contract/results.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Caller } from '../../../src-shared/rpc/contract-types.ts';

interface Party {
  readonly callers: Set<Caller>;
  editor: Caller | null;
  /** For looking only, for everyone. */
  frozen: boolean;
  revision: number;
  readonly waiting: Set<() => void>;
}

/** Who has each session open, who of them edits it, and the news that it changed. */
export class SessionMembers {
  readonly #parties = new Map<string, Party>();
  readonly #onEmpty: (sessionId: string) => void;

  /** `onEmpty`: the last connection of a session is gone, without having closed it. */
  constructor(onEmpty: (sessionId: string) => void) {
    this.#onEmpty = onEmpty;
  }

  /** The first one edits; who comes while someone does looks on, and everyone does where it is frozen. */
  join(sessionId: string, caller: Caller, frozen = false): SessionPresence['role'] {
    const party = this.#party(sessionId);
    party.frozen ||= frozen;
    if (!party.callers.has(caller)) {
      party.callers.add(caller);
      // It may have gone while the session was being opened for it.
      if (caller.closed.aborted) queueMicrotask(() => this.#lost(sessionId, caller));
      else caller.closed.addEventListener('abort', () => this.#lost(sessionId, caller), { once: true });
    }
    if (!party.frozen) party.editor ??= caller;
    return party.editor === caller ? 'editor' : 'viewer';
  }

  /** True: nobody has it open any more. */
  leave(sessionId: string, caller: Caller): boolean {
    const party = this.#parties.get(sessionId);
    if (party === undefined) return true;
    party.callers.delete(caller);
    if (party.editor === caller) party.editor = null;
    if (party.callers.size === 0) this.#parties.delete(sessionId);
    wake(party);
    return party.callers.size === 0;
  }

  /** The session is closed for everyone. */
  dismiss(sessionId: string): void {
    const party = this.#parties.get(sessionId);
    this.#parties.delete(sessionId);
    if (party !== undefined) wake(party);
  }

  isEmpty(sessionId: string): boolean {
    return !this.#parties.has(sessionId);
  }

  /** Throws `session-read-only` unless the caller edits. One that never opened the session may, while nobody does. */
  requireEditor(sessionId: string, caller: Caller): void {
    const party = this.#parties.get(sessionId);
    const editor = party?.editor ?? null;
    if (editor === caller) return;
    if (party?.frozen === true) throw mediaChanged();
    if (editor === null && party?.callers.has(caller) !== true) return;
    throw readOnly(editor === null);
  }

  take(sessionId: string, caller: Caller): SessionPresence {
    const party = this.#party(sessionId);
    if (party.frozen) throw mediaChanged();
    if (party.editor !== null && party.editor !== caller) throw readOnly(false);
    this.join(sessionId, caller);
    party.editor = caller;
    wake(party);
    return presenceOf(party, caller);
  }

  /** Something of the session is new, on disk. */
  changed(sessionId: string): void {
    const party = this.#parties.get(sessionId);
    if (party === undefined) return;
    party.revision++;
    wake(party);
  }

  /** What is, then what is new; a slow reader skips what was in between. Ends when the session is closed. */
  async *watch(sessionId: string, caller: Caller, signal: AbortSignal): AsyncGenerator<SessionPresence> {
    let go = (): void => {};
    signal.addEventListener('abort', () => go(), { once: true });
    for (let last = ''; !signal.aborted; ) {
      const party = this.#parties.get(sessionId);
      if (party === undefined) return;
      const presence = presenceOf(party, caller);
      const { promise, resolve } = Promise.withResolvers<void>();
      go = resolve;
      party.waiting.add(resolve);
      const now = JSON.stringify(presence);
      if (now !== last) {
        last = now;
        yield presence;
      }
      await promise;
    }
  }

  #lost(sessionId: string, caller: Caller): void {
    if (this.leave(sessionId, caller)) this.#onEmpty(sessionId);
  }

  #party(sessionId: string): Party {
    const known = this.#parties.get(sessionId);
    if (known !== undefined) return known;
    const party: Party = { callers: new Set(), editor: null, frozen: false, revision: 0, waiting: new Set() };
    this.#parties.set(sessionId, party);
    return party;
  }
}

function wake({ waiting }: Party): void {
  const all = [...waiting];
  waiting.clear();
  for (const go of all) go();
}

function presenceOf({ editor, frozen, revision }: Party, caller: Caller): SessionPresence {
  return {
    role: editor === caller ? 'editor' : 'viewer',
    free: editor === null && !frozen,
    revision,
    mediaChanged: frozen,
  };
}

function mediaChanged(): StudioError {
  const message =
    'This session is shown over another video than it was made with; nothing was changed. Put the original video back to edit it.';
  return new StudioError('session-read-only', 'conflict', message);
}

function readOnly(free: boolean): StudioError {
  const message = free
    ? 'This session is shown for reading only; nothing was changed. Take over here to edit it.'
    : 'This session is being edited in another tab or window; nothing was changed. Edit it there, or close it there and take over here.';
  return new StudioError('session-read-only', 'conflict', message);
}
