import { execFileSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDesktop, DESKTOP_PACKAGES, desktopIsStale } from '../../build-desktop.ts';
import { transportOverEventPort } from '../../src-main/core/base/event-port-transport.ts';
import { studioContract } from '../../src-shared/contract/studio-contract.ts';
import { connectContract } from '../../src-shared/rpc/client.ts';
import { stageNative } from '../../stage-native.ts';
import { MessageChannelMain } from '../electron/ports.ts';
import { UtilityProcess } from '../electron/utility-process.ts';

const root = resolve(import.meta.dirname, '../..');
const requireHere = createRequire(import.meta.url);
/** Outside the repository: a module that is missing in the package must not be found in ours. */
const folder = mkdtempSync(join(tmpdir(), 'masklet-package-'));
const packed = join(folder, 'out/linux-unpacked');
const resources = join(packed, 'resources');
const unpacked = join(resources, 'app.asar.unpacked');
const system = `${process.platform}-${process.arch}`;

/** The mark in Electron's program after which its fuses lie: version, count, one sign each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = 8;

/** An Electron distribution as its archive unpacks, with a program that is nothing but fuses. */
function makeElectronDist(target: string): void {
  mkdirSync(join(target, 'locales'), { recursive: true });
  mkdirSync(join(target, 'resources'));
  const wire = Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, FUSES]), Buffer.from('1'.repeat(FUSES))]);
  writeFileSync(join(target, 'electron'), Buffer.concat([Buffer.from('not a program'), wire]), { mode: 0o755 });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'icudtl.dat', 'resources.pak'])
    writeFileSync(join(target, name), name);
  for (const name of ['en-US', 'zh-CN', 'de', 'fr']) writeFileSync(join(target, `locales/${name}.pak`), name);
}

interface Builder {
  readonly Platform: { readonly LINUX: { createTarget(name: string, arch: number): unknown } };
  readonly Arch: { readonly x64: number; readonly arm64: number };
  build(options: object): Promise<readonly string[]>;
}

async function makePackage(): Promise<void> {
  const { build, Platform, Arch } = requireHere('electron-builder') as Builder;
  makeElectronDist(join(folder, 'electron'));
  await build({
    projectDir: root,
    targets: Platform.LINUX.createTarget('dir', process.arch === 'arm64' ? Arch.arm64 : Arch.x64),
    publish: 'never',
    config: {
      electronDist: join(folder, 'electron'),
      directories: { output: join(folder, 'out') },
    },
  });
}

const inside = (place: string) =>
  globSync('**/*', { cwd: place })
    .filter((file) => statSync(join(place, file)).isFile())
    .sort();

it('electron-builder takes the configuration, and would not take a wrong one', async () => {
  const { validateConfiguration } = requireHere('app-builder-lib/out/util/config/config') as {
    validateConfiguration(config: object, log: { isEnabled: boolean; add(): void }): Promise<void>;
  };
  const { getConfig } = requireHere('app-builder-lib/out/util/config/config') as {
    getConfig(projectDir: string, path: string, options: null): Promise<{ electronFuses: object }>;
  };
  const log = { isEnabled: false, add: () => {} };
  const config = await getConfig(root, join(root, 'electron-builder.yml'), null);
  await validateConfiguration(config, log);
  await expect(validateConfiguration({ ...config, electronFuse: {} }, log)).rejects.toThrow('electronFuse');
  await expect(validateConfiguration({ ...config, compression: 'heavy' }, log)).rejects.toThrow();
});

describe.skipIf(process.platform !== 'linux')('a package, assembled with an Electron that is only fuses', () => {
  beforeAll(async () => {
    if (desktopIsStale()) await buildDesktop();
    stageNative(join(root, `dist/native/${system}`));
    execFileSync('node', [join(root, 'resources/packaging/make-sbom.ts')], { cwd: root });
    await makePackage();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds exactly what it should', () => {
    expect(readdirSync(packed).sort()).toEqual(
      ['LICENSE.electron.txt', 'LICENSES.chromium.html', 'icudtl.dat', 'locales', 'masklet-studio', 'resources']
        .concat(['resources.pak', 'version'])
        .sort(),
    );
    expect(readdirSync(join(packed, 'locales')).sort()).toEqual(['en-US.pak', 'zh-CN.pak']);
    expect(readdirSync(resources).sort()).toEqual(['NOTICES.txt', 'app.asar', 'app.asar.unpacked', 'sbom.cdx.json']);
    const own = inside(unpacked).filter((file) => !file.startsWith('node_modules'));
    const workers = ['decode', 'export', 'inference', 'report', 'store'].map(
      (name) => `src-main/workers/${name}-worker.mjs`,
    );
    expect(own.filter((file) => !file.startsWith('models/pebble/'))).toEqual(
      [
        'resources/sample/tumble.mp4',
        'src-main/core/models/runtime/provider-probe.mjs',
        'src-main/hosts/electron/engine-entry.mjs',
        ...workers,
      ].sort(),
    );
    expect(own).toContain('models/pebble/pack.json');
    expect(own.filter((file) => file.endsWith('.onnx')).length).toBeGreaterThanOrEqual(7);
  });

  it('has the archive with the page and the host, and nothing of ours that is not built', () => {
    const { listPackage } = requireHere('@electron/asar') as { listPackage(path: string): string[] };
    const files = listPackage(join(resources, 'app.asar')).map((file) => file.slice(1));
    for (const wanted of ['package.json', 'dist/page/index.html', 'src-main/hosts/electron/main.cjs'])
      expect(files).toContain(wanted);
    expect(files).toContain('src-main/hosts/electron/preload.cjs');
    const all = [...files, ...inside(unpacked), ...inside(resources)];
    expect(all.filter((file) => /\.(ts|tsx|map|py)$|(^|\/)(test|tests|__tests__|docs|recipes)\//.test(file))).toEqual(
      [],
    );
  });

  it('brings the native packages of this system only, and no tool of development', () => {
    const packages = globSync(['node_modules/*', 'node_modules/@*/*'], { cwd: unpacked })
      .filter((name) => !/^node_modules\/@[^/]+$/.test(name))
      .map((name) => name.slice('node_modules/'.length))
      .sort();
    const hasStatic = existsSync(join(root, 'node_modules/ffmpeg-static/ffmpeg'));
    expect(packages).toEqual(
      [
        ...(hasStatic ? ['ffmpeg-static'] : ['@ffmpeg-installer/ffmpeg', `@ffmpeg-installer/${system}`]),
        '@ffprobe-installer/ffprobe',
        `@ffprobe-installer/${system}`,
        'better-sqlite3',
        'onnxruntime-common',
        'onnxruntime-node',
      ].sort(),
    );
    const natives = inside(join(unpacked, 'node_modules')).filter((file) => /\.(node|so|dylib|dll)(\.|$)/.test(file));
    expect(natives).toEqual(
      [
        `better-sqlite3/prebuilds/${system}.node`,
        `onnxruntime-node/bin/napi-v6/linux/${process.arch}/libonnxruntime.so.1`,
        `onnxruntime-node/bin/napi-v6/linux/${process.arch}/onnxruntime_binding.node`,
      ].sort(),
    );
  });

  it('has its fuses set', async () => {
    const { getCurrentFuseWire, FuseV1Options } = (await import('@electron/fuses')) as unknown as {
      getCurrentFuseWire(path: string): Promise<Record<number, number>>;
      FuseV1Options: Record<string, number>;
    };
    const wire = await getCurrentFuseWire(join(packed, 'masklet-studio'));
    // The signs themselves, as they stand in the program.
    const state = (name: string) => String.fromCharCode(wire[FuseV1Options[name]]);
    for (const off of ['RunAsNode', 'EnableNodeOptionsEnvironmentVariable', 'EnableNodeCliInspectArguments'])
      expect(state(off), off).toBe('0');
    expect(state('GrantFileProtocolExtraPrivileges')).toBe('0');
    for (const on of ['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar'])
      expect(state(on), on).toBe('1');
  });

  it('names every part in its notices and its bill of materials', () => {
    const shipped = JSON.parse(readFileSync(DESKTOP_PACKAGES, 'utf8')) as string[];
    const notices = readFileSync(join(resources, 'NOTICES.txt'), 'utf8');
    const bill = JSON.parse(readFileSync(join(resources, 'sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string; version: string }[];
    };
    expect(bill.bomFormat).toBe('CycloneDX');
    expect(bill.components.map(({ name }) => name).sort()).toEqual(shipped);
    for (const { name, version } of bill.components) expect(notices, name).toContain(`\n${name} ${version}\n`);
    expect(shipped).toEqual(expect.arrayContaining(['react', 'zod', 'onnxruntime-node', 'better-sqlite3', 'electron']));
    expect(shipped).not.toContain('vitest');
    expect(notices).not.toMatch(/undefined/);
  });

  it('runs its engine from where it lies: workers, pack, ffmpeg and the clip are its own', async () => {
    const home = join(folder, 'home');
    const env = { PATH: '/nonexistent', MASKLET_HOME: home, HOME: home };
    const engine = new UtilityProcess(join(unpacked, 'src-main/hosts/electron/engine-entry.mjs'), [], 'engine', env);
    const ended = new Promise((done) => engine.once('exit', done));
    await new Promise((done) => engine.once('message', done));
    const { port1, port2 } = new MessageChannelMain();
    engine.postMessage('line', [port1]);
    using connection = connectContract(studioContract, transportOverEventPort(port2));
    const { client } = connection;
    const { lines } = await client.doctor({});
    const tools = lines.filter(({ name }) => name === 'ffmpeg' || name === 'ffprobe').map(({ text }) => text);
    expect(tools.length).toBe(2);
    for (const text of tools) expect(text).toContain(`${unpacked}/node_modules`);
    const videoPath = join(unpacked, 'resources/sample/tumble.mp4');
    let sessionId = '';
    for await (const event of client.openSession({ videoPath, sessionPath: null }))
      if (event.kind === 'opened') sessionId = event.sessionId;
    const prompt = { kind: 'point', objectId: 1, frameIndex: 0, point: { x: 466, y: 526 }, include: true } as const;
    await client.addPrompts({ sessionId, prompts: [prompt] });
    const run = { sessionId, packId: null, device: 'cpu', direction: 'forward', range: { first: 0, last: 3 } } as const;
    for await (const _event of client.track({ ...run, policy: 'studio', memoryPolicy: null, resume: false }));
    const { masks } = await client.frameMasks({ sessionId, frameIndex: 3 });
    expect(masks).toHaveLength(1);
    const picture = await client.frame({ sessionId, frameIndex: 3, size: 'thumbnail' });
    expect(picture.bytes.length).toBeGreaterThan(500);
    engine.postMessage('stop');
    expect(await ended).toBe(0);
  });
});
