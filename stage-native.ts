/**
 * Gathers what a package of one system needs of npm's native packages, and nothing else: `node stage-native.ts` fills
 * dist/native/PLATFORM-ARCH/node_modules, which electron-builder.yml lays beside the archive. Natively only: the ffmpeg of another
 * system is not installed here.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = import.meta.dirname;
const MODULES = join(ROOT, 'node_modules');

/** Files of each package that a running studio reads; `{os}` and `{arch}` as Node names them. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['package.json', 'LICENSE', 'lib/**/*.js', 'prebuilds/{os}-{arch}.node'],
  'onnxruntime-node': ['package.json', 'dist/*.js', 'bin/napi-v6/{os}/{arch}/*'],
  'onnxruntime-common': ['package.json', 'dist/cjs/**/*.js', 'dist/cjs/package.json'],
  '@ffmpeg-installer/ffmpeg': ['package.json', 'index.js', 'lib/*.js'],
  '@ffmpeg-installer/{os}-{arch}': ['package.json', 'ffmpeg', 'ffmpeg.exe'],
  '@ffprobe-installer/ffprobe': ['package.json', 'index.js', 'lib/*.js'],
  '@ffprobe-installer/{os}-{arch}': ['package.json', 'ffprobe', 'ffprobe.exe'],
  'ffmpeg-static': ['package.json', 'index.js', 'LICENSE', 'ffmpeg', 'ffmpeg.exe', '*.LICENSE', '*.README'],
};
/** Of two ffmpegs one is shipped: the newer, where its install could fetch it. */
const SPARED_BY_STATIC = ['@ffmpeg-installer/ffmpeg', '@ffmpeg-installer/{os}-{arch}'];

export interface StagedPackage {
  readonly name: string;
  readonly version: string;
  readonly files: number;
  readonly bytes: number;
}

/** Names of the packages that a package of a system brings, and the pattern in `KEPT` of each. */
export function nativePackages(
  os: string = process.platform,
  arch: string = process.arch,
  modules: string = MODULES,
): ReadonlyMap<string, string> {
  const hasStatic = ['ffmpeg', 'ffmpeg.exe'].some((name) => existsSync(join(modules, 'ffmpeg-static', name)));
  const patterns = Object.keys(KEPT).filter((pattern) =>
    hasStatic ? !SPARED_BY_STATIC.includes(pattern) : pattern !== 'ffmpeg-static',
  );
  return new Map(patterns.map((pattern) => [placed(pattern, os, arch), pattern]));
}

/** True for a file, or a pattern, of which every system has its own: native code, a program. */
function isOfSystem(path: string): boolean {
  return /^(prebuilds|bin)[\\/]|^ff(mpeg|probe)(\.exe)?$/.test(path);
}

function placed(text: string, os: string, arch: string): string {
  return text.replaceAll('{os}', os).replaceAll('{arch}', arch);
}

/** Fills `target/node_modules` from `modules`; throws when a package that the studio cannot do without is not installed. */
export function stageNative(
  target: string,
  os: string = process.platform,
  arch: string = process.arch,
  modules: string = MODULES,
): StagedPackage[] {
  rmSync(target, { recursive: true, force: true });
  const staged: StagedPackage[] = [];
  for (const [name, pattern] of nativePackages(os, arch, modules)) {
    const source = join(modules, name);
    if (!existsSync(join(source, 'package.json')))
      throw new Error(`${name} is not installed; run npm ci on a machine with ${os} ${arch}.`);
    const files = KEPT[pattern]
      .flatMap((each) => globSync(placed(each, os, arch), { cwd: source }))
      .filter((file) => statSync(join(source, file)).isFile());
    if (KEPT[pattern].some(isOfSystem) && !files.some(isOfSystem))
      throw new Error(`${name} brings nothing for ${os} ${arch}, so the studio cannot be packed for it.`);
    for (const file of files) {
      const copy = join(target, 'node_modules', name, file);
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(join(source, file), copy);
    }
    const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
    const bytes = files.reduce((sum, file) => sum + statSync(join(source, file)).size, 0);
    staged.push({ name, version, files: files.length, bytes });
  }
  return staged;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = join(ROOT, `dist/native/${process.platform}-${process.arch}`);
  for (const { name, version, files, bytes } of stageNative(target)) {
    process.stdout.write(`${(bytes / 2 ** 20).toFixed(1).padStart(8)} MB  ${files} files  ${name} ${version}\n`);
  }
}
