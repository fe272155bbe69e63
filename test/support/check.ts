/**
 * `npm run check`: format, lint, types, layers, sizes, unit and contract tests, in two lanes that run side by side. Every failure
 * is printed; the exit status is 1 when there is any.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

interface Step {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Type checks keep what they found out beside the installed packages: the next one looks only at what changed. */
const types = (label: string, project: string, memory: string): Step => ({
  label,
  command: 'tsc',
  args: ['-p', project, '--noEmit', '--incremental', '--tsBuildInfoFile', `node_modules/.cache/${memory}.tsbuildinfo`],
});

const lanes: readonly (readonly Step[])[] = [
  [
    { label: 'format and lint', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
    types('types', 'tsconfig.json', 'types'),
    types('types of the page', 'src-renderer/tsconfig.json', 'types-page'),
    types('types of its tests', 'test/tsconfig.page.json', 'types-page-tests'),
    { label: 'sizes', command: 'node', args: ['test/support/sizes.ts'] },
  ],
  [
    {
      label: 'layers',
      command: 'depcruise',
      args: ['--config', '.dependency-cruiser.cjs', 'src-shared', 'src-main', 'src-renderer'],
    },
    {
      label: 'unit and contract tests',
      command: 'vitest',
      args: ['run', '--project', 'unit', '--project', 'contract', '--reporter', 'dot'],
    },
  ],
];

/** Runs one step; true when it passed. Its output is shown when it failed, and the counts when it counted tests. */
async function pass({ label, command, args }: Step): Promise<boolean> {
  const before = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  const status = await new Promise<number | null>((done) => {
    child.once('error', () => done(null));
    child.once('close', done);
  });
  const secs = ((performance.now() - before) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`${output}\ncheck: ${label} failed after ${secs} s`);
    return false;
  }
  const counts = output.split('\n').filter((line) => /Tests |Test Files /.test(line));
  console.log([`check: ${label} ok (${secs} s)`, ...counts].join('\n'));
  return true;
}

/** The steps of a lane in turn; later ones run even when one failed, so that one look shows everything. */
async function passAll(lane: readonly Step[]): Promise<boolean> {
  let passed = true;
  for (const step of lane) passed = (await pass(step)) && passed;
  return passed;
}

/** Pinned packages that are not installed as package.json says. Without this their absence reads like type errors in our code. */
function staleInstalls(): string[] {
  const root = join(import.meta.dirname, '../..');
  const manifest = (...folder: string[]) => JSON.parse(readFileSync(join(root, ...folder, 'package.json'), 'utf8'));
  const { dependencies, devDependencies } = manifest() as Record<string, Record<string, string>>;
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name, wanted]) => {
      const installed = existsSync(join(root, 'node_modules', name, 'package.json'));
      return !installed || manifest('node_modules', name).version !== wanted;
    })
    .map(([name, wanted]) => `${name} ${wanted}`);
}

const stale = staleInstalls();
if (stale.length > 0) {
  console.error(
    `check: ${stale.join(', ')} not installed as package.json says; nothing was checked. Run "npm ci" first.`,
  );
  process.exit(1);
}
const started = performance.now();
const passed = (await Promise.all(lanes.map(passAll))).every(Boolean);
const secs = ((performance.now() - started) / 1000).toFixed(1);
console.log(passed ? `check: all ok in ${secs} s` : `check: failed, in ${secs} s`);
process.exitCode = passed ? 0 : 1;
