/** Bundles the studio's page into dist/page: `node build-page.ts` builds when a source is newer than the result, `--force` always. */
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { bundledPackages } from './resources/packaging/bundled-packages.ts';

const ROOT = import.meta.dirname;
const TARGET = join(ROOT, 'dist/page');
const STAMP = join(TARGET, 'index.html');
/** Names of the npm packages that the page contains, for the notices. */
export const PAGE_PACKAGES = join(ROOT, 'dist/page-packages.json');
const SOURCES = ['src-renderer/**/*.{ts,tsx,css,html}', 'src-shared/**/*.ts', 'resources/translations/*.json'];

/** True when the built page is missing or older than any of its sources. */
export function pageIsStale(): boolean {
  if (!existsSync(STAMP) || !existsSync(PAGE_PACKAGES)) return true;
  const builtAt = statSync(STAMP).mtimeMs;
  const files = [...SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })), 'build-page.ts', 'package.json'];
  return files.some((file) => statSync(join(ROOT, file)).mtimeMs > builtAt);
}

/** Builds beside the old page, then takes its place. */
export async function buildPage(): Promise<void> {
  const draft = `${TARGET}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const { metafile } = await build({
    entryPoints: [join(ROOT, 'src-renderer/boot/main.tsx')],
    outdir: draft,
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    splitting: false,
    target: ['chrome130'],
    jsx: 'automatic',
    minify: true,
    legalComments: 'linked',
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'file', '.png': 'file' },
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(draft, 'index.html'), withEntries(metafile));
  writeFileSync(PAGE_PACKAGES, JSON.stringify(bundledPackages(metafile)));
  rmSync(TARGET, { recursive: true, force: true });
  renameSync(draft, TARGET);
}

function withEntries(metafile: Metafile): string {
  const outputs = Object.keys(metafile.outputs).map((path) => basename(path));
  const nameOf = (pattern: RegExp) => outputs.find((name) => pattern.test(name)) ?? '';
  return readFileSync(join(ROOT, 'src-renderer/boot/index.html'), 'utf8')
    .replace('%STYLE%', `/${nameOf(/^main-.*\.css$/)}`)
    .replace('%SCRIPT%', `/${nameOf(/^main-.*\.js$/)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--force') || pageIsStale()) {
    const startedAt = performance.now();
    await buildPage();
    process.stderr.write(`Built the page in ${Math.round(performance.now() - startedAt)} ms.\n`);
  }
}
