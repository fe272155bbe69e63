/** `npm run check`: format, lint, types, layers, sizes, unit and contract tests. Stops at the first failure. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ['format and lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['types of the page', 'tsc', ['--noEmit', '-p', 'src-renderer/tsconfig.json']],
  ['types of its tests', 'tsc', ['--noEmit', '-p', 'test/tsconfig.page.json']],
  ['layers', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'src-shared', 'src-main', 'src-renderer']],
  ['sizes', 'node', ['test/support/sizes.ts']],
  ['unit and contract tests', 'vitest', ['run', '--project', 'unit', '--project', 'contract', '--reporter', 'dot']],
];

const started = performance.now();
for (const [label, command, args] of steps) {
  const before = performance.now();
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const secs = ((performance.now() - before) / 1000).toFixed(1);
  if (result.status !== 0) {
    console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    console.error(`check: ${label} failed after ${secs} s`);
    process.exit(1);
  }
  console.log(`check: ${label} ok (${secs} s)`);
  if (command === 'vitest')
    console.log(
      result.stdout
        .split('\n')
        .filter((line) => /Tests|Test Files/.test(line))
        .join('\n'),
    );
}
console.log(`check: all ok in ${((performance.now() - started) / 1000).toFixed(1)} s`);
