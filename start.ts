/**
 * `npm start [FILES] [--offline]`: builds what is stale and opens the desktop studio. Where Electron's program or a display is missing
 * it says so in one sentence and opens the same studio in the browser.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildDesktop, desktopIsStale } from './build-desktop.ts';
import { fetchElectron } from './resources/packaging/electron-program.ts';
import { startArguments } from './src-main/hosts/electron/launch-arguments.ts';

const ROOT = import.meta.dirname;
/** A window that ends with an error so soon never came up. */
const EARLY_MILLIS = 8000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
  // A terminal tells the window itself of Ctrl-C and of its own end; told twice it would not close in order. It ends, and we after it.
  const passOn = (signal: NodeJS.Signals) => (signal === 'SIGTERM' || !process.stdin.isTTY) && window.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  return new Promise<number | null>((done) => {
    window.once('error', () => done(null));
    window.once('exit', (code, signal) => {
      const failed = code !== 0 && !SIGNALS.some((each) => each === signal);
      done(failed && performance.now() - startedAt < EARLY_MILLIS ? null : (code ?? 0));
    });
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, passOn);
  });
}

/** Resolves with the exit status, when Ctrl-C has ended it. */
async function openInBrowser(why: string): Promise<number> {
  process.stderr.write(`${why}: the same studio opens in the browser.\n`);
  const { startShell } = await import('./src-main/hosts/cli/shell.ts');
  return startShell(['serve', '--open', ...args.filter((each) => !each.startsWith('-'))]);
}

const args = startArguments(process.argv.slice(2), process.env, process.cwd());
const desktop = findDesktop();
if (desktop.kind === 'missing') process.exitCode = await openInBrowser(desktop.why);
else {
  if (desktopIsStale()) await buildDesktop();
  const status = await openWindow(desktop.program, args);
  process.exitCode = status ?? (await openInBrowser('The desktop window did not come up'));
}
