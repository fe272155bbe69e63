import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { trueMask, unpackTruth } from '../../resources/sample/truth-file.ts';
import { createSession, openSessionWriter } from '../../src-main/core/store/index.ts';
import { findMediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';

const sample = resolve(import.meta.dirname, '../../resources/sample');

/** An empty session of the sample clip in a home's library; returns its path. */
export async function makeSampleSession(home: string): Promise<string> {
  const path = join(home, 'sessions/tumble.masklet');
  mkdirSync(join(home, 'sessions'), { recursive: true });
  const clip = join(sample, 'tumble.mp4');
  const source = await openVideo(clip, { tools: await findMediaTools(), cacheDir: join(home, 'cache') });
  const { info, table } = source;
  const framePts = Array.from({ length: info.frameCount }, (_, index) => table.ptsOf(index));
  const media = { info, framePts, mtimeMillis: Math.trunc(statSync(clip).mtimeMs) };
  createSession(path, media, { app: 'test' })[Symbol.dispose]();
  return path;
}

/**
 * A session of the sample clip in a home's library, with the clip's own masks of some of its things on the first frames, so that nothing
 * has to be tracked. A thing may be named more than once. `absent`: frames on which the first object is not there.
 */
export async function writeTruthSession(
  home: string,
  names: readonly string[],
  { frames, absent = [] }: { readonly frames: number; readonly absent?: readonly number[] },
): Promise<void> {
  using session = openSessionWriter(await makeSampleSession(home));
  const truth = unpackTruth(readFileSync(join(sample, 'tumble.truth.json.gz')));
  const things = names.map((name) => truth.things.find((thing) => thing.name === name)!);
  for (const { name } of things) session.objects.create({ name });
  session.masks.save(
    Array.from({ length: frames }, (_, frame) =>
      things.map((thing, index) => ({
        frameIndex: frameIndex(frame),
        objectId: objectId(index + 1),
        mask: index === 0 && absent.includes(frame) ? null : trueMask(truth, thing, frame),
        scores: { ...noScores, predictedIou: 0.93 },
        source: 'tracked' as const,
        provisional: false,
      })),
    ).flat(),
  );
}
