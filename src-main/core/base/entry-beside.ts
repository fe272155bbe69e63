import { extname } from 'node:path';

/** The file of a thread or process that lies beside a module: `.ts` beside sources, `.mjs` beside bundles. */
export function entryBeside(moduleUrl: string, name: string): URL {
  return new URL(`./${name}${extname(moduleUrl)}`, moduleUrl);
}
