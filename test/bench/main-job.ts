/**
 * node test/bench/main-job.ts [--clip FILE] [--pack ID] [--frames N] [--objects N] [--out FILE.md]
 *
 * What the main job costs beside the model: wall time per frame (decode, post-processing and store overlap with inference)
 * over the sum of its `session.run` times, each with its share. Ratios of one run count; absolute figures depend on the machine.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';

const { values } = parseArgs({
  options: {
    clip: { type: 'string' },
    pack: { type: 'string' },
    frames: { type: 'string', default: '120' },
    objects: { type: 'string', default: '1,4' },
    out: { type: 'string' },
  },
});

interface Finished {
  readonly framesDone: number;
  readonly wallMillis: number;
  readonly runMillis: Readonly<Record<string, number>>;
  readonly runCounts: Readonly<Record<string, number>>;
  readonly peakRssBytes: number;
}

const clips = values.clip === undefined ? defaultClips() : [values.clip];
const rows = [
  '| clip | objects | frames | ms per frame | session.run ms | ratio | peak RSS MB | runs per frame |',
  '|---|---|---|---|---|---|---|---|',
];
using workspace = new Workspace('bench');
for (const clip of clips) {
  for (const count of values.objects.split(',').map(Number)) rows.push(await measure(clip, count));
}
const text = rows.join('\n');
console.log(text);
if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);

async function measure(clip: string, objects: number): Promise<string> {
  const { width, height, frameCount } = await sizeOf(clip);
  const points = Array.from({ length: objects }, (_, index) => {
    const x = Math.round((width * (index + 1)) / (objects + 1));
    return ['--point', `${index + 1}:0:${x},${Math.round(height * 0.55)}`];
  });
  const last = Math.min(Number(values.frames), frameCount) - 1;
  const session = workspace.path(`bench-${Math.random().toString(36).slice(2)}.masklet`);
  const pack = values.pack === undefined ? [] : ['--pack', values.pack];
  const result = await workspace.run([
    'track',
    clip,
    '--session',
    session,
    '--range',
    `0:${last}`,
    '--json',
    ...pack,
    ...points.flat(),
  ]);
  const finished = result.lines.find(({ type }) => type === 'finished') as unknown as Finished | undefined;
  if (finished === undefined) throw new Error(result.stderr);
  const perFrame = finished.wallMillis / finished.framesDone;
  const running = Object.values(finished.runMillis).reduce((sum, millis) => sum + millis, 0) / finished.framesDone;
  const counts = Object.entries(finished.runCounts).map(
    ([role, runs]) => `${role} ${(runs / finished.framesDone).toFixed(2)}`,
  );
  const name = `${clip.split(/[\\/]/).at(-1)} ${width}x${height}`;
  return `| ${name} | ${objects} | ${finished.framesDone} | ${perFrame.toFixed(1)} | ${running.toFixed(1)} | ${(perFrame / running).toFixed(2)} | ${(finished.peakRssBytes / 1e6).toFixed(0)} | ${counts.join(', ')} |`;
}

async function sizeOf(clip: string): Promise<{ width: number; height: number; frameCount: number }> {
  const result = await workspace.run(['info', clip, '--json']);
  const info = result.lines.find(({ type }) => type === 'info');
  if (info === undefined) throw new Error(result.stderr);
  return info as unknown as { width: number; height: number; frameCount: number };
}

function defaultClips(): string[] {
  const shared = join(repositoryRoot, '../shared/media/clips/01_dog.mp4');
  const sample = join(repositoryRoot, 'resources/sample/tumble.mp4');
  return existsSync(shared) ? [sample, shared] : [sample];
}
