import type { StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import type { CallContext, Handlers } from '../../../src-shared/rpc/contract-types.ts';
import type { SessionMembers } from './session-members.ts';

/** What those who look on may ask about an open session. Everything else that names one is an edit. */
export const READS: ReadonlySet<string> = new Set<keyof StudioContract>([
  'sessionState',
  'frame',
  'frameTable',
  'detect',
  'preview',
  'earlierMasks',
  'frameMasks',
  'storedMasks',
  'objectSpans',
  'planIdentity',
  'planTracking',
  'objectScores',
  'objectLane',
  'cuts',
  'soundPeaks',
  'sound',
  'watchSession',
  'takeSession',
  'closeSession',
]);

type AnyHandler = (input: Record<string, unknown>, context: CallContext) => unknown;

/** Lets only the editor of a session through to what changes it, and tells the others afterwards that it changed. */
export function guardEdits(handlers: Handlers<StudioContract>, members: SessionMembers): Handlers<StudioContract> {
  const guarded = Object.entries(handlers as unknown as Record<string, AnyHandler>).map(([name, handler]) => [
    name,
    READS.has(name) ? handler : guard(name, handler, members),
  ]);
  return Object.fromEntries(guarded) as Handlers<StudioContract>;
}

function guard(name: string, handler: AnyHandler, members: SessionMembers): AnyHandler {
  return (input, context) => {
    const { sessionId, keep } = input;
    // An answer that is not kept changes nothing.
    if (typeof sessionId !== 'string' || (name === 'segment' && keep !== true)) return handler(input, context);
    members.requireEditor(sessionId, context.caller);
    const result = handler(input, context);
    return result instanceof Promise
      ? tellAfter(result, sessionId, members)
      : tellWhile(result as AsyncIterable<unknown>, sessionId, members);
  };
}

async function tellAfter(answer: Promise<unknown>, sessionId: string, members: SessionMembers): Promise<unknown> {
  try {
    return await answer;
  } finally {
    members.changed(sessionId);
  }
}

async function* tellWhile(events: AsyncIterable<unknown>, sessionId: string, members: SessionMembers) {
  try {
    for await (const event of events) {
      members.changed(sessionId);
      yield event;
    }
  } finally {
    members.changed(sessionId);
  }
}
