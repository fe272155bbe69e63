#!/usr/bin/env node
// Runs the TypeScript entry with Node 24: this one if it is new enough, else the copy that npm installed beside us.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledNode } from './bundled-node.js';

const isRecent = Number(process.versions.node.split('.')[0]) >= 24;
const runtime = isRecent ? process.execPath : bundledNode(import.meta.url, process.platform);
if (runtime === null) {
  process.stderr.write(
    'masklet: Node.js 24 is needed; run "npm ci" in the Masklet Studio folder or install Node.js 24. [usage]\n',
  );
  process.exit(2);
}
const entry = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
const child = spawn(runtime, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
/** @type {NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// Who signals us means the program. On Windows the console tells it itself, and passing on would be killing.
const passOn = (/** @type {NodeJS.Signals} */ signal) => process.platform !== 'win32' && child.kill(signal);
for (const signal of signals) process.on(signal, passOn);
child.once('error', (error) => {
  process.stderr.write(`masklet: ${runtime} cannot be started (${error.message}); run "npm ci" again. [internal]\n`);
  process.exitCode = 1;
});
child.once('exit', (status, signal) => {
  for (const each of signals) process.off(each, passOn);
  if (signal === null) process.exitCode = status ?? 1;
  else process.kill(process.pid, signal);
});
