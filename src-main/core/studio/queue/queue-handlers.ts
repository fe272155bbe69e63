import { join } from 'node:path';
import type { ExportEvent, TrackEvent, WriteEvent } from '../../../../src-shared/contract/results.ts';
import { type StudioContract, studioContract } from '../../../../src-shared/contract/studio-contract.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { type CallContext, type Caller, type Handlers, Moved } from '../../../../src-shared/rpc/contract-types.ts';
import type { SessionMembers } from '../session-members.ts';
import type { StudioParts } from '../studio-parts.ts';
import type { StoredJob } from './job-file.ts';
import { type JobNews, JobQueue } from './job-queue.ts';

export type QueueName = 'queueJob' | 'watchJobs' | 'cancelJob' | 'retryJob' | 'forgetJobs';
/** What the queue asks of the studio it belongs to. */
export type JobHandlers = Pick<
  Handlers<StudioContract>,
  'openSession' | 'sessionState' | 'closeSession' | 'track' | 'render' | 'exportDataset'
>;

/** The queue of a studio: it runs the studio's own procedures, as a caller that never goes. */
export function queueHandlers(
  parts: StudioParts,
  handlers: JobHandlers,
  members: SessionMembers,
): Pick<Handlers<StudioContract>, QueueName> {
  const caller: Caller = { closed: new AbortController().signal };
  const queue = new JobQueue(join(parts.paths.config, 'queue.json'), (job, signal) => {
    const context = { signal, caller };
    return job.procedure === 'track' ? trackJob(handlers, members, job, context) : writeJob(handlers, job, context);
  });
  parts.endings.defer(() => queue[Symbol.dispose]());
  return {
    queueJob: async ({ procedure, sessionPath, input }) => {
      const checked = { procedure, sessionPath, input };
      inputOf(checked, 'queued');
      return queue.add(checked);
    },
    watchJobs: (_, { signal }) => queue.watch(signal),
    cancelJob: async ({ jobId }) => {
      queue.cancel(jobId);
      return null;
    },
    retryJob: async ({ jobId }) => {
      queue.retry(jobId);
      return null;
    },
    forgetJobs: async ({ jobId }) => {
      queue.forget(jobId);
      return null;
    },
  };
}

/** The procedure's whole input, by its own schema. */
function inputOf(
  { procedure, sessionPath, input }: Pick<StoredJob, 'procedure' | 'sessionPath' | 'input'>,
  sessionId: string,
) {
  const place = procedure === 'track' ? { sessionId } : { sessionPath };
  const parsed = studioContract[procedure].input.safeParse({ ...input, ...place });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StudioError(
    'protocol-invalid',
    'user',
    `The job was refused: "${issue.path.join('.')}": ${issue.message}.`,
  );
}

type InputOf<Name extends 'track' | 'render' | 'exportDataset'> = StudioContract[Name]['input']['_output'];

function writeJob(handlers: JobHandlers, job: StoredJob, context: CallContext): AsyncGenerator<JobNews> {
  const input = inputOf(job, '');
  return job.procedure === 'render'
    ? told(handlers.render(input as InputOf<'render'>, context))
    : told(handlers.exportDataset(input as InputOf<'exportDataset'>, context));
}

/** Tracks, and tells the tabs that have the session open. */
async function* trackJob(
  handlers: JobHandlers,
  members: SessionMembers,
  job: StoredJob,
  context: CallContext,
): AsyncGenerator<JobNews> {
  const sessionId = await opened(handlers, job.sessionPath, context);
  try {
    for await (const news of trackStale(handlers, job, sessionId, context)) {
      members.changed(sessionId);
      yield news;
    }
  } finally {
    members.changed(sessionId);
    await handlers.closeSession({ sessionId }, context);
  }
}

/** Goes on with a run that was cut short, then tracks what is still not up to date. */
async function* trackStale(
  handlers: JobHandlers,
  job: StoredJob,
  sessionId: string,
  context: CallContext,
): AsyncGenerator<JobNews> {
  const input = inputOf(job, sessionId) as InputOf<'track'>;
  const answer = await handlers.sessionState({ sessionId }, context);
  const last = (answer instanceof Moved ? answer.value : answer).runs.at(-1);
  if (last !== undefined && last.state !== 'done' && last.state !== 'running') {
    yield* resumed(handlers, { ...input, resume: true }, context);
  }
  yield* told(handlers.track({ ...input, resume: false }, context));
}

/** Prompts that changed since make the old run another one: then there is nothing to go on with. */
async function* resumed(handlers: JobHandlers, input: InputOf<'track'>, context: CallContext): AsyncGenerator<JobNews> {
  try {
    yield* told(handlers.track(input, context));
  } catch (error) {
    if (StudioError.from(error).code !== 'session-mismatch') throw error;
  }
}

async function opened(handlers: JobHandlers, sessionPath: string, context: CallContext): Promise<string> {
  for await (const event of handlers.openSession({ videoPath: null, sessionPath, readOnly: false }, context)) {
    const { kind, ...rest } = event instanceof Moved ? event.value : event;
    if (kind === 'opened' && 'sessionId' in rest) return rest.sessionId;
  }
  throw new StudioError('internal', 'bug', 'The session did not open; try again.');
}

type AnyEvent = TrackEvent | WriteEvent | ExportEvent;

async function* told(events: AsyncIterable<AnyEvent | Moved<AnyEvent>>): AsyncGenerator<JobNews> {
  for await (const sent of events) {
    const event = sent instanceof Moved ? sent.value : sent;
    if (event.kind === 'progress') yield { done: event.done, total: event.total };
    else if (event.kind === 'committed') yield { done: event.framesDone, total: event.frameCount };
    else if (event.kind === 'started') yield { done: event.resumedFrames, total: event.frameCount };
    else if (event.kind === 'written') yield { outPath: event.path };
  }
}
