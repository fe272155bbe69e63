/**
 * node test/golden/unseen.ts --python PYTHON --family edgetam --seed 77 [--size 131x77] [--frames 12] [--keep] [--only NAME]
 *
 * A pack that nobody has seen, from a seed that is given: models/recipes makes it, plays scenarios by chance through torch, and each is then
 * done through the shell as a user would. Prints the least mask IoU of every scenario; exit status 1 when one is below 0.995.
 * `growth` is how far a relative error of 1e-6 in the features carries the reference itself: above 0.01 a difference says nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bitmapFromRle, emptyMask, maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';
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
    'memory-gain': { type: 'string', default: '1' },
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
  const video = [
    family,
    '--size',
    size,
    '--frames',
    frames,
    '--clip-seed',
    seed,
    '--memory-gain',
    values['memory-gain'],
    '--hidden',
    '128',
  ];
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

interface ConceptGolden {
  readonly phrases: readonly string[];
  readonly exemplars: readonly { readonly frame: number; readonly box: readonly number[]; readonly include: boolean }[];
  readonly margin: number;
  /** [object, frame] of every tile of masks.png. */
  readonly masks: readonly (readonly [number, number])[];
}

function conceptNames(): readonly string[] {
  const folder = join(root, pack, 'goldens/concepts');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Phrases and exemplars through the video: every mask of the reference, and no other. */
async function reportConcept(name: string): Promise<void> {
  const folder = join(root, pack, 'goldens/concepts', name);
  const golden: ConceptGolden = JSON.parse(readFileSync(join(folder, 'concept.json'), 'utf8'));
  const session = workspace.path(`${name}.masklet`);
  const out = workspace.path(name);
  const phrases = golden.phrases.flatMap((phrase) => ['--text', phrase]);
  const shown = golden.exemplars.map(({ frame, box: [x, y, right, bottom], include }) => ({
    kind: 'exemplar',
    phrase: golden.phrases[0] ?? 'this',
    frameIndex: frame,
    box: { x, y, width: right! - x!, height: bottom! - y! },
    include,
  }));
  const prompts = workspace.path(`${name}.json`);
  writeFileSync(prompts, JSON.stringify({ prompts: shown }));
  const line = [
    'track',
    join(root, 'video/frames'),
    '--pack',
    join(root, pack),
    '--policy',
    'reference',
    '--direction',
    'forward',
  ];
  const tracked = await workspace.run([
    ...line,
    '--session',
    session,
    ...phrases,
    ...(shown.length > 0 ? ['--prompts', prompts] : []),
  ]);
  if (tracked.status !== 0) throw new Error(tracked.stderr);
  const exported = await workspace.run(['export', session, '--format', 'png', '--out', out]);
  if (exported.status !== 0 && golden.masks.length > 0) throw new Error(exported.stderr);
  const { worst, least: iou } = compareConcept(golden, readMask(join(folder, 'masks.png')), out);
  const fails = iou < least;
  if (fails) failed++;
  const cells = [
    values.family,
    values.seed,
    values.size,
    name,
    golden.masks.length,
    iou.toFixed(4),
    golden.margin.toExponential(0),
    '',
  ];
  console.log(`| ${cells.join(' | ')} | ${fails ? `DIFFERS (${worst})` : 'same'} |`);
}

function compareConcept(
  { masks }: ConceptGolden,
  tiles: RleMask,
  out: string,
): { readonly worst: string; readonly least: number } {
  const [width, height] = values.size.split('x').map(Number) as [number, number];
  const bits = bitmapFromRle(tiles);
  const expected = new Map(
    masks.map(([obj, frame], row) => [
      `${obj}/${String(frame).padStart(5, '0')}.png`,
      rleFromBitmap(bits.slice(row * width * height, (row + 1) * width * height), width, height),
    ]),
  );
  const found = existsSync(out)
    ? readdirSync(out, { recursive: true })
        .map(String)
        .filter((path) => /^\d+\/\d+\.png$/.test(path))
    : [];
  let answer = { worst: '', least: 1 };
  for (const path of new Set([...expected.keys(), ...found])) {
    const mine = found.includes(path) ? readMask(join(out, path)) : emptyMask(width, height);
    const iou = maskIou(mine, expected.get(path) ?? emptyMask(width, height));
    if (iou < answer.least) answer = { worst: path, least: iou };
  }
  return answer;
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
