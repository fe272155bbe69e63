import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { StudioError, throwIfAborted } from '../../../../src-shared/errors/studio-error.ts';
import { SESSION_EXTENSION } from '../../store/index.ts';
import { readPicture } from '../../video/index.ts';
import type { EmbedRequest } from '../threads/report-contract.ts';
import { embedderOf } from './embedder.ts';
import { machineFacts, openMeasured } from './measured-pack.ts';
import type { Progress } from './report-job.ts';
import { sessionStretches } from './session-stretches.ts';

/** One vector and what it shows. */
interface Embedded {
  readonly input: string;
  readonly object: { readonly id: number; readonly name: string; readonly first: number; readonly last: number } | null;
  readonly vector: readonly number[];
}

/** Feature vectors of pictures (as the model gives them) and of the objects of sessions (mean direction over frames, length 1). */
export async function embedInputs(request: EmbedRequest, progress: Progress, signal: AbortSignal): Promise<Report> {
  const inputs = await listInputs(request.inputPaths);
  const pack = await openMeasured(request.packFolder, { device: request.device, signal });
  await using _ = pack.runtime;
  const embedder = embedderOf(pack);
  const vectors: Embedded[] = [];
  for (const [at, input] of inputs.entries()) {
    throwIfAborted(signal);
    if (input.endsWith(SESSION_EXTENSION)) {
      const onFrame = (done: number, total: number) => progress(basename(input), done, total);
      for (const stretch of await sessionStretches(input, request, embedder, request.samples, onFrame, signal)) {
        const { objectId: id, name, first, last, vector } = stretch;
        vectors.push({ input, object: { id, name, first, last }, vector: [...vector] });
      }
    } else {
      const picture = await readPicture(input, { tools: request.tools, cacheDir: request.cacheFolder, signal });
      const [vector] = await embedder.embed(picture, [null]);
      if (vector !== null) vectors.push({ input, object: null, vector: [...vector] });
    }
    progress('embedding', at + 1, inputs.length);
  }
  return {
    format: 1,
    kind: 'embed',
    title: 'Feature vectors',
    facts: [
      ['pack', pack.name],
      ['method', embedder.method],
      ['numbers a vector', String(vectors[0]?.vector.length ?? embedder.dims ?? 0)],
      await machineFacts(),
    ],
    verdict: null,
    sections: [
      {
        kind: 'table',
        title: 'Vectors',
        columns: [
          { name: 'input' },
          { name: 'object' },
          { name: 'frames' },
          { name: 'length', digits: 4 },
          { name: 'begins with' },
        ],
        rows: vectors.map(({ input, object, vector }) => [
          basename(input),
          object === null ? null : object.name,
          object === null ? null : `${object.first} to ${object.last}`,
          Math.hypot(...vector),
          vector
            .slice(0, 4)
            .map((value) => value.toFixed(4))
            .join(' '),
        ]),
      },
    ],
    notes: pack.notes,
    data: { vectors },
  };
}

const PICTURE = /\.(png|jpe?g)$/i;

/** Files as given; of folders their pictures, in order of name. */
async function listInputs(paths: readonly string[]): Promise<string[]> {
  const inputs: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found === null) throw new StudioError('file-missing', 'user', `${path} does not exist; check the path.`);
    if (!found.isDirectory()) {
      inputs.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) => PICTURE.test(name)).sort();
    if (names.length === 0) throw new StudioError('no-frames', 'user', `${path} holds no PNG or JPEG pictures.`);
    inputs.push(...names.map((name) => join(path, name)));
  }
  return inputs;
}
