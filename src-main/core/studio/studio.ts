import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pictureCodecNames } from '../../../src-shared/contract/render-look.ts';
import type {
  DatasetFormatFacts,
  ExportEvent,
  ReviewEvent,
  SessionState,
  WriteEvent,
} from '../../../src-shared/contract/results.ts';
import type { ProbeEvent, StudioContract } from '../../../src-shared/contract/studio-contract.ts';
import { frameIndex } from '../../../src-shared/domain/ids.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Client, Handlers } from '../../../src-shared/rpc/contract-types.ts';
import type { DatasetFormat } from '../export/index.ts';
import { writableCodecs } from '../video/index.ts';
import { detectNow, previewNow, segmentNow } from './answer-frame-now.ts';
import { inPixels } from './coordinates.ts';
import { examine } from './doctor.ts';
import { guardEdits } from './guard-edits.ts';
import { importDataset } from './import-dataset.ts';
import { libraryHandlers } from './library-handlers.ts';
import { openPack } from './open-pack.ts';
import { OpenSessions } from './open-sessions.ts';
import { type QueueName, queueHandlers } from './queue/queue-handlers.ts';
import { renderPath } from './render-path.ts';
import { reportHandlers } from './report-handlers.ts';
import { RunningJobs } from './running-jobs.ts';
import type { StudioParts } from './studio-parts.ts';
import type { OpenSourceEvent } from './threads/decode-contract.ts';
import type { StoreContract } from './threads/store-contract.ts';
import { planTracking, trackSession } from './track-job.ts';

/** Implements the contract by delegating to the threads; holds nothing but the open sessions and their runs. */
export function createStudio(parts: StudioParts): Handlers<StudioContract> {
  const sessions = new OpenSessions(parts);
  const jobs = new RunningJobs();
  const handlers: Omit<Handlers<StudioContract>, QueueName> = {
    ...sessionHandlers(parts, sessions, jobs),
    ...libraryHandlers(parts, sessions),
    ...editHandlers(parts, sessions),
    ...frameHandlers(parts, sessions),
    ...soundHandlers(parts, sessions),
    ...reportHandlers(parts, sessions),
    doctor: async () => ({ lines: await examine(parts) }),
    probe: ({ videoPath }, { signal }) => probe(parts, videoPath, signal),
    importPack: async ({ folder, packId }, { signal }) =>
      (await parts.inference()).importPack(
        { folder, into: parts.paths.models, known: parts.packFolders, packId },
        { signal },
      ),
    planTracking: ({ sessionId, ...wish }) =>
      planTracking(parts, sessions.get(sessionId), { ...wish, resume: false, until: 'end' }),
    track: ({ sessionId, ...wish }, { signal }) => {
      const session = sessions.get(sessionId);
      return jobs.run(sessionId, signal, (either) => trackSession(parts, session, wish, either));
    },
    reviewStops: (input, { signal }) => reviewStops(parts, input, signal),
    revertChanges: async ({ sessionId, objectIds }) => {
      const { handle } = sessions.get(sessionId);
      if (!jobs.isRunning(sessionId)) return (await parts.store()).revertChanges({ handle, objectIds });
      const message = 'Masks cannot be put back while tracking runs; pause it first. Nothing was changed.';
      throw new StudioError('session-busy', 'conflict', message);
    },
    cancelTracking: async ({ sessionId }) => ({ cancelled: await jobs.cancel(sessionId) }),
    render: (input, { signal }) => render(parts, input, signal),
    renderStill: (input, { signal }) => renderStill(parts, input, signal),
    contactSheet: (input, { signal }) => contactSheet(parts, input, signal),
    exportDataset: (input, { signal }) => exportDataset(parts, input, signal),
    outputCodecs: async () => [...(await writableCodecs(await parts.tools())), ...pictureCodecNames],
    datasetFormats: async () => {
      // Every command would wait for all formats to be loaded.
      const { datasetFormats } = await import('../export/index.ts');
      return Object.values(datasetFormats).map(factsOf);
    },
    recogniseDataset: async ({ path, format }) =>
      (await parts.exporter()).recogniseDataset({ path: resolve(path), format }),
    importDataset: ({ sessionId, ...wish }, { signal }) => importDataset(parts, sessions.get(sessionId), wish, signal),
  };
  return guardEdits({ ...handlers, ...queueHandlers(parts, handlers, sessions.members) }, sessions.members);
}

type Some<Name extends keyof StudioContract> = Pick<Handlers<StudioContract>, Name>;

function sessionHandlers(
  parts: StudioParts,
  sessions: OpenSessions,
  jobs: RunningJobs,
): Some<'listSessions' | 'openSession' | 'relinkMedia' | 'closeSession'> {
  return {
    listSessions: async ({ folder }) => {
      const wanted = folder === null ? parts.paths.sessions : requireFolder(folder);
      const listings = await (await parts.store()).list({ folder: wanted });
      return listings.map((listing) => ({ ...listing, sessionId: sessions.idOf(listing.sessionPath) }));
    },
    openSession: ({ videoPath, sessionPath, readOnly }, context) =>
      sessions.open(videoPath, sessionPath, context, readOnly),
    relinkMedia: ({ sessionId, videoPath }, { signal }) => sessions.relink(sessionId, videoPath, signal),
    closeSession: async ({ sessionId }, { caller }) => {
      if (!sessions.members.leave(sessionId, caller)) return null;
      await jobs.cancel(sessionId);
      await sessions.close(sessionId);
      return null;
    },
  };
}

function editHandlers(
  parts: StudioParts,
  sessions: OpenSessions,
): Some<
  | 'sessionState'
  | 'addPrompts'
  | 'changePrompt'
  | 'removePrompts'
  | 'removeObjects'
  | 'removeConcept'
  | 'resetSession'
  | 'changeConcept'
  | 'acceptInstances'
  | 'keepChanges'
  | 'changeObjects'
  | 'moveObjects'
  | 'review'
  | 'planIdentity'
  | 'changeIdentity'
  | 'undo'
  | 'redo'
> {
  const edit = async (
    sessionId: string,
    work: (store: Client<StoreContract>, handle: number) => Promise<SessionState>,
  ) => work(await parts.store(), sessions.get(sessionId).handle);
  return {
    sessionState: ({ sessionId }) => edit(sessionId, (store, handle) => store.state({ handle })),
    addPrompts: ({ sessionId, prompts, coordinates, replace }) => {
      const { info } = sessions.get(sessionId);
      const placed = prompts.map((prompt) => inPixels(prompt, coordinates, info));
      return edit(sessionId, (store, handle) => store.addPrompts({ handle, prompts: placed, replace }));
    },
    changePrompt: ({ sessionId, promptId, change, coordinates }) => {
      const placed = inPixels(change, coordinates, sessions.get(sessionId).info);
      return edit(sessionId, (store, handle) => store.changePrompt({ handle, promptId, change: placed }));
    },
    removePrompts: ({ sessionId, promptIds }) =>
      edit(sessionId, (store, handle) => store.removePrompts({ handle, promptIds })),
    removeObjects: ({ sessionId, objectIds }) =>
      edit(sessionId, (store, handle) => store.removeObjects({ handle, objectIds })),
    removeConcept: ({ sessionId, conceptId }) =>
      edit(sessionId, (store, handle) => store.removeConcept({ handle, conceptId })),
    changeConcept: ({ sessionId, conceptId, change }) =>
      edit(sessionId, (store, handle) => store.changeConcept({ handle, conceptId, change })),
    acceptInstances: ({ sessionId, ...instances }) =>
      edit(sessionId, (store, handle) => store.acceptInstances({ handle, ...instances })),
    keepChanges: ({ sessionId, objectIds }) =>
      edit(sessionId, (store, handle) => store.keepChanges({ handle, objectIds })),
    changeObjects: ({ sessionId, objectIds, change }) =>
      edit(sessionId, (store, handle) => store.changeObjects({ handle, objectIds, change })),
    moveObjects: ({ sessionId, ...place }) => edit(sessionId, (store, handle) => store.moveObjects({ handle, place })),
    review: ({ sessionId, ...says }) => edit(sessionId, (store, handle) => store.review({ handle, ...says })),
    planIdentity: async ({ sessionId, change }) =>
      (await parts.store()).planIdentity({ handle: sessions.get(sessionId).handle, change }),
    changeIdentity: ({ sessionId, ...wish }) =>
      edit(sessionId, (store, handle) => store.changeIdentity({ handle, ...wish })),
    resetSession: ({ sessionId }) => edit(sessionId, (store, handle) => store.reset({ handle })),
    undo: ({ sessionId }) => edit(sessionId, (store, handle) => store.undo({ handle })),
    redo: ({ sessionId }) => edit(sessionId, (store, handle) => store.redo({ handle })),
  };
}

function frameHandlers(
  parts: StudioParts,
  sessions: OpenSessions,
): Some<
  | 'openModel'
  | 'testModel'
  | 'peek'
  | 'frame'
  | 'frameTable'
  | 'segment'
  | 'preview'
  | 'detect'
  | 'frameMasks'
  | 'earlierMasks'
  | 'storedMasks'
  | 'objectSpans'
  | 'objectScores'
  | 'objectLane'
> {
  return {
    peek: async ({ videoPath }, { signal }) => {
      const [decode, tools] = await Promise.all([parts.decode(), parts.tools()]);
      const { jpeg } = await decode.peek({ path: videoPath, tools, cacheFolder: parts.paths.cache }, { signal });
      return { frameIndex: frameIndex(0), mediaType: 'image/jpeg', bytes: jpeg };
    },
    frame: async ({ sessionId, frameIndex, size }, { signal }) => {
      const { sourceId } = sessions.get(sessionId);
      const { jpeg } = await (await parts.decode()).viewFrame({ sourceId, frameIndex, size }, { signal });
      return { frameIndex, mediaType: 'image/jpeg', bytes: jpeg };
    },
    frameTable: async ({ sessionId }) => {
      const { pts, keyFrames } = sessions.get(sessionId).table;
      return { pts, keyFrames };
    },
    openModel: async (wish, { signal }) => {
      const { packId, provider, notes, memoryBytes, capabilities } = await openPack(parts, wish, signal);
      return { packId, provider, notes, memoryBytes, ...capabilities };
    },
    testModel: async (wish, { signal }) => {
      const { packKey, packId, provider, notes, memoryBytes, capabilities } = await openPack(parts, wish, signal);
      const { millis } = await (await parts.inference()).test({ packKey }, { signal });
      return { packId, provider, notes, memoryBytes, ...capabilities, millisPerFrame: millis };
    },
    segment: ({ sessionId, ...wish }, { signal }) => segmentNow(parts, sessions.get(sessionId), wish, signal),
    preview: ({ sessionId, ...wish }, { signal }) => previewNow(parts, sessions.get(sessionId), wish, signal),
    detect: async ({ sessionId, ...wish }, { signal }) => ({
      instances: await detectNow(parts, sessions.get(sessionId), wish, signal),
    }),
    frameMasks: async ({ sessionId, frameIndex }) =>
      (await parts.store()).frameMasks({ handle: sessions.get(sessionId).handle, frameIndex }),
    earlierMasks: async ({ sessionId, frameIndex }) =>
      (await parts.store()).earlierMasks({ handle: sessions.get(sessionId).handle, frameIndex }),
    storedMasks: async function* ({ sessionId, range, objectIds }, { signal }) {
      const { handle } = sessions.get(sessionId);
      yield* (await parts.store()).storedMasks({ handle, ...range, objectIds }, { signal });
    },
    objectScores: async ({ sessionId, objectId }) =>
      (await parts.store()).objectScores({ handle: sessions.get(sessionId).handle, objectId }),
    objectLane: async ({ sessionId, objectId, first, last }) =>
      (await parts.store()).objectLane({ handle: sessions.get(sessionId).handle, objectId, range: { first, last } }),
    objectSpans: async ({ sessionId, objectId }) => ({
      spans: await (await parts.store()).objectSpans({ handle: sessions.get(sessionId).handle, objectId }),
    }),
  };
}

function soundHandlers(parts: StudioParts, sessions: OpenSessions): Some<'cuts' | 'soundPeaks' | 'sound'> {
  return {
    cuts: async ({ sessionId }, { signal }) => {
      const { sourceId } = sessions.get(sessionId);
      return { frames: await (await parts.decode()).cuts({ sourceId }, { signal }) };
    },
    soundPeaks: async function* ({ sessionId }, { signal }) {
      const { sourceId } = sessions.get(sessionId);
      yield* (await parts.decode()).soundPeaks({ sourceId }, { signal });
    },
    sound: async ({ sessionId, firstSample, count }, { signal }) => {
      const { sourceId } = sessions.get(sessionId);
      return { samples: await (await parts.decode()).sound({ sourceId, firstSample, count }, { signal }) };
    },
  };
}

type InputOf<Name extends keyof StudioContract> = StudioContract[Name]['input']['_output'];

async function* probe(parts: StudioParts, path: string, signal: AbortSignal): AsyncGenerator<ProbeEvent> {
  const decode = await parts.decode();
  const tools = await parts.tools();
  for await (const event of decode.open({ path, tools, cacheFolder: parts.paths.cache }, { signal })) {
    if (event.kind === 'indexing') {
      yield event;
      continue;
    }
    await decode.close({ sourceId: event.sourceId });
    yield { kind: 'probed', info: event.info, table: describeTable(event) };
  }
}

function describeTable({ table: { pts, keyFrames } }: Extract<OpenSourceEvent, { kind: 'opened' }>) {
  let shortestTicks = Number.POSITIVE_INFINITY;
  let longestTicks = 0;
  for (let index = 1; index < pts.length; index++) {
    shortestTicks = Math.min(shortestTicks, pts[index] - pts[index - 1]);
    longestTicks = Math.max(longestTicks, pts[index] - pts[index - 1]);
  }
  return {
    keyFrameCount: keyFrames.reduce((count, flag) => count + flag, 0),
    shortestTicks: pts.length < 2 ? 0 : shortestTicks,
    longestTicks,
    firstPtsTicks: [...pts.subarray(0, 8)],
  };
}

async function* render(parts: StudioParts, input: InputOf<'render'>, signal: AbortSignal): AsyncGenerator<WriteEvent> {
  const sessionPath = requireSession(input.sessionPath);
  const { outPath: wished, range, overwrite, codec: wishedCodec, sessionPath: _, ...look } = input;
  const codec = wishedCodec ?? (look.colour === 'alpha' ? 'prores' : 'h264');
  const outPath = renderPath(wished, sessionPath, look.style, codec);
  const request = { ...(await writeParts(parts)), sessionPath, outPath, range, overwrite, look, codec };
  yield* (await parts.exporter()).render(request, { signal });
}

async function* reviewStops(
  parts: StudioParts,
  { sessionPath }: InputOf<'reviewStops'>,
  signal: AbortSignal,
): AsyncGenerator<ReviewEvent> {
  yield* (await parts.reports()).reviewStops({ sessionPath: requireSession(sessionPath) }, { signal });
}

async function renderStill(parts: StudioParts, input: InputOf<'renderStill'>, signal: AbortSignal) {
  const { sessionPath, frameIndex, ...look } = input;
  const request = { ...(await writeParts(parts)), sessionPath: requireSession(sessionPath), frameIndex, look };
  return (await parts.exporter()).still(request, { signal });
}

async function* contactSheet(
  parts: StudioParts,
  input: InputOf<'contactSheet'>,
  signal: AbortSignal,
): AsyncGenerator<WriteEvent> {
  const sessionPath = requireSession(input.sessionPath);
  const { title, overwrite } = input;
  const request = { ...(await writeParts(parts)), sessionPath, outPath: resolve(input.outPath), title, overwrite };
  yield* (await parts.exporter()).contactSheet(request, { signal });
}

async function* exportDataset(
  parts: StudioParts,
  { sessionPath, outFolder, ...wish }: InputOf<'exportDataset'>,
  signal: AbortSignal,
): AsyncGenerator<ExportEvent> {
  const place = { sessionPath: requireSession(sessionPath), outPath: resolve(outFolder) };
  const request = { ...(await writeParts(parts)), ...place, ...wish, appVersion: parts.appVersion };
  yield* (await parts.exporter()).dataset(request, { signal });
}

function factsOf({ name, summary, shapes, onePerPixel, splits, pictures }: DatasetFormat): DatasetFormatFacts {
  return { name, summary, shapes, onePerPixel, splits, pictures: pictures?.usual ?? null };
}

async function writeParts(parts: StudioParts) {
  return { tools: await parts.tools(), cacheFolder: parts.paths.cache };
}

function requireFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return resolve(path);
  throw new StudioError('file-missing', 'user', `There is no folder ${path}; give one that holds sessions.`);
}

function requireSession(path: string): string {
  if (existsSync(path)) return resolve(path);
  throw new StudioError(
    'session-missing',
    'user',
    `There is no session ${path}; "masklet sessions" lists the saved ones.`,
  );
}
