import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from './run-cli.ts';

const NEEDED = ['numpy', 'pycocotools', 'PIL'];
const WHEELS = ['numpy', 'pycocotools', 'pillow'];
const VENV = join(repositoryRoot, '.cache/toolkits');

/**
 * A Python that has the field's readers: MASKLET_PYTHON, the system's, or a virtual environment of our own, made when pip gives
 * the wheels at once (CI, or MASKLET_TOOLKITS=1). null, with a reason: there is none.
 */
export function toolkitPython(): { readonly python: string | null; readonly reason: string } {
  const own = process.platform === 'win32' ? join(VENV, 'Scripts/python.exe') : join(VENV, 'bin/python');
  const candidates = [process.env.MASKLET_PYTHON, 'python3', existsSync(own) ? own : undefined];
  for (const python of candidates) if (python !== undefined && hasToolkits(python)) return { python, reason: '' };
  if (process.env.CI !== 'true' && process.env.MASKLET_TOOLKITS !== '1') {
    return {
      python: null,
      reason: `no Python with ${NEEDED.join(', ')} (set MASKLET_PYTHON, or MASKLET_TOOLKITS=1 to make one)`,
    };
  }
  try {
    mkdirSync(dirname(VENV), { recursive: true });
    execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'ignore', timeout: 60_000 });
    const install = [
      '-m',
      'pip',
      'install',
      '-q',
      '--retries',
      '0',
      '--timeout',
      '5',
      '--only-binary=:all:',
      ...WHEELS,
    ];
    execFileSync(own, install, { stdio: 'ignore', timeout: 120_000 });
  } catch {
    return { python: null, reason: 'the wheels of the reference toolkits are not at hand' };
  }
  return hasToolkits(own)
    ? { python: own, reason: '' }
    : { python: null, reason: 'the reference toolkits do not load' };
}

function hasToolkits(python: string): boolean {
  return spawnSync(python, ['-c', `import ${NEEDED.join(', ')}`], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}
