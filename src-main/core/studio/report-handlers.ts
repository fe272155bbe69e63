import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReportContract } from '../../../src-shared/contract/report-contract.ts';
import type { PackListing } from '../../../src-shared/contract/report-results.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';
import type { Handlers } from '../../../src-shared/rpc/contract-types.ts';
import { findAnyPack, listPacks, type PackEntry } from '../models/index.ts';
import type { OpenSessions } from './open-sessions.ts';
import { measureClicks } from './reports/click-rounds.ts';
import { reportJob } from './reports/report-job.ts';
import type { StudioParts } from './studio-parts.ts';

/** The measurements of the contract: packs and paths are found here, the work is done in the report thread. */
export function reportHandlers(parts: StudioParts, sessions: OpenSessions): Handlers<ReportContract> {
  const folderOf = async (packId: string) => (await findAnyPack(packId, parts.packFolders)).folder;
  const media = async () => ({ tools: await parts.tools(), cacheFolder: parts.paths.cache });
  return {
    evaluate: async function* ({ predictionPaths, truthPath, ...wish }, { signal }) {
      const paths = { predictionPaths: predictionPaths.map((path) => resolve(path)), truthPath: resolve(truthPath) };
      yield* (await parts.reports()).evaluate({ ...wish, ...paths }, { signal });
    },
    evaluateClicks: (wish, { signal }) =>
      reportJob(wish, (progress) => measureClicks(parts, sessions, wish, progress, signal)),
    listPacks: async () => (await listPacks(parts.packFolders)).map(listingOf),
    verifyPack: async function* ({ packId, device }, { signal }) {
      yield* (await parts.reports()).verifyPack({ packFolder: await folderOf(packId), device }, { signal });
    },
    parity: async function* ({ packId, otherPackId, ...wish }, { signal }) {
      const packFolder = await folderOf(packId);
      const otherPackFolder = otherPackId === null ? packFolder : await folderOf(otherPackId);
      const files = wish.videoPath === null ? {} : await media();
      yield* (await parts.reports()).parity({ ...wish, ...files, packFolder, otherPackFolder }, { signal });
    },
    bench: async function* ({ packId, ...wish }, { signal }) {
      yield* (await parts.reports()).bench({ ...wish, packFolder: await folderOf(packId) }, { signal });
    },
    compareBenches: async function* (wish, { signal }) {
      yield* (await parts.reports()).compareBenches(wish, { signal });
    },
    embed: async function* ({ packId, ...wish }, { signal }) {
      const request = { ...wish, ...(await media()), packFolder: await folderOf(packId) };
      yield* (await parts.reports()).embed(request, { signal });
    },
    proposeSame: async function* ({ packId, ...wish }, { signal }) {
      requireSession(wish.sessionPath);
      const request = { ...wish, ...(await media()), packFolder: await folderOf(packId) };
      yield* (await parts.reports()).proposeSame(request, { signal });
    },
    findByPicture: async function* ({ packId, ...wish }, { signal }) {
      const folder = resolve(wish.folder ?? parts.paths.sessions);
      const request = { ...wish, ...(await media()), folder, packFolder: await folderOf(packId) };
      yield* (await parts.reports()).findByPicture(request, { signal });
    },
    cocoBenchmark: async function* ({ packId, ...wish }, { signal }) {
      const files = wish.evalOnly ? {} : await media();
      const packFolder = wish.evalOnly ? '' : await folderOf(packId);
      yield* (await parts.reports()).cocoBenchmark({ ...wish, ...files, packFolder }, { signal });
    },
  };
}

function requireSession(path: string): void {
  if (existsSync(path)) return;
  throw new StudioError(
    'session-missing',
    'user',
    `There is no session ${path}; "masklet sessions" lists the saved ones.`,
  );
}

function listingOf(entry: PackEntry): PackListing {
  const { folder } = entry;
  if (entry.kind === 'broken') {
    const id = folder.split(/[\\/]/).at(-1) ?? folder;
    return { ...NOTHING, id, folder, kind: 'broken', facts: [], problem: entry.error.message };
  }
  const { id, manifest } = entry.pack;
  if (entry.kind === 'backbone') {
    const facts = [manifest.arch, `${manifest.image.size} px`, `vectors of ${entry.pack.manifest.embedding.dims}`];
    return { ...NOTHING, id, folder, kind: 'backbone', facts, imageSize: manifest.image.size, problem: null };
  }
  const { whyNoTracking, whyNoConcepts } = entry.pack.capabilities;
  const facts = [
    manifest.arch,
    `${manifest.image.size} px`,
    whyNoTracking === null ? 'tracks' : `images only: ${whyNoTracking}`,
    whyNoConcepts === null ? 'finds by name' : 'points, boxes and masks',
  ];
  const { text } = entry.pack.manifest;
  const finds = whyNoConcepts !== null ? 'nothing' : text?.kind === 'words' ? 'words' : 'phrases';
  return {
    id,
    folder,
    kind: 'segmenter',
    facts,
    imageSize: manifest.image.size,
    tracks: whyNoTracking === null,
    finds,
    words: finds === 'words' && text?.kind === 'words' ? ownWords(text) : [],
    problem: null,
  };
}

const NOTHING = { imageSize: 0, tracks: false, finds: 'nothing', words: [] } as const;
const MOST_WORDS = 40;

/** Without those that only stand for another one. */
function ownWords({ words, synonyms }: { readonly words: readonly string[] | object; readonly synonyms: object }) {
  const all = Array.isArray(words) ? (words as string[]) : Object.keys(words);
  return all.filter((word) => !Object.hasOwn(synonyms, word)).slice(0, MOST_WORDS);
}
