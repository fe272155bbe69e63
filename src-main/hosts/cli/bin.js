#!/usr/bin/env node
// Runs the TypeScript entry with Node 24: this one if it is new enough, else the copy that npm installed beside us.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const bundled = join(here, '../../../node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const recent = Number(process.versions.node.split('.')[0]) >= 24;
const runtime = recent ? process.execPath : bundled;
if (!existsSync(runtime)) {
  process.stderr.write(
    'masklet: Node.js 24 is needed; run "npm ci" in the Masklet Studio folder or install Node.js 24. [usage]\n',
  );
  process.exit(2);
}
const result = spawnSync(runtime, [join(here, 'main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(result.status ?? 1);
