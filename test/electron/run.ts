/** `node test/electron/run.ts APP_FOLDER [ARGUMENTS]`: runs the main process of an app under Node, with the stand-in for Electron. */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const standIn = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, format: 'module', shortCircuit: true } : next(specifier, context),
});

// What About says. The engine's process is Node's own, and knows nothing of it.
for (const name of ['electron', 'chrome']) Object.defineProperty(process.versions, name, { value: 'stand-in' });

const folder = resolve(process.argv[2]);
process.argv = [process.argv[0], folder, ...process.argv.slice(3)];
const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main: string };
createRequire(import.meta.url)(join(folder, main));
