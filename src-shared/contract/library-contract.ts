import { z } from 'zod';
import type { Contract } from '../rpc/contract-types.ts';
import type { SessionListing, SessionPresence } from './results.ts';

const typed = <T>() => z.custom<T>(() => true);
const sessionId = z.string().min(1);
const path = z.string().min(1).max(4096);
const placed = typed<{ readonly sessionPath: string }>();

/**
 * Sessions as files, and who may edit an open one. Files are changed whole or not at all, and only while nobody has them open: else
 * `session-busy` (open in this studio) or `session-locked` (open in another process). Further errors: session-missing,
 * session-not-a-session, session-newer, permission-denied.
 */
export const libraryContract = {
  /** A name for the file, without folder and ending. Errors: output-exists, usage (no file can be called so). */
  renameSession: { kind: 'query', input: z.object({ sessionPath: path, name: z.string().max(200) }), output: placed },
  /** A copy under the next free name; also of a session that is open: it holds what was committed. */
  duplicateSession: { kind: 'query', input: z.object({ sessionPath: path }), output: placed },
  /** Moves it to the trash of its folder; `restoreSession` brings it back. */
  trashSession: {
    kind: 'query',
    input: z.object({ sessionPath: path }),
    output: typed<{ readonly trashedPath: string }>(),
  },
  restoreSession: { kind: 'query', input: z.object({ trashedPath: path }), output: placed },
  /** Removes one of the trash for good. */
  purgeSession: { kind: 'query', input: z.object({ trashedPath: path }), output: z.null() },
  /** What lies in the trash of the library; `sessionPath` is where it lies. */
  listTrash: { kind: 'query', input: z.object({}), output: typed<readonly SessionListing[]>() },
  /**
   * Who edits an open session: the first connection that opened it, until it closes the session or goes. The others look on: what would
   * change the session is refused to them with `session-read-only`. One event at once, then one whenever something changed.
   */
  watchSession: { kind: 'stream', input: z.object({ sessionId }), event: typed<SessionPresence>() },
  /** Makes the caller the editor. Errors: session-read-only while another one is. */
  takeSession: { kind: 'query', input: z.object({ sessionId }), output: typed<SessionPresence>() },
} as const satisfies Contract;
