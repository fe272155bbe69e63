import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ELECTRON = join(resolve(import.meta.dirname, '../..'), 'node_modules/electron');
const FETCH_MILLIS = 10 * 60_000;
/** Where Electron's own installer unpacks it. */
export const ELECTRON_DIST = join(ELECTRON, 'dist');

/** Electron's program, as its own installer left it; null: it never came. */
export function electronProgram(): string | null {
  try {
    const program = join(ELECTRON_DIST, readFileSync(join(ELECTRON, 'path.txt'), 'utf8'));
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

/** The same, fetched when it is not here yet; null: it cannot be had. */
export function fetchElectron(): string | null {
  const here = electronProgram();
  const installer = join(ELECTRON, 'install.js');
  if (here !== null || !existsSync(installer)) return here;
  process.stderr.write('Fetching Electron, once…\n');
  spawnSync(process.execPath, [installer], { stdio: 'ignore', timeout: FETCH_MILLIS });
  return electronProgram();
}
