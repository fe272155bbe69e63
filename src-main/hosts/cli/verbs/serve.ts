import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { appPaths } from '../../../core/studio/index.ts';
import { builtPageFolder, StudioServer } from '../../server/studio-server.ts';
import { EXIT_OK } from '../exit-status.ts';
import type { VerbContext } from '../verb-context.ts';

export interface ServeFlags {
  readonly port: string;
  readonly address: string;
  readonly open?: boolean;
}

const PACKAGE = new URL('../../../../', import.meta.url);
const SAMPLE_CLIP = fileURLToPath(new URL('resources/sample/tumble.mp4', PACKAGE));

/** `serve [FILES]`: the studio in a browser, until Ctrl-C. An address carries the key, and what is to be opened: each file has one. */
export async function runServe(context: VerbContext, files: readonly string[], flags: ServeFlags): Promise<number> {
  const port = Number(flags.port);
  if (!/^\d+$/.test(flags.port) || port > 65_535) {
    throw new StudioError('usage', 'user', `--port "${flags.port}" is not a port; give a number from 0 to 65535.`);
  }
  // Node listens on every address of the machine when it is given none.
  if (flags.address.trim() === '') {
    throw new StudioError('usage', 'user', '--address is empty; leave it out to listen on this machine only.');
  }
  await bringPageUpToDate();
  await using server = await StudioServer.start({
    handlers: context.handlers,
    pageFolder: builtPageFolder(),
    uploadFolder: join(appPaths().cache, 'dropped'),
    samplePath: existsSync(SAMPLE_CLIP) ? SAMPLE_CLIP : null,
    address: flags.address,
    port,
  });
  const urls = addressesOf(server.url, files);
  for (const url of urls) context.output.result(url, { type: 'serving', url });
  context.output.say(
    'The studio is at this address until you press Ctrl-C. Keep the address to yourself: it is the key.',
  );
  if (flags.open === true) for (const url of urls) openInBrowser(url);
  if (!context.signal.aborted) await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
  return EXIT_OK;
}

/** Where a browser finds each file on the desk; the studio itself when there is none. */
export function addressesOf(url: string, files: readonly string[]): readonly string[] {
  return files.length === 0 ? [url] : files.map((file) => `${url}#open=${encodeURIComponent(resolve(file))}`);
}

/** From the sources the page is built when it is missing or older than they are; a packaged studio brings it built. */
async function bringPageUpToDate(): Promise<void> {
  const script = new URL('build-page.ts', PACKAGE);
  if (existsSync(script)) {
    const { buildPage, pageIsStale } = (await import(pathToFileURL(fileURLToPath(script)).href)) as PageBuilder;
    if (pageIsStale()) await buildPage();
  }
  if (!existsSync(join(builtPageFolder(), 'index.html'))) {
    throw new StudioError(
      'file-missing',
      'environment',
      'The page of the studio is not built; run "npm run build:page".',
    );
  }
}

interface PageBuilder {
  buildPage(): Promise<void>;
  pageIsStale(): boolean;
}

/** Best effort: the address is printed anyway. */
function openInBrowser(url: string): void {
  const [command, args] =
    process.platform === 'win32'
      ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', [url]];
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
