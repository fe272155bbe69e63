/**
 * node test/bench/memory.ts [--clip FILE] [--pack ID|FOLDER] [--frames 10000] [--objects 1]
 *
 * Loops a clip to N frames, tracks objects and prints the process's highest memory at frame 1,000 and at the end; of a run with fewer frames the
 * highest memory after each frame.
 * Linux only: it reads VmHWM of the running process.
 */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { highestMemory } from '../support/highest-memory.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';

const { values } = parseArgs({
  options: {
    clip: { type: 'string' },
    pack: { type: 'string' },
    frames: { type: 'string', default: '10000' },
    objects: { type: 'string', default: '1' },
  },
});
const clip = resolve(values.clip ?? join(repositoryRoot, 'resources/sample/tumble.mp4'));
const frames = Number(values.frames);
using workspace = new Workspace('memory');
const { ffmpeg } = await findMediaTools();
const looped = workspace.path('looped.mp4');
const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '48', '-an', looped];
execFileSync(ffmpeg.path, ['-v', 'error', '-stream_loop', '-1', '-i', clip, '-frames:v', String(frames), ...encode]);
const pack = values.pack === undefined ? [] : ['--pack', values.pack];
const info = (await workspace.run(['info', clip, '--json'])).lines[0] as unknown as { width: number; height: number };
/** The first on the sample's ball, the others beside each other. */
const points = Array.from({ length: Number(values.objects) }, (_, at) => {
  const [x, y] = [0.364 + 0.07 * at, 0.73 - 0.05 * at].map((part) => part % 1);
  return ['--point', `${at + 1}:0:${Math.round(info.width * x)},${Math.round(info.height * y)}`];
}).flat();
const child = workspace.start([
  'track',
  looped,
  '--session',
  workspace.path('m.masklet'),
  '--direction',
  'forward',
  '--json',
  ...pack,
  ...points,
]);
let seen = 0;
let at1000: number | null = null;
let highest = 0;
let rest = '';
const samples: number[] = [];
child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  const more = lines.filter((line) => line.includes('"type":"frame"')).length;
  seen += more;
  highest = highestMemory(child.pid) ?? highest;
  if (frames < 1000 && more > 0) console.log(`| ${seen} frames | ${(highest / 1024).toFixed(0)} MB |`);
  if (seen >= 1000) at1000 ??= highest;
  if (seen >= (samples.length + 1) * 1000) samples.push(highest);
});
child.stderr?.pipe(process.stderr);
const status = await new Promise((done) => child.once('close', done));
if (frames < 1000) {
  if (seen < frames) throw new Error(`only ${seen} frames were tracked (exit ${status})`);
} else {
  if (at1000 === null) throw new Error(`only ${seen} frames were tracked (exit ${status})`);
  const growth = ((highest / at1000 - 1) * 100).toFixed(1);
  console.log(`| frames | MB at frame 1,000 | MB at the end | growth |\n|---|---|---|---|`);
  console.log(`| ${seen} | ${(at1000 / 1024).toFixed(0)} | ${(highest / 1024).toFixed(0)} | ${growth} % |`);
  console.log(`highest so far, MB, every 1,000 frames: ${samples.map((kib) => (kib / 1024).toFixed(0)).join(' ')}`);
}
