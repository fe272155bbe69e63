/**
 * node test/golden/unseen.ts --python PYTHON --family edgetam --seed 77 [--size 131x77] [--frames 12] [--keep] [--only NAME]
 *
 * A pack that nobody has seen, from a seed that is given: models/recipes makes it, plays scenarios by chance through torch, and each is then
 * done through the shell as a user would. Prints the least mask IoU of every scenario; exit status 1 when one is below 0.995.
 * `growth` is how far a relative error of 1e-6 in the features carries the reference itself: above 0.01 a difference says nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { maskIou } from '../../src-shared/mask/rle.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';
import { replayConceptThroughShell } from './cli-concepts.ts';
import { replayThroughShell } from './cli-trajectories.ts';
import { readMask, type Still } from './still-fixtures.ts';
import { readTrajectory, type Trajectory, trajectoryNames } from './trajectory-fixtures.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    family: { type: 'string', default: 'sam2.1' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '131x77' },
    frames: { type: 'string', default: '12' },
    /** A folder of packs with goldens that is there already, instead of making one. */
    root: { type: 'string' },
    pack: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const least = 0.995;
/** Differences of a reference that amplifies rounding this much mean nothing. */
const mostGrowth = 0.01;

const workspace = new Workspace('unseen');
const root = values.root ?? workspace.path('made');
const pack = values.pack ?? 'pack';
if (values.root === undefined) make();
let failed = 0;
if (values.family === 'sam1') for (const still of readStills(join(root, pack))) await reportStill(still);
for (const name of trajectoryNames(pack, root)) {
  if (values.only !== undefined && name !== values.only) continue;
  await report(name);
}
for (const name of conceptNames()) if (values.only === undefined || name === values.only) await reportConcept(name);
if (!values.keep) workspace[Symbol.dispose]();
else console.log(`kept in ${root}`);
process.exitCode = failed > 0 ? 1 : 0;

function make(): void {
  const { family, seed, size, frames, python } = values;
  const stills = family === 'sam1';
  const script = join(repositoryRoot, 'models/recipes', stills ? 'stills.py' : 'goldens.py');
  const video = [family, '--size', size, '--frames', frames, '--clip-seed', seed, '--hidden', '128'];
  const given = [...(stills ? ['--picture-seed', seed] : video), '--unseen', '--seed', seed];
  const made = spawnSync(python, [script, ...given, '--out', join(root, pack)], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr || made.stdout);
}

async function report(name: string): Promise<void> {
  const trajectory = readTrajectory(pack, name, root);
  const { frames, minMaskIou, worst } = await replayThroughShell(
    workspace,
    trajectory,
    join(root, pack),
    root,
    flags(trajectory),
  );
  const { margin = 1, growth = 0 } = trajectory as { margin?: number; growth?: number };
  const fails = minMaskIou < least;
  const chaotic = fails && growth > mostGrowth;
  if (fails && !chaotic) failed++;
  const verdict = chaotic ? 'not comparable' : fails ? `DIFFERS (${worst})` : 'same';
  const cells = [
    values.family,
    values.seed,
    values.size,
    name,
    frames,
    minMaskIou.toFixed(4),
    margin.toExponential(0),
    growth.toExponential(0),
  ];
  console.log(`| ${cells.join(' | ')} | ${verdict} |`);
}

function conceptNames(): readonly string[] {
  const folder = join(root, pack, 'goldens/concepts');
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.includes('.')) : [];
}

async function reportConcept(name: string): Promise<void> {
  const folder = join(root, pack, 'goldens/concepts', name);
  const place = { pack: join(root, pack), frames: join(root, 'video/frames') };
  const { masks, margin, minMaskIou, worst } = await replayConceptThroughShell(workspace, folder, place);
  const fails = minMaskIou < least;
  if (fails) failed++;
  const cells = [
    values.family,
    values.seed,
    values.size,
    name,
    masks,
    minMaskIou.toFixed(4),
    margin.toExponential(0),
    '',
  ];
  console.log(`| ${cells.join(' | ')} | ${fails ? `DIFFERS (${worst})` : 'same'} |`);
}

function flags({ settings }: Trajectory): (line: readonly string[]) => readonly string[] {
  return (line) => (settings.memorySelection ? [...line, '--memory', 'selective'] : line);
}

/** Every round is a call of its own: the later one corrects the answer to the earlier. */
async function reportStill({ picture, mask, rounds }: Still): Promise<void> {
  const folder = join(root, pack, 'goldens/stills');
  const out = workspace.path(`${mask}-ours.png`);
  const kept = rounds.length > 1 ? ['--session', workspace.path(`${mask}.masklet`)] : [];
  for (const { points, box } of rounds) {
    const [x0, y0, x1, y1] = box ?? [0, 0, 0, 0];
    const prompts = [
      ...(box === null ? [] : ['--box', `${x0},${y0},${x1 - x0},${y1 - y0}`]),
      ...points.flatMap(([x, y, label]) => ['--point', `${x},${y}${label === 1 ? '' : ',-'}`]),
    ];
    const line = ['segment', join(folder, picture), '--pack', join(root, pack), ...prompts, ...kept];
    const result = await workspace.run([...line, '--out', out, '--overwrite']);
    if (result.status !== 0) throw new Error(result.stderr);
  }
  const iou = maskIou(readMask(out), readMask(join(folder, mask)));
  if (iou < least) failed++;
  console.log(`| sam1 | ${values.seed} | ${mask} | ${iou.toFixed(4)} | ${iou < least ? 'DIFFERS' : 'same'} |`);
}

function readStills(folder: string): readonly Still[] {
  return JSON.parse(readFileSync(join(folder, 'goldens/stills/stills.json'), 'utf8'));
}
