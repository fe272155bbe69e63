import type { SessionListing } from '../../src-shared/contract/results.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { type Handlers, Moved } from '../../src-shared/rpc/contract-types.ts';
import { serveThread } from '../core/base/thread.ts';
import {
  createSession,
  duplicateSession,
  listSessions,
  openSessionWriter,
  purgeSession,
  renameSession,
  restoreSession,
  type SessionWriter,
  type SessionListing as StoredListing,
  trashSession,
} from '../core/store/index.ts';
import {
  acceptInstances,
  answerFrame,
  applyPrompts,
  changeIdentity,
  changeObjects,
  changePrompt,
  commitFrames,
  conceptOnFrame,
  earlierMasksAt,
  finishRun,
  ImportRun,
  isUpToDate,
  keepChanges,
  laneOf,
  masksAt,
  masksIn,
  moveObjects,
  planPreview,
  planRun,
  planSegment,
  previewIdentity,
  previewRun,
  rasteriseInstances,
  removeConcept,
  removeObjects,
  removePrompts,
  resetSession,
  revertChanges,
  reviewSession,
  runMemoryOf,
  sessionStateOf,
  settleComparisons,
  withoutUnasked,
} from '../core/studio/session/index.ts';
import { type StoreContract, storeContract } from '../core/studio/threads/index.ts';

/** Open sessions by handle; handles are never reused. */
const sessions = new Map<number, SessionWriter>();
let lastHandle = 0;

function keep(session: SessionWriter) {
  lastHandle++;
  sessions.set(lastHandle, session);
  return { handle: lastHandle, state: sessionStateOf(session) };
}

function sessionOf(handle: number): SessionWriter {
  const session = sessions.get(handle);
  if (session === undefined)
    throw new StudioError('session-missing', 'bug', 'That session is closed already; open it again.');
  return session;
}

/** The import under way in a session. */
const imports = new Map<number, ImportRun>();

function importOf(handle: number): ImportRun {
  const run = imports.get(handle);
  if (run === undefined) throw new StudioError('internal', 'bug', 'No import is under way in this session.');
  return run;
}

/** Does one edit and answers with the state after it. */
function edited(handle: number, edit: (session: SessionWriter) => void) {
  const session = sessionOf(handle);
  edit(session);
  settleComparisons(session);
  return sessionStateOf(session);
}

/** As `edited`, for what may take prompts away. */
function unasked(handle: number, edit: (session: SessionWriter) => void) {
  const session = sessionOf(handle);
  withoutUnasked(session, edit);
  return sessionStateOf(session);
}

const handlers: Handlers<StoreContract> = {
  create: async ({ path, media, app }) => keep(createSession(path, media, { app })),
  open: async ({ path, app }) => keep(openSessionWriter(path, { app })),
  close: async ({ handle }) => {
    sessionOf(handle)[Symbol.dispose]();
    sessions.delete(handle);
    return null;
  },
  state: async ({ handle }) => sessionStateOf(sessionOf(handle)),
  relink: async ({ handle, info, mtimeMillis }) => edited(handle, (session) => session.media.relink(info, mtimeMillis)),
  addPrompts: async ({ handle, prompts, replace }) => {
    await applyPrompts(sessionOf(handle), prompts, replace);
    return sessionStateOf(sessionOf(handle));
  },
  changePrompt: async ({ handle, promptId, change }) =>
    unasked(handle, (session) => changePrompt(session, promptId, change)),
  removePrompts: async ({ handle, promptIds }) => unasked(handle, (session) => removePrompts(session, promptIds)),
  removeObjects: async ({ handle, objectIds }) => edited(handle, (session) => removeObjects(session, objectIds)),
  removeConcept: async ({ handle, conceptId }) => edited(handle, (session) => removeConcept(session, conceptId)),
  planSegment: async ({ handle, frameIndex, objectIds }) => planSegment(sessionOf(handle), frameIndex, objectIds),
  runMemory: async ({ handle, runId }) => {
    const memory = runMemoryOf(sessionOf(handle), runId);
    return memory === null ? null : new Moved(memory, [memory.bytes.buffer]);
  },
  planPreview: async ({ handle, point }) => planPreview(sessionOf(handle), point),
  answer: async ({ handle, keep, ...answers }) => answerFrame(sessionOf(handle), answers, keep),
  planDetect: async ({ handle, frameIndex, conceptId }) => conceptOnFrame(sessionOf(handle), conceptId, frameIndex),
  rasterise: async ({ handle, instances, grid }) => rasteriseInstances(sessionOf(handle), instances, grid),
  frameMasks: async ({ handle, frameIndex }) => masksAt(sessionOf(handle), frameIndex),
  earlierMasks: async ({ handle, frameIndex }) => earlierMasksAt(sessionOf(handle), frameIndex),
  keepChanges: async ({ handle, objectIds }) => edited(handle, (session) => keepChanges(session, objectIds)),
  revertChanges: async ({ handle, objectIds }) => edited(handle, (session) => revertChanges(session, objectIds)),
  storedMasks: async function* ({ handle, first, last, objectIds }) {
    yield* masksIn(sessionOf(handle), { first, last }, objectIds);
  },
  objectSpans: async ({ handle, objectId }) => sessionOf(handle).masks.coverage(objectId),
  objectScores: async ({ handle, objectId }) => sessionOf(handle).masks.scoresOf(objectId),
  objectLane: async ({ handle, objectId, range }) => {
    const lane = laneOf(sessionOf(handle), objectId, range);
    return new Moved(lane, [lane.states.buffer, lane.confidences.buffer]);
  },
  changeConcept: async ({ handle, conceptId, change: { threshold } }) =>
    edited(handle, (session) => {
      if (threshold !== undefined) session.concepts.setThreshold(conceptId, threshold);
    }),
  acceptInstances: async ({ handle, ...instances }) => edited(handle, (session) => acceptInstances(session, instances)),
  changeObjects: async ({ handle, objectIds, change }) =>
    edited(handle, (session) => changeObjects(session, objectIds, change)),
  moveObjects: async ({ handle, place }) => edited(handle, (session) => moveObjects(session, place)),
  review: async ({ handle, says, reviewer, openOnly }) =>
    edited(handle, (session) => reviewSession(session, says, reviewer, openOnly)),
  planIdentity: async ({ handle, change }) => previewIdentity(sessionOf(handle), change),
  changeIdentity: async ({ handle, change, reviewer }) =>
    edited(handle, (session) => changeIdentity(session, change, reviewer)),
  reset: async ({ handle }) => edited(handle, resetSession),
  undo: async ({ handle }) => unasked(handle, (session) => session.journal.undo()),
  redo: async ({ handle }) => unasked(handle, (session) => session.journal.redo()),
  isUpToDate: async ({ handle, wish }) => isUpToDate(sessionOf(handle), wish),
  previewRun: async ({ handle, wish }) => previewRun(sessionOf(handle), wish),
  planRun: async ({ handle, wish }) => planRun(sessionOf(handle), wish),
  commit: async ({ handle, batch }) => commitFrames(sessionOf(handle), batch),
  finishRun: async ({ handle, runId, ending }) => {
    finishRun(sessionOf(handle), runId, ending);
    return null;
  },
  importBegin: async ({ handle, purpose }) => {
    imports.set(handle, new ImportRun(sessionOf(handle), purpose));
    return null;
  },
  importAdd: async ({ handle, entries }) => {
    importOf(handle).add(entries);
    return null;
  },
  importEnd: async ({ handle, keep }) => {
    const run = importOf(handle);
    const result = keep ? run.finish() : { objects: [], notes: [] };
    if (!keep) run.abort();
    imports.delete(handle);
    return result;
  },
  list: async ({ folder }) => listSessions(folder).map(toListing),
  rename: async ({ path, name }) => renameSession(path, name),
  duplicate: async ({ path }) => duplicateSession(path),
  trash: async ({ path }) => trashSession(path),
  restore: async ({ path }) => restoreSession(path),
  purge: async ({ path }) => {
    purgeSession(path);
    return null;
  },
};

function toListing(listing: StoredListing): SessionListing {
  if (listing.kind === 'unreadable') {
    return { ...emptyListing, sessionPath: listing.path, problem: listing.error.message };
  }
  const { summary } = listing;
  return {
    sessionPath: summary.path,
    state: summary.locked ? 'busy' : 'ok',
    sessionId: null,
    problem: null,
    videoPath: summary.mediaPath,
    videoMissing: summary.mediaMissing,
    objectCount: summary.objects,
    objects: summary.firstObjects,
    words: summary.words,
    promptCount: summary.prompts,
    lastRun: summary.lastRun === null ? null : { state: summary.lastRun, frameCount: summary.lastRunFrames },
    posterFrame: frameIndex(summary.posterFrame),
    frameCount: summary.frameCount,
    trackedFrameCount: summary.framesTracked,
    reviewedShare: summary.reviewedShare,
    sizeBytes: summary.sizeBytes,
    changedAtMillis: summary.changedMillis,
  };
}

const emptyListing: Omit<SessionListing, 'sessionPath' | 'problem'> = {
  state: 'unreadable',
  sessionId: null,
  videoPath: null,
  videoMissing: false,
  objectCount: 0,
  objects: [],
  words: [],
  promptCount: 0,
  lastRun: null,
  posterFrame: frameIndex(0),
  frameCount: 0,
  trackedFrameCount: 0,
  reviewedShare: 0,
  sizeBytes: 0,
  changedAtMillis: 0,
};

serveThread(storeContract, handlers, () => {
  for (const session of sessions.values()) session[Symbol.dispose]();
});
