import type { Connection } from '../connection.ts';
import { initialSchema } from './001-initial.ts';
import { undoJournalSchema } from './002-undo-journal.ts';
import { promptRoundsSchema } from './003-prompt-rounds.ts';
import { groupsSchema } from './004-groups.ts';
import { lanesSchema } from './005-lanes.ts';
import { reviewsSchema } from './006-reviews.ts';
import { earlierMasksSchema } from './007-earlier-masks.ts';
import { trackedFramesSchema } from './008-tracked-frames.ts';

/** Brings a session from `version - 1` to `version`; runs inside a transaction with foreign keys off. */
export interface Migration {
  readonly version: number;
  readonly apply: (connection: Connection) => void;
}

/** In order, without gaps. Never edit one that has shipped: append the next. */
export const migrations: readonly Migration[] = [
  { version: 1, apply: (connection) => connection.execute(initialSchema) },
  { version: 2, apply: (connection) => connection.execute(undoJournalSchema) },
  { version: 3, apply: (connection) => connection.execute(promptRoundsSchema) },
  { version: 4, apply: (connection) => connection.execute(groupsSchema) },
  { version: 5, apply: (connection) => connection.execute(lanesSchema) },
  { version: 6, apply: (connection) => connection.execute(reviewsSchema) },
  { version: 7, apply: (connection) => connection.execute(earlierMasksSchema) },
  { version: 8, apply: (connection) => connection.execute(trackedFramesSchema) },
];

/** The version this build reads and writes. */
export const SESSION_VERSION = migrations[migrations.length - 1].version;
