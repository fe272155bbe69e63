import { type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import type { RunRecord, SessionReader } from '../../store/index.ts';
import { type Owner, promptsByOwner } from './owner-records.ts';
import { runLength } from './run-length.ts';
import { settingsOf } from './run-settings.ts';

/** How far a run has come, and how far it goes, in the frames that it visits: as the events of a run count them. */
export interface RunProgress {
  readonly framesDone: number;
  readonly frameCount: number;
}

/** Told by the prompts as they are now: they are the run's own as long as it can be resumed. */
export function runProgress(session: SessionReader, run: RunRecord): RunProgress {
  const { policy = 'studio', said = {}, start: given = null, goesOn = [] } = settingsOf(run);
  const owners = promptsByOwner(session);
  const prompts = Object.keys(said).flatMap((owner) => owners.get(owner as Owner) ?? []);
  const { range, direction, forwardCommitted, backwardCommitted } = run;
  if (prompts.length === 0) return { framesDone: 0, frameCount: range.last - range.first + 1 };
  const shape = { range, direction, policy, goesOn, start: given, prompts: prompts.map(({ prompt }) => prompt) };
  const { forward, backward, start, turn } = runLength(shape);
  const ahead = forwardCommitted === null ? 0 : forwardCommitted - start + 1;
  const back = backwardCommitted === null ? 0 : turn - backwardCommitted + 1;
  const frameCount = forward + backward;
  return { framesDone: Math.min(frameCount, Math.max(0, ahead) + Math.max(0, back)), frameCount };
}

/** Objects that a run tracks besides what phrases find. */
export function objectsOf(run: RunRecord): readonly ObjectId[] {
  const owners = Object.keys(settingsOf(run).said ?? {});
  return owners.flatMap((owner) => (owner.startsWith('object:') ? [objectId(Number(owner.slice(7)))] : []));
}
