/**
 * Bundles the desktop studio into dist/desktop, which is a whole app folder: `electron dist/desktop` runs it, electron-builder packs
 * it. `node build-desktop.ts` builds when a source is newer than the result, `--force` always.
 */
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { buildPage, PAGE_PACKAGES, pageIsStale } from './build-page.ts';
import { bundledPackages } from './resources/packaging/bundled-packages.ts';
import { noticesOf } from './resources/packaging/notices-of.ts';
import { nativePackages } from './stage-native.ts';

const ROOT = import.meta.dirname;
const TARGET = join(ROOT, 'dist/desktop');
const PAGE = join(ROOT, 'dist/page');
const STAMP = join(TARGET, 'package.json');
/** Names of all npm packages of which a package contains something. */
export const DESKTOP_PACKAGES = join(ROOT, 'dist/desktop-packages.json');
const SOURCES = ['src-main/**/*.ts', 'src-shared/**/*.ts', 'models/pebble/**/*', 'resources/sample/tumble.mp4'];

/** Packages that hold native code or programs: they are installed beside the bundles, never inside. */
export const NATIVE_PACKAGES = [
  'better-sqlite3',
  'onnxruntime-node',
  '@ffmpeg-installer/ffmpeg',
  '@ffprobe-installer/ffprobe',
  'ffmpeg-static',
] as const;

interface Entry {
  readonly source: string;
  readonly format: 'cjs' | 'esm';
}

/** The main process is CommonJS, because what it says before `ready` must be said while it is loaded; a sandboxed preload must be. */
function entries(): readonly Entry[] {
  const workers = globSync('src-main/workers/*-worker.ts', { cwd: ROOT });
  return [
    { source: 'src-main/hosts/electron/main.ts', format: 'cjs' },
    { source: 'src-main/hosts/electron/preload.ts', format: 'cjs' },
    { source: 'src-main/hosts/electron/engine-entry.ts', format: 'esm' },
    { source: 'src-main/core/models/runtime/provider-probe.ts', format: 'esm' },
    ...workers.map((source): Entry => ({ source: source.replaceAll('\\', '/'), format: 'esm' })),
  ];
}

export function desktopIsStale(): boolean {
  if (!existsSync(STAMP) || pageIsStale()) return true;
  const builtAt = statSync(STAMP).mtimeMs;
  const files = [...SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })), 'build-desktop.ts', 'package.json'];
  return [...files.map((file) => join(ROOT, file)), join(PAGE, 'index.html')].some(
    (file) => statSync(file).mtimeMs > builtAt,
  );
}

/** Builds beside the old app, then takes its place. */
export async function buildDesktop(): Promise<void> {
  if (pageIsStale()) await buildPage();
  const draft = `${TARGET}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const bundled = await Promise.all(entries().map((entry) => bundle(entry, draft)));
  cpSync(PAGE, join(draft, 'dist/page'), { recursive: true });
  for (const kept of ['models/pebble', 'resources/sample/tumble.mp4', 'LICENSE'])
    cpSync(join(ROOT, kept), join(draft, kept), { recursive: true });
  const inPage = JSON.parse(readFileSync(PAGE_PACKAGES, 'utf8')) as string[];
  const shipped = [...new Set([...bundled.flat(), ...inPage, ...nativePackages().keys(), 'electron'])].sort();
  writeFileSync(join(draft, 'NOTICES.txt'), noticesOf(ROOT, shipped));
  writeFileSync(DESKTOP_PACKAGES, JSON.stringify(shipped));
  writeFileSync(join(draft, 'package.json'), `${JSON.stringify(appManifest(), null, 2)}\n`);
  rmSync(TARGET, { recursive: true, force: true });
  renameSync(draft, TARGET);
}

/** What a packed app says about itself. It names no dependencies: electron-builder has nothing to collect. */
function appManifest(): object {
  const manifest = readManifest();
  const { name, version, description, license, author, homepage } = manifest;
  return {
    name,
    productName: 'Masklet Studio',
    version,
    description,
    license,
    author,
    homepage,
    main: 'src-main/hosts/electron/main.cjs',
    // Linux knows a window, its icon and its progress by this name.
    desktopName: 'masklet-studio.desktop',
  };
}

async function bundle({ source, format }: Entry, folder: string): Promise<readonly string[]> {
  const outfile = join(folder, source.replace(/\.ts$/, format === 'esm' ? '.mjs' : '.cjs'));
  const isPreload = source.endsWith('/preload.ts');
  const { metafile } = await build({
    entryPoints: [join(ROOT, source)],
    metafile: true,
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    platform: isPreload ? 'browser' : 'node',
    target: ['node24'],
    format,
    external: ['electron', ...NATIVE_PACKAGES],
    // Names stay readable in a stack trace; there is no source map to leak sources.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    banner: isPreload ? {} : { js: format === 'esm' ? ESM_PLACES : CJS_PLACES },
    plugins: [ownPlaces(source), onlyTheVersion, withoutSideEffects],
    logLevel: 'warning',
  });
  return bundledPackages(metafile);
}

const CJS_PLACES =
  'const __place=(path)=>new URL(path,require("node:url").pathToFileURL(__filename)).href,__folder=(path)=>require("node:url").fileURLToPath(__place(path));';
const ESM_PLACES = [
  'import{createRequire as __createRequire}from"node:module";import{fileURLToPath as __toPath}from"node:url";',
  'const require=__createRequire(import.meta.url),__filename=__toPath(import.meta.url),__dirname=__toPath(new URL(".",import.meta.url)),__place=(path)=>new URL(path,import.meta.url).href,__folder=(path)=>__toPath(__place(path));',
].join('');

/** A bundled module goes on finding its neighbours where its source had them: the app folder has the layout of the repository. */
function ownPlaces(entry: string): Plugin {
  return {
    name: 'own-places',
    setup: ({ onLoad }) =>
      onLoad({ filter: /src-main[\\/].*\.ts$/ }, ({ path }) => {
        const there = relative(join(ROOT, dirname(entry)), path)
          .replaceAll('\\', '/')
          .replace(/\.ts$/, '.mjs');
        const contents = readFileSync(path, 'utf8')
          .replaceAll('import.meta.url', `__place(${JSON.stringify(there)})`)
          .replaceAll('import.meta.dirname', `__folder(${JSON.stringify(`${dirname(there)}/`)})`);
        return { contents, loader: 'ts' };
      }),
  };
}

/** Of our manifest only the version is anybody's business. */
const onlyTheVersion: Plugin = {
  name: 'only-the-version',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) =>
      path === join(ROOT, 'package.json')
        ? { contents: JSON.stringify({ version: readManifest().version }), loader: 'json' }
        : null,
    ),
};

/** Our modules do nothing when they are loaded: what an entry does not use is left out of it, native packages included. */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir, importer }) =>
      importer.includes('node_modules') ? null : { path: join(resolveDir, path), sideEffects: false },
    ),
};

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly author?: unknown;
  readonly homepage?: string;
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--force') || desktopIsStale()) {
    const startedAt = performance.now();
    await buildDesktop();
    process.stderr.write(`Built the desktop studio in ${Math.round(performance.now() - startedAt)} ms.\n`);
  }
}
