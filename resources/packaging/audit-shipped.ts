/**
 * `node resources/packaging/audit-shipped.ts`: asks the registry what is known about the packages that a built studio ships, Electron and
 * the page's among them, which `npm audit --omit=dev` leaves out. Exit status 1: something of high or critical severity, or no answer.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const SERIOUS = ['high', 'critical'];

interface Answer {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly nodes: readonly string[]; readonly range: string }>
  >;
}

/** Lines about shipped packages; null: the registry did not answer. */
function findings(): string[] | null {
  const { stdout } = spawnSync('npm', ['audit', '--json', '--package-lock-only'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
    shell: process.platform === 'win32',
  });
  const { vulnerabilities } = (stdout.trim() === '' ? {} : JSON.parse(stdout)) as Answer;
  if (vulnerabilities === undefined) return null;
  const folders = JSON.parse(readFileSync(join(ROOT, 'dist/desktop-packages.json'), 'utf8')) as string[];
  const shipped = new Set(folders.map((folder) => `node_modules/${folder}`));
  return Object.entries(vulnerabilities)
    .filter(([, { severity, nodes }]) => SERIOUS.includes(severity) && nodes.some((node) => shipped.has(node)))
    .map(([name, { severity, range }]) => `${name} ${range}: ${severity}`);
}

const found = findings();
if (found === null) process.stdout.write('The registry did not say what it knows about the shipped packages.\n');
else process.stdout.write(found.length === 0 ? 'Nothing serious is known.\n' : `${found.join('\n')}\n`);
process.exitCode = found?.length === 0 ? 0 : 1;
