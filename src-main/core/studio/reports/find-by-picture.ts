import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { type Stretch, similarity, writeWholeFile } from '../../reports/index.ts';
import { listSessions } from '../../store/index.ts';
import { readPicture } from '../../video/index.ts';
import type { FindRequest } from '../threads/report-contract.ts';
import { type Embedder, embedderOf } from './embedder.ts';
import { openMeasured } from './measured-pack.ts';
import type { Progress } from './report-job.ts';
import { sessionStretches } from './session-stretches.ts';

/** Objects of every session of a folder, the likest to the picture first. Vectors of unchanged sessions come from the cache. */
export async function findByPicture(request: FindRequest, progress: Progress, signal: AbortSignal): Promise<Report> {
  const pack = await openMeasured(request.packFolder, { device: request.device, signal });
  await using _ = pack.runtime;
  const embedder = embedderOf(pack);
  const picture = await readPicture(request.picturePath, {
    tools: request.tools,
    cacheDir: request.cacheFolder,
    signal,
  });
  const [wanted] = await embedder.embed(picture, [null]);
  if (wanted === null) throw new StudioError('internal', 'bug', 'The picture gave no vector; try another one.');
  const { found, notes, count } = await lookAtSessions(request, pack.runtime.pack.hash, embedder, progress, signal);
  const ranked = found
    .map((each) => ({ ...each, similarity: similarity(wanted, each.stretch.vector) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, request.limit);
  return {
    format: 1,
    kind: 'find',
    title: 'Objects like the picture',
    facts: [
      ['picture', basename(request.picturePath)],
      ['sessions', `${count} in ${basename(request.folder)}`],
      ['pack', pack.name],
      ['method', embedder.method],
    ],
    verdict: null,
    sections: [
      {
        kind: 'table',
        title: 'Likest first',
        columns: [{ name: 'session' }, { name: 'object' }, { name: 'frames' }, { name: 'similarity', digits: 3 }],
        rows: ranked.map(({ session, stretch, similarity: like }) => [
          basename(session),
          `#${stretch.objectId} ${stretch.name}`,
          `${stretch.first} to ${stretch.last}`,
          like,
        ]),
      },
    ],
    notes: [...pack.notes, ...notes],
    data: {
      results: ranked.map(({ session, stretch: { objectId, name, first, last }, similarity: like }) => ({
        session,
        objectId,
        name,
        first,
        last,
        similarity: like,
      })),
    },
  };
}

interface Found {
  readonly session: string;
  readonly stretch: Stretch;
}

async function lookAtSessions(
  request: FindRequest,
  packHash: string,
  embedder: Embedder,
  progress: Progress,
  signal: AbortSignal,
) {
  const found: Found[] = [];
  const notes: string[] = [];
  const listings = listSessions(request.folder);
  for (const [at, listing] of listings.entries()) {
    throwIfAborted(signal);
    try {
      if (listing.kind === 'unreadable') throw StudioError.fromData(listing.error);
      const stretches = await cachedStretches(request, listing.path, packHash, embedder, signal);
      found.push(...stretches.map((stretch) => ({ session: listing.path, stretch })));
    } catch (error) {
      const failure = StudioError.from(error);
      if (failure.kind === 'cancelled') throw failure;
      notes.push(`${basename(listing.path)} was left out: ${failure.message}`);
    }
    progress('looking at sessions', at + 1, listings.length);
  }
  return { found, notes, count: listings.length };
}

type Stored = Omit<Stretch, 'vector'> & { readonly vector: string };

/** Keyed by what the vectors depend on: the session file, the pack and the number of samples. */
async function cachedStretches(
  request: FindRequest,
  session: string,
  packHash: string,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<readonly Stretch[]> {
  const { size, mtimeMs } = await stat(session);
  const wal = await stat(`${session}-wal`).catch(() => null);
  const facts = JSON.stringify([session, size, mtimeMs, wal?.size, wal?.mtimeMs, packHash, request.samples]);
  const path = join(request.cacheFolder, 'embeddings', `${createHash('sha256').update(facts).digest('hex')}.json`);
  const known = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as readonly Stored[],
    () => null,
  );
  if (known !== null) return known.map(({ vector, ...rest }) => ({ ...rest, vector: floatsFrom(vector) }));
  const stretches = await sessionStretches(session, request, embedder, request.samples, () => {}, signal);
  const stored = stretches.map(
    ({ vector, ...rest }): Stored => ({ ...rest, vector: Buffer.from(vector.buffer).toString('base64') }),
  );
  await writeWholeFile(path, JSON.stringify(stored));
  return stretches;
}

function floatsFrom(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}
