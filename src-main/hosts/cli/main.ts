import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';

// What Node compiled is kept from one command to the next, for our threads and children too: a command starts in half the time.
// Node would make a temporary folder that is missing, and where the system has no place for one it would try for ever.
if (existsSync(tmpdir())) {
  const { directory } = enableCompileCache();
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;
}
const { startShell } = await import('./shell.ts');
process.exitCode = await startShell(process.argv.slice(2));
