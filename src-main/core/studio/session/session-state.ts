import type { SessionState } from '../../../../src-shared/contract/results.ts';
import type { SessionReader } from '../../store/index.ts';

/** Everything a host shows of an open session, read now. */
export function sessionStateOf(session: SessionReader): SessionState {
  return {
    sessionPath: session.path,
    video: session.media.get().info,
    objects: session.objects
      .all()
      .map(({ id, name, colour, conceptId }) => ({ objectId: id, name, colour, conceptId })),
    concepts: session.concepts.all().map(({ id, phrase }) => ({ conceptId: id, phrase })),
    prompts: session.prompts.all().map(({ id, prompt }) => ({ promptId: id, prompt })),
    runs: session.runs.all().map(({ id, packId, state }) => ({ runId: id, packId, state })),
    trackedFrameCount: session.masks.framesTracked(),
  };
}
