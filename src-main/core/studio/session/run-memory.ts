import type { RunId } from '../../../../src-shared/domain/ids.ts';
import type { SessionReader } from '../../store/index.ts';
import type { RunMemory } from '../../tracking/index.ts';
import { settingsOf } from './run-settings.ts';

/** What the objects of a finished run remember, with what decides how it is recalled; null when it is gone. */
export function runMemoryOf(session: SessionReader, runId: RunId): RunMemory | null {
  const run = session.runs.get(runId);
  const snapshot = run === null ? null : session.snapshots.latest(runId);
  if (run === null || snapshot === null) return null;
  const { policy = 'studio', memoryPolicy = null } = settingsOf(run);
  return { key: String(runId), bytes: snapshot.bytes, policy, memoryPolicy };
}
