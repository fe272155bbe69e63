import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where things live on this machine; see README for the table. Nothing here is created by asking. */
export interface AppPaths {
  readonly config: string;
  readonly models: string;
  readonly cache: string;
  readonly logs: string;
  /** Library folder of sessions. */
  readonly sessions: string;
}

const APP = 'Masklet Studio';
const UNIX_APP = 'masklet-studio';

/** `MASKLET_HOME` puts everything under one folder (tests, portable installs); else the platform's own places. */
export function appPaths(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): AppPaths {
  const override = env.MASKLET_HOME;
  if (override !== undefined && override !== '') {
    return {
      config: join(override, 'config'),
      models: join(override, 'models'),
      cache: join(override, 'cache'),
      logs: join(override, 'logs'),
      sessions: join(override, 'sessions'),
    };
  }
  if (platform === 'win32') return windowsPaths(env, home);
  if (platform === 'darwin') {
    const support = join(home, 'Library', 'Application Support', APP);
    return {
      config: support,
      models: join(support, 'models'),
      cache: join(home, 'Library', 'Caches', APP),
      logs: join(home, 'Library', 'Logs', APP),
      sessions: join(home, 'Movies', APP),
    };
  }
  const base = (name: string, fallback: string) => join(env[name] || join(home, fallback), UNIX_APP);
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    models: join(base('XDG_DATA_HOME', '.local/share'), 'models'),
    cache: base('XDG_CACHE_HOME', '.cache'),
    logs: join(base('XDG_STATE_HOME', '.local/state'), 'logs'),
    sessions: join(home, 'Videos', APP),
  };
}

function windowsPaths(env: NodeJS.ProcessEnv, home: string): AppPaths {
  const roaming = join(env.APPDATA || join(home, 'AppData', 'Roaming'), APP);
  const local = join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), APP);
  return {
    config: roaming,
    models: join(local, 'models'),
    cache: join(local, 'cache'),
    logs: join(local, 'logs'),
    sessions: join(home, 'Videos', APP),
  };
}
