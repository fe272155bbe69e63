import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { knownAnswer, rememberAnswer } from './known-tools.ts';
import type { MediaTool, MediaTools, ToolSource } from './media-tools.ts';
import { parseToolVersion, type ToolVersion } from './tool-version.ts';

export interface MediaToolSettings {
  /** Paths, or names on the PATH, that the user chose; empty or absent means: look for one. */
  readonly ffmpegPath?: string | undefined;
  readonly ffprobePath?: string | undefined;
}
export type Environment = Readonly<Record<string, string | undefined>>;

interface Candidate {
  readonly source: ToolSource;
  /** Absolute: what answered is what is run later. */
  readonly path: string | null;
}
type ToolName = 'ffmpeg' | 'ffprobe';

const run = promisify(execFile);
const requireHere = createRequire(import.meta.url);
const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';

/**
 * Finds ffmpeg (setting, FFMPEG_BIN, ffmpeg-static, PATH, the npm copy) and ffprobe (setting, FFPROBE_BIN, beside the chosen
 * ffmpeg, PATH, the npm copy; ffmpeg-static ships none). A candidate counts when it answers `-version`. A setting or variable
 * that does not work is an error, never silently passed over. `cacheDir`: answers are kept there; null: every program is asked anew.
 * Errors: `ffmpeg-missing`, `ffprobe-missing`.
 */
export async function findMediaTools(
  settings: MediaToolSettings = {},
  env: Environment = process.env,
  cacheDir: string | null = null,
): Promise<MediaTools> {
  const ffmpeg = await firstWorking('ffmpeg', cacheDir, [
    { source: 'setting', path: chosen(settings.ffmpegPath, env) },
    { source: 'environment', path: chosen(env.FFMPEG_BIN, env) },
    { source: 'ffmpeg-static', path: packagePath('ffmpeg-static') },
    { source: 'path', path: onPath('ffmpeg', env) },
    { source: 'npm-package', path: packagePath('@ffmpeg-installer/ffmpeg') },
  ]);
  const ffprobe = await firstWorking('ffprobe', cacheDir, [
    { source: 'setting', path: chosen(settings.ffprobePath, env) },
    { source: 'environment', path: chosen(env.FFPROBE_BIN, env) },
    { source: 'beside-ffmpeg', path: ifExecutable(join(dirname(ffmpeg.path), `ffprobe${EXECUTABLE_SUFFIX}`)) },
    { source: 'path', path: onPath('ffprobe', env) },
    { source: 'npm-package', path: packagePath('@ffprobe-installer/ffprobe') },
  ]);
  return { ffmpeg, ffprobe };
}

async function firstWorking(
  name: ToolName,
  cacheDir: string | null,
  candidates: readonly Candidate[],
): Promise<MediaTool> {
  const tried: string[] = [];
  for (const { source, path } of candidates) {
    if (path === null) continue;
    const version = await versionOf(path, cacheDir);
    if (version !== null) return { path, source, version };
    if (source === 'setting' || source === 'environment') throw chosenToolBroken(name, source, path);
    tried.push(path);
  }
  throw new StudioError(
    `${name}-missing`,
    'environment',
    `No working ${name} was found; run npm ci again, or install ffmpeg and set ${name === 'ffmpeg' ? 'FFMPEG_BIN' : 'FFPROBE_BIN'} to its path.`,
    { details: { tried: tried.join(', ') } },
  );
}

function chosenToolBroken(name: ToolName, source: ToolSource, path: string): StudioError {
  const where = source === 'setting' ? `the ${name} setting` : name === 'ffmpeg' ? 'FFMPEG_BIN' : 'FFPROBE_BIN';
  return new StudioError(
    `${name}-missing`,
    'environment',
    `${path}, named by ${where}, is not a working ${name}; correct it or clear it to use the built-in copy.`,
    { details: { path } },
  );
}

async function versionOf(path: string, cacheDir: string | null): Promise<ToolVersion | null> {
  try {
    const known = cacheDir === null ? null : parseToolVersion(await knownAnswer(cacheDir, path));
    if (known !== null) return known;
    const { stdout } = await run(path, ['-version'], { timeout: 20_000, windowsHide: true });
    const version = parseToolVersion(stdout);
    if (cacheDir !== null && version !== null) await rememberAnswer(cacheDir, path, stdout);
    return version;
  } catch {
    return null;
  }
}

/** What the user wrote, as a shell would take it: a bare name is looked for on the PATH. */
function chosen(text: string | undefined, env: Environment): string | null {
  if (text === undefined || text.trim() === '') return null;
  return (basename(text) === text ? onPath(text, env) : null) ?? resolve(text);
}

function onPath(name: string, env: Environment): string | null {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, name);
    const found = ifExecutable(path.endsWith(EXECUTABLE_SUFFIX) ? path : path + EXECUTABLE_SUFFIX);
    if (found !== null) return found;
  }
  return null;
}

function ifExecutable(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}

/** Path that an npm package names; null when the package, or the file it promises, is not there. */
function packagePath(packageName: string): string | null {
  try {
    const exported: unknown = requireHere(packageName);
    const path = typeof exported === 'string' ? exported : (exported as { path?: unknown } | null)?.path;
    return typeof path === 'string' ? ifExecutable(path) : null;
  } catch {
    return null;
  }
}
