import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LaunchArguments {
  /** Videos and sessions to open, absolute. */
  readonly paths: readonly string[];
  readonly offline: boolean;
  /** Addresses that somebody wanted us to follow. */
  readonly links: readonly string[];
}

/** What a command line asks for: files, `--offline`. Switches of Chromium pass by; links are never followed. */
export function parseLaunchArguments(
  argv: readonly string[],
  workingFolder: string,
  appFolder: string,
): LaunchArguments {
  // The first is the program; without a package the second is the folder of the app.
  const given = argv.slice(1).filter((each) => !each.startsWith('-') && resolve(workingFolder, each) !== appFolder);
  const named = given.map(withoutScheme);
  const isLink = (each: string) => /^[a-z][a-z0-9+.-]+:/i.test(each);
  return {
    paths: named.filter((each) => !isLink(each)).map((each) => resolve(workingFolder, each)),
    links: named.filter(isLink),
    offline: argv.includes('--offline'),
  };
}

/** Desktops of Linux name the files that somebody opens by their addresses (`%U` in our desktop entry): those on this machine are paths. */
function withoutScheme(each: string): string {
  try {
    return /^file:\/\//i.test(each) ? fileURLToPath(each) : each;
  } catch {
    return each;
  }
}

/**
 * What `npm start ARGS` hands on: paths are meant from where the person stands, for npm starts us in our own folder. npm keeps an `--offline` that
 * is not behind `--` for itself and tells of it in the environment.
 */
export function startArguments(argv: readonly string[], environment: NodeJS.ProcessEnv, folder: string): string[] {
  const from = environment.INIT_CWD ?? folder;
  const given = argv.map((each) => (each.startsWith('-') ? each : resolve(from, each)));
  const swallowed = environment.npm_config_offline === 'true' && !given.includes('--offline');
  return swallowed ? [...given, '--offline'] : given;
}
