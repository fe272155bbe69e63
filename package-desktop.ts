/**
 * `npm run package [-- [--electron-dist PLACE] [FORMAT...]]`: makes the packages of this system in release/ and prints their sizes.
 * Without formats those of electron-builder.yml; `dir` stops at the unpacked folder. PLACE is an Electron distribution, a folder or
 * its zip, for machines that cannot fetch one.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDesktop, desktopIsStale } from './build-desktop.ts';
import { ELECTRON_DIST, fetchElectron } from './resources/packaging/electron-program.ts';
import { makeSbom } from './resources/packaging/make-sbom.ts';
import { printSizes } from './resources/packaging/print-sizes.ts';
import { stageNative } from './stage-native.ts';

const ROOT = import.meta.dirname;
const requireHere = createRequire(import.meta.url);
const FORMATS = { linux: 'linux', darwin: 'mac', win32: 'win' } as const;

export interface PackageWish {
  /** An Electron distribution: a folder, or its zip. */
  readonly electronDist: string;
  readonly output: string;
  /** As electron-builder names them; empty: those of electron-builder.yml. */
  readonly formats: readonly string[];
}

/** Builds what is stale, gathers what belongs to a package of this system, and packs it. */
export async function packageDesktop({ electronDist, output, formats }: PackageWish): Promise<void> {
  const { build } = requireHere('electron-builder') as { build(options: object): Promise<readonly string[]> };
  if (desktopIsStale()) await buildDesktop();
  stageNative(join(ROOT, `dist/native/${process.platform}-${process.arch}`));
  makeSbom();
  await build({
    projectDir: ROOT,
    [FORMATS[process.platform as keyof typeof FORMATS]]: [...formats],
    [process.arch]: true,
    publish: 'never',
    config: { electronDist, directories: { output } },
  });
}

async function main(): Promise<number> {
  const { values, positionals: formats } = parseArgs({
    options: { 'electron-dist': { type: 'string' } },
    allowPositionals: true,
  });
  const wished = values['electron-dist'];
  const electronDist = wished === undefined ? fetchElectron() && ELECTRON_DIST : resolve(wished);
  if (electronDist === null) {
    process.stderr.write(`${cannotFetch()}\n`);
    return 1;
  }
  const output = join(ROOT, 'release');
  try {
    await packageDesktop({ electronDist, output, formats });
    return 0;
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(
      `A package could not be made (${why}). What was finished is in release/. Each format has tools that electron-builder fetches once, from github.com; "npm run package -- dir" needs none.\n`,
    );
    return 1;
  } finally {
    printSizes(output);
  }
}

function cannotFetch(): string {
  const manifest = readFileSync(join(ROOT, 'node_modules/electron/package.json'), 'utf8');
  const name = `electron-v${(JSON.parse(manifest) as { version: string }).version}-${process.platform}-${process.arch}.zip`;
  return `Electron could not be fetched, so there is nothing to pack the studio into: run this where github.com is within reach, or bring ${name} and run "npm run package -- --electron-dist PLACE".`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
