/**
 * J&F on DAVIS-2016 sequences, through the product's own command line:
 *
 *   node test/bench/davis.ts [--pack ID] [--root FOLDER] [--out FILE.md] [--sequences a,b] [--device NAME] [--policy NAME]
 *   node test/bench/davis.ts --masks DIR      scores DIR/SEQUENCE/00000.png or DIR/SEQUENCE/1/00000.png
 *   node test/bench/davis.ts --still          scores the first mask, never moved: the floor
 *
 * The first annotation is the mask prompt on frame 0; first and last frame do not count. Not a test: it needs minutes and a pack.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import {
  type DavisRow,
  type DavisSequence,
  davisTable,
  folderPrediction,
  listSequences,
  scoreDavisSequence,
  stillPrediction,
} from './davis-score.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const { values: flags } = parseArgs({
  options: {
    root: { type: 'string', default: path.join(repository, '../shared/media/davis2016') },
    pack: { type: 'string' },
    device: { type: 'string' },
    policy: { type: 'string' },
    memory: { type: 'string' },
    sequences: { type: 'string' },
    masks: { type: 'string' },
    still: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const wanted = flags.sequences?.split(',');
const sequences = listSequences(flags.root).filter(({ name }) => wanted === undefined || wanted.includes(name));
if (sequences.length === 0) throw new Error(`No such sequence: ${flags.sequences}.`);

const rows: DavisRow[] = [];
for (const sequence of sequences) {
  const row = scoreOne(sequence);
  rows.push(row);
  const jf = row.score.mean === null ? 'no object' : (row.score.mean.jf * 100).toFixed(1);
  console.error(`${sequence.name}: J&F ${jf}`);
}
const source = flags.still ? 'first mask, never moved' : (flags.masks ?? `pack ${flags.pack ?? '(built-in)'}`);
const report = `DAVIS-2016 480p, ${source}; first and last frame skipped.\n\n${davisTable(rows)}`;
console.log(report);
if (flags.out !== undefined) writeFileSync(flags.out, report);

function scoreOne(sequence: DavisSequence): DavisRow {
  const frames = sequence.annotations.length;
  if (flags.still || flags.masks !== undefined) {
    const predict = flags.still
      ? stillPrediction(sequence)
      : folderPrediction(path.join(flags.masks ?? '', sequence.name));
    return { name: sequence.name, frames, score: scoreDavisSequence(sequence, predict), trackSecs: null };
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'masklet-davis-'));
  try {
    const trackSecs = trackAndExport(sequence, folder);
    const score = scoreDavisSequence(sequence, folderPrediction(path.join(folder, 'masks')));
    return { name: sequence.name, frames, score, trackSecs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the seconds that tracking took, start of the process included. */
function trackAndExport(sequence: DavisSequence, folder: string): number {
  const session = path.join(folder, 'davis.masklet');
  const optional = (['pack', 'device', 'policy', 'memory'] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const started = performance.now();
  const prompt = ['--mask', `1:0:${sequence.annotations[0]}`];
  masklet(['track', sequence.imageFolder, '--session', session, ...prompt, ...optional, '--json']);
  const trackSecs = (performance.now() - started) / 1000;
  masklet(['export', session, '--format', 'png', '--out', path.join(folder, 'masks')]);
  return trackSecs;
}

function masklet(args: readonly string[]): void {
  const command = [path.join(repository, 'src-main/hosts/cli/main.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  throw new Error(`masklet ${args.join(' ')} ended with ${status}.\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`);
}
