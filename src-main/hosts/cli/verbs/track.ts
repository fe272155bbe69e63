import type { SessionState, TrackEvent } from '../../../../src-shared/contract/results.ts';
import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { maskArea, maskBox } from '../../../../src-shared/mask/rle.ts';
import { parsePrompts, parseRange } from '../parse-prompts.ts';
import { sourceStatus } from '../source-status.ts';
import type { VerbContext } from '../verb-context.ts';
import { withPrompts } from './with-prompts.ts';

export interface TrackFlags {
  readonly session?: string;
  readonly text: readonly string[];
  readonly point: readonly string[];
  readonly box: readonly string[];
  readonly mask: readonly string[];
  readonly prompts?: string;
  readonly range?: string;
  readonly direction: 'forward' | 'backward' | 'both';
  readonly pack?: string;
  readonly device: string;
  readonly policy: 'studio' | 'reference';
  readonly memory?: 'standard' | 'selective' | 'kalman';
  readonly resume?: boolean;
}

/** `track VIDEO`: opens or makes the session, adds the prompts, tracks what is not up to date. */
export async function runTrack(context: VerbContext, videoPath: string, flags: TrackFlags): Promise<number> {
  const range = parseRange(flags.range);
  const prompts = parsePrompts({ ...flags, prompts: flags.prompts }, range.first ?? 0);
  const { sessionId, state } = await openSession(context, videoPath, flags.session ?? null);
  await trackPrompts(context, sessionId, { prompts, range, flags });
  context.output.result(state.sessionPath, { type: 'session', path: state.sessionPath });
  const { truncated } = state.video;
  await context.engine.closeSession({ sessionId });
  return sourceStatus(context.output, truncated, 'tracked');
}

export async function openSession(
  context: VerbContext,
  videoPath: string | null,
  sessionPath: string | null,
): Promise<{ sessionId: string; state: SessionState; isNew: boolean }> {
  const startedAt = performance.now();
  for await (const event of context.engine.openSession({ videoPath, sessionPath }, { signal: context.signal })) {
    if (event.kind === 'opened') return event;
    context.output.progress('indexing', event.framesDone, event.framesExpected, startedAt);
  }
  throw new StudioError('internal', 'bug', 'The session did not open; try again.');
}

export interface TrackJob {
  readonly prompts: readonly PromptInput[];
  readonly range: { first: number | null; last: number | null };
  readonly flags: Pick<TrackFlags, 'direction' | 'pack' | 'device' | 'policy' | 'memory' | 'resume'>;
}

/** Adds the prompts and runs one tracking job to its end, reporting as it goes. */
export async function trackPrompts(context: VerbContext, sessionId: string, job: TrackJob): Promise<void> {
  await withPrompts(context, sessionId, job.prompts, () => trackStale(context, sessionId, job));
}

async function trackStale(context: VerbContext, sessionId: string, { flags, range }: TrackJob): Promise<void> {
  const startedAt = performance.now();
  const events = context.engine.track(
    {
      sessionId,
      packId: flags.pack ?? null,
      device: flags.device,
      direction: flags.direction,
      range,
      policy: flags.policy,
      memoryPolicy: flags.memory ?? null,
      resume: flags.resume === true,
    },
    { signal: context.signal },
  );
  let resumedFrames = 0;
  for await (const event of events) {
    if (event.kind === 'started') ({ resumedFrames } = event);
    showTrackEvent(context, event, startedAt, resumedFrames);
  }
}

function showTrackEvent({ output }: VerbContext, event: TrackEvent, startedAt: number, resumedFrames: number): void {
  if (event.kind === 'started') {
    output.say(
      `Tracking with ${event.packId} on ${event.provider}: ${event.frameCount} frames${event.resumedFrames > 0 ? `, ${event.resumedFrames} already done` : ''}.`,
    );
    for (const note of event.notes) output.say(note.text);
    output.line({ type: 'started', ...event, kind: undefined });
  } else if (event.kind === 'committed') {
    output.progress('tracking', event.framesDone, event.frameCount, startedAt, 'frames', resumedFrames);
    if (output.json) for (const frame of event.frames) output.line(frameLine(frame, event));
  } else if (event.kind === 'up-to-date') {
    output.say('Everything asked for is tracked already; nothing to do.');
    output.line({ type: 'up-to-date' });
  } else {
    const fps = (event.framesDone - resumedFrames) / (event.wallMillis / 1000);
    output.say(
      `Tracked ${event.objectCount} object${event.objectCount === 1 ? '' : 's'} over ${event.framesDone} frames at ${fps.toFixed(1)} fps.`,
    );
    for (const note of event.notes) output.say(note.text);
    output.line({ type: 'finished', ...event, kind: undefined });
  }
}

type Committed = Extract<TrackEvent, { kind: 'committed' }>;

/** One JSON line a frame, printed only after the frame is on disk. */
function frameLine({ frameIndex, masks }: Committed['frames'][number], { framesDone, frameCount }: Committed): object {
  const objects = masks.map(({ objectId, mask, source, scores, provisional }) => ({
    objectId,
    present: mask !== null,
    area: mask === null ? 0 : maskArea(mask),
    box: mask === null ? null : maskBox(mask),
    source,
    provisional,
    ...scores,
  }));
  return { type: 'frame', frameIndex, objects, framesDone, frameCount };
}
