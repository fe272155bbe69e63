/**
 * `npm start [FILES] [--offline]`: builds what is stale and opens the desktop studio. Where Electron's program or a display is missing
 * it says so in one sentence and opens the same studio in the browser.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { buildDesktop, desktopIsStale } from './build-desktop.ts';
import { fetchElectron } from './resources/packaging/electron-program.ts';

const ROOT = import.meta.dirname;
/** A window that ends with an error so soon never came up. */
const EARLY_MILLIS = 8000;

type Desktop =
  | { readonly kind: 'ready'; readonly program: string }
  | { readonly kind: 'missing'; readonly why: string };

function findDesktop(): Desktop {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { kind: 'missing', why: 'There is no display for the desktop window' };
  const program = fetchElectron();
  if (program !== null) return { kind: 'ready', program };
  return { kind: 'missing', why: 'Electron, which shows the desktop window, could not be fetched' };
}

/** Resolves with the exit status; null when the window never came up. */
function openWindow(program: string, args: readonly string[]): Promise<number | null> {
  const startedAt = performance.now();
  const env = { ...process.env };
  // Set by editors that are Electron themselves; it would make ours a Node.
  delete env.ELECTRON_RUN_AS_NODE;
  const window = spawn(program, [join(ROOT, 'dist/desktop'), ...args], { stdio: 'inherit', env });
  return new Promise((done) => {
    window.once('error', () => done(null));
    window.once('exit', (code, signal) => {
      const failed = code !== 0 && signal !== 'SIGINT' && signal !== 'SIGTERM';
      done(failed && performance.now() - startedAt < EARLY_MILLIS ? null : (code ?? 0));
    });
  });
}

function openInBrowser(why: string): number {
  process.stderr.write(`${why}: the same studio opens in the browser.\n`);
  const file = args.find((each) => !each.startsWith('-'));
  const serve = [join(ROOT, 'src-main/hosts/cli/main.ts'), 'serve', '--open', ...(file === undefined ? [] : [file])];
  return spawnSync(process.execPath, serve, { stdio: 'inherit' }).status ?? 0;
}

/** Paths are meant from where the person stands; npm starts us in our own folder. */
const from = process.env.INIT_CWD ?? process.cwd();
const args = process.argv.slice(2).map((each) => (each.startsWith('-') ? each : resolve(from, each)));
// Ctrl-C is for what we started: it ends by itself, and we after it.
process.on('SIGINT', () => {});

const desktop = findDesktop();
if (desktop.kind === 'missing') process.exitCode = openInBrowser(desktop.why);
else {
  if (desktopIsStale()) await buildDesktop();
  const status = await openWindow(desktop.program, args);
  process.exitCode = status ?? openInBrowser('The desktop window did not come up');
}
