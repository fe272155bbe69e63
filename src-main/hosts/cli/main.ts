import { enableCompileCache } from 'node:module';

// What Node compiled is kept from one command to the next, for our threads and children too: a command starts in half the time.
const { directory } = enableCompileCache();
if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;
const { startShell } = await import('./shell.ts');
process.exitCode = await startShell(process.argv.slice(2));
