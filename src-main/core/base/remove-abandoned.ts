import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Removes the unfinished siblings of a file or folder whose process is gone: everything beside `target` named
 * `.NAME` + what `suffix` matches, whose first group is the process id. Never throws: what cannot be removed stays.
 */
export async function removeAbandoned(target: string, suffix: RegExp): Promise<void> {
  const parent = dirname(target);
  const prefix = `.${basename(target)}`;
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const pid = suffix.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
