import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Attention } from '../../src-main/hosts/electron/attention.ts';
import { EngineSupervisor } from '../../src-main/hosts/electron/engine-supervisor.ts';
import { parseLaunchArguments, startArguments } from '../../src-main/hosts/electron/launch-arguments.ts';
import { Refusals } from '../../src-main/hosts/electron/refusals.ts';
import { acceleratorOf } from '../../src-main/hosts/electron/window-menu.ts';
import { isOnScreen, readWindowPlaces, writeWindowPlaces } from '../../src-main/hosts/electron/window-places.ts';

describe('the supervisor of the engine', () => {
  afterEach(() => vi.useRealTimers());

  function supervise() {
    const engines: EventEmitter[] = [];
    const stops: [string, number][] = [];
    const fork = () => {
      engines.push(Object.assign(new EventEmitter(), { postMessage: () => {}, kill: () => {} }));
      return engines.at(-1) as never;
    };
    const channel = () => ({ port1: {} as never, port2: 'line' as never });
    const supervisor = new EngineSupervisor({ fork, channel, onStopped: (...why) => void stops.push(why) });
    const crash = (code: number) => {
      engines.at(-1)?.emit('exit', code);
      vi.advanceTimersByTime(stops.at(-1)?.[1] ?? 0);
    };
    return { supervisor, engines, stops, crash };
  }

  it('starts it again at once, then ever later, and says why it stopped', () => {
    vi.useFakeTimers();
    const { engines, stops, crash } = supervise();
    for (let number = 0; number < 5; number++) crash(7);
    expect(stops.map(([, millis]) => millis)).toEqual([0, 1000, 4000, 15_000, 15_000]);
    expect(stops[0][0]).toBe('exit 7');
    expect(engines).toHaveLength(6);
    vi.advanceTimersByTime(60_001);
    crash(7);
    expect(stops.at(-1)?.[1]).toBe(0);
  });

  it('hands out a line once the engine is ready, and refuses what waited for one that died', async () => {
    const { supervisor, engines } = supervise();
    const early = supervisor.openLine();
    engines[0].emit('exit', 1);
    await expect(early).rejects.toThrow('The engine stopped.');
    await expect.poll(() => engines.length).toBe(2);
    const line = supervisor.openLine();
    engines[1].emit('message', 'ready');
    await expect(line).resolves.toBe('line');
  });

  it('starts none again that was asked to stop', async () => {
    const { supervisor, engines, stops } = supervise();
    const stopped = supervisor.stop();
    engines[0].emit('exit', 0);
    await stopped;
    expect([engines.length, stops.length]).toEqual([1, 0]);
  });
});

describe('what the system shows of work', () => {
  it('keeps the machine awake while any window works, and tells a thing once, to who does not look', () => {
    const told: string[] = [];
    const blocker = { start: () => told.push('awake'), stop: () => told.push('sleep') };
    const notification = class {
      static isSupported = () => true;
      readonly #title: string;
      constructor({ title }: { title: string }) {
        this.#title = title;
      }
      on() {}
      show() {
        told.push(this.#title);
      }
    };
    const attention = new Attention(blocker as never, notification as never);
    const window = (focused: boolean) =>
      ({
        isDestroyed: () => false,
        isFocused: () => focused,
        setProgressBar: (share: number) => told.push(String(share)),
      }) as never;
    const [one, two, front] = [window(false), window(false), window(true)];
    attention.follow(one, { share: 0.5 });
    attention.follow(two, { share: null });
    attention.follow(one, null);
    attention.follow(two, null);
    expect(told.splice(0)).toEqual(['0.5', 'awake', '2', '-1', '-1', 'sleep']);
    attention.tell(front, 'seen', '');
    for (const each of [one, two]) attention.tell(each, 'done', 'clip');
    attention.tell(one, 'done', 'other');
    expect(told).toEqual(['done', 'done']);
  });
});

describe('a command line', () => {
  it('is files and --offline; switches pass by, links are told apart', () => {
    const argv = ['/app/masklet-studio', '--no-sandbox', 'clip.mp4', '--offline', '/a/b.masklet', 'masklet://open?x'];
    expect(parseLaunchArguments(argv, '/work', '/app/resources/app.asar')).toEqual({
      paths: [resolve('/work', 'clip.mp4'), resolve('/a/b.masklet')],
      links: ['masklet://open?x'],
      offline: true,
    });
    expect(parseLaunchArguments(['electron', '.'], '/app', resolve('/app')).paths).toEqual([]);
  });

  it('files that a Linux desktop names by their addresses are files', () => {
    const file = resolve('/home/me/mine & yours 漢 100%.masklet');
    const argv = ['/opt/masklet-studio', pathToFileURL(file).href, 'file://server/share/clip.mp4?', 'https://a/b.mp4'];
    if (process.platform === 'win32') argv.splice(2, 1);
    expect(parseLaunchArguments(argv, '/work', '/app')).toEqual({
      paths: [file],
      links: argv.slice(2),
      offline: false,
    });
  });
});

describe('what npm start hands on', () => {
  it('is files from where the person stands, and --offline though npm swallows it', () => {
    const swallowed = { INIT_CWD: '/home/me', npm_config_offline: 'true' };
    const file = resolve('/home/me', 'clip.mp4');
    expect(startArguments(['clip.mp4'], swallowed, '/studio')).toEqual([file, '--offline']);
    expect(startArguments(['clip.mp4', '--offline'], swallowed, '/studio')).toEqual([file, '--offline']);
    expect(startArguments(['clip.mp4'], {}, '/studio')).toEqual([resolve('/studio', 'clip.mp4')]);
  });
});

describe('a place where nothing can be written', () => {
  it('keeps no window from closing and no refusal from being one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'masklet-places-'));
    const taken = join(folder, 'file');
    writeFileSync(taken, '');
    expect(() => writeWindowPlaces(join(taken, 'windows.json'), [])).not.toThrow();
    expect(() => new Refusals(join(taken, 'logs')).add('request', 'https://a')).not.toThrow();
  });
});

describe('windows and menus', () => {
  it('names keys as Electron does', () => {
    expect(['Mod+Shift+z', 'Mod++', ' ', 'ArrowLeft', 'Delete'].map(acceleratorOf)).toEqual([
      'CmdOrCtrl+Shift+Z',
      'CmdOrCtrl+Plus',
      'Space',
      'Left',
      'Delete',
    ]);
  });

  it('come back where they were, unless what was kept is broken or no screen is there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'masklet-windows-'));
    const file = join(folder, 'config/windows.json');
    const place = { x: 10, y: 20, width: 1280, height: 800, maximized: false, sessionPath: '/a.masklet' };
    expect(readWindowPlaces(file)).toEqual([]);
    writeWindowPlaces(file, [place]);
    expect(readWindowPlaces(file)).toEqual([place]);
    for (const broken of ['{', '[{"x":1}]', JSON.stringify([{ ...place, width: 3 }])]) {
      writeFileSync(file, broken);
      expect(readWindowPlaces(file), broken).toEqual([]);
    }
    rmSync(folder, { recursive: true });
    const screen = { x: 0, y: 0, width: 1920, height: 1080 };
    expect(isOnScreen(place, screen)).toBe(true);
    for (const away of [{ x: 1900 }, { x: -1250 }, { y: 1060 }, { y: -50 }])
      expect(isOnScreen({ ...place, ...away }, screen), JSON.stringify(away)).toBe(false);
  });
});
