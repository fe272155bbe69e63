import type { FrameIndex, RunId } from '../../../../src-shared/domain/ids.ts';
import { AGREEING_IOU, type SessionWriter, type SettingValue, type Snapshot } from '../../store/index.ts';
import { settingsOf } from './run-settings.ts';

const agreeingFramesKey = 'agreeingFrames';

/** How many frames in a row, up to the last one committed and up to the snapshot, came out of a correction as they had been. */
interface AgreeingFrames {
  readonly runId: RunId;
  readonly count: number;
  readonly atSnapshot: { readonly frameIndex: number; readonly count: number } | null;
}

/** Counts on with a batch of a run, and notes it for when the run is resumed; 0 for runs that are no corrections. */
export function countAgreeing(
  session: SessionWriter,
  runId: RunId,
  frames: readonly { readonly frameIndex: FrameIndex; readonly agreement: number | null }[],
  hasSnapshot: boolean,
): number {
  const run = session.runs.get(runId);
  if (run === null || settingsOf(run).mends !== true) return 0;
  const noted = agreeingFrames(session, runId);
  let { count } = noted;
  for (const { agreement } of frames) count = agreement !== null && agreement >= AGREEING_IOU ? count + 1 : 0;
  const last = frames[frames.length - 1];
  note(session, { ...noted, count, ...(hasSnapshot ? { atSnapshot: { frameIndex: last.frameIndex, count } } : {}) });
  return count;
}

/** A run goes on from its snapshot, and so does its count. */
export function countAgreeingFrom(session: SessionWriter, runId: RunId, snapshot: Snapshot | null): void {
  const { atSnapshot } = agreeingFrames(session, runId);
  const isThere = snapshot !== null && atSnapshot?.frameIndex === snapshot.frameIndex;
  note(session, { runId, count: isThere ? atSnapshot.count : 0, atSnapshot: isThere ? atSnapshot : null });
}

function agreeingFrames(session: SessionWriter, runId: RunId): AgreeingFrames {
  const noted = session.settings.get(agreeingFramesKey) as unknown as AgreeingFrames | undefined;
  return noted?.runId === runId ? noted : { runId, count: 0, atSnapshot: null };
}

function note(session: SessionWriter, now: AgreeingFrames): void {
  session.settings.set(agreeingFramesKey, now as unknown as SettingValue);
}
