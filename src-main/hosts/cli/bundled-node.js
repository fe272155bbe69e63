import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The program inside the npm package `node` that `from` (a file URL) would load; null: there is none. Not its entry in `.bin`: on Windows that
 * is a script, which Node does not start without a shell, and `bin/node` beside the program is empty.
 *
 * @param {string} from
 * @param {NodeJS.Platform} platform
 * @returns {string | null}
 */
export function bundledNode(from, platform) {
  let folder;
  try {
    folder = dirname(createRequire(from).resolve('node/package.json'));
  } catch {
    return null;
  }
  // Its install links the program of a package of the system, which lies inside it or beside it.
  const places = [folder];
  for (const modules of [join(folder, 'node_modules'), dirname(folder)]) {
    if (!existsSync(modules)) continue;
    for (const name of readdirSync(modules))
      if (/^node-(bin-)?(win|linux|darwin)-/.test(name)) places.push(join(modules, name));
  }
  const program = platform === 'win32' ? 'node.exe' : 'node';
  return places.map((place) => join(place, 'bin', program)).find((path) => existsSync(path)) ?? null;
}
