import { join } from 'node:path';
import type { StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import type { Handlers } from '../../../src-shared/rpc/contract-types.ts';
import { TRASH_FOLDER } from '../store/index.ts';
import type { OpenSessions } from './open-sessions.ts';
import type { StudioParts } from './studio-parts.ts';

type LibraryName =
  | 'renameSession'
  | 'duplicateSession'
  | 'trashSession'
  | 'restoreSession'
  | 'purgeSession'
  | 'listTrash'
  | 'watchSession'
  | 'takeSession';

/** Sessions as files, and who edits those that are open. */
export function libraryHandlers(
  parts: StudioParts,
  sessions: OpenSessions,
): Pick<Handlers<StudioContract>, LibraryName> {
  const { members } = sessions;
  return {
    renameSession: async ({ sessionPath, name }) => {
      await sessions.requireClosed(sessionPath);
      return { sessionPath: await (await parts.store()).rename({ path: sessionPath, name }) };
    },
    duplicateSession: async ({ sessionPath }) => ({
      sessionPath: await (await parts.store()).duplicate({ path: sessionPath }),
    }),
    trashSession: async ({ sessionPath }) => {
      await sessions.requireClosed(sessionPath);
      return { trashedPath: await (await parts.store()).trash({ path: sessionPath }) };
    },
    restoreSession: async ({ trashedPath }) => ({
      sessionPath: await (await parts.store()).restore({ path: trashedPath }),
    }),
    purgeSession: async ({ trashedPath }) => (await parts.store()).purge({ path: trashedPath }),
    listTrash: async () => (await parts.store()).list({ folder: join(parts.paths.sessions, TRASH_FOLDER) }),
    watchSession: ({ sessionId }, { signal, caller }) => {
      sessions.get(sessionId);
      return members.watch(sessionId, caller, signal);
    },
    takeSession: async ({ sessionId }, { caller }) => {
      sessions.get(sessionId);
      return members.take(sessionId, caller);
    },
  };
}
