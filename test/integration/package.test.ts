import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP_PACKAGES } from '../../build-desktop.ts';
import { packageDesktop } from '../../package-desktop.ts';
import { noticesOf } from '../../resources/packaging/notices-of.ts';
import { transportOverEventPort } from '../../src-main/core/base/event-port-transport.ts';
import { studioContract } from '../../src-shared/contract/studio-contract.ts';
import { connectContract } from '../../src-shared/rpc/client.ts';
import { nativePackages, stageNative } from '../../stage-native.ts';
import { MessageChannelMain } from '../electron/ports.ts';
import { UtilityProcess } from '../electron/utility-process.ts';
import { writeElectronDist } from '../support/electron-dist.ts';

const root = resolve(import.meta.dirname, '../..');
const requireHere = createRequire(import.meta.url);
/** Outside the repository: a module that is missing in the package must not be found in ours. */
const folder = mkdtempSync(join(tmpdir(), 'masklet-package-'));
const packed = join(folder, 'out/linux-unpacked');
const resources = join(packed, 'resources');
const unpacked = join(resources, 'app.asar.unpacked');
const system = `${process.platform}-${process.arch}`;

interface Asar {
  listPackage(archive: string): string[];
  extractFile(archive: string, file: string): Buffer;
}

const inside = (place: string) =>
  globSync('**/*', { cwd: place })
    .filter((file) => statSync(join(place, file)).isFile())
    .sort();

/** The package as its install leaves it, with a program that hands everything on to the older copy beside it. */
function writeFfmpegStatic(place: string): void {
  const files = {
    'package.json': '{"name":"ffmpeg-static","version":"5.3.0","license":"GPL-3.0-or-later"}',
    'index.js': "module.exports = require('path').join(__dirname, 'ffmpeg');",
    'install.js': '',
    LICENSE: 'GPL',
    'ffmpeg.LICENSE': 'GPL',
    ffmpeg: `#!/bin/sh\nexec "\${0%/*}/../@ffmpeg-installer/${system}/ffmpeg" "$@"\n`,
  };
  mkdirSync(place);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text, { mode: 0o755 });
}

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

it('says of itself what a deb must: a homepage and who maintains it', async () => {
  const { AppInfo } = requireHere('app-builder-lib/out/appInfo') as { AppInfo: { prototype: object } };
  const { default: FpmTarget } = requireHere('app-builder-lib/out/targets/FpmTarget') as {
    default: { prototype: { checkOptions(): Promise<object> } };
  };
  const { getConfig } = requireHere('app-builder-lib/out/util/config/config') as {
    getConfig(projectDir: string, path: string, options: null): Promise<{ linux: object }>;
  };
  const { linux: options } = await getConfig(root, join(root, 'electron-builder.yml'), null);
  const check = (metadata: object) => {
    const info = { metadata, devMetadata: metadata, repositoryInfo: Promise.resolve(null) };
    const appInfo = Object.assign(Object.create(AppInfo.prototype), { info });
    const target = Object.create(FpmTarget.prototype) as typeof FpmTarget.prototype;
    return Object.assign(target, { packager: { appInfo, info }, options }).checkOptions();
  };
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
  expect(await check(manifest)).toMatchObject({
    url: expect.stringMatching(/^https:/),
    maintainer: expect.any(String),
  });
  await expect(check({ ...manifest, homepage: undefined })).rejects.toThrow('homepage');
});

describe.skipIf(process.platform !== 'linux')('a package, assembled with an Electron that is only fuses', () => {
  beforeAll(async () => {
    writeElectronDist(join(folder, 'electron'));
    await packageDesktop({ electronDist: join(folder, 'electron'), output: join(folder, 'out'), formats: ['dir'] });
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
    const { listPackage, extractFile } = requireHere('@electron/asar') as Asar;
    const files = listPackage(join(resources, 'app.asar')).map((file) => file.slice(1));
    for (const wanted of ['package.json', 'dist/page/index.html', 'src-main/hosts/electron/main.cjs'])
      expect(files).toContain(wanted);
    expect(files).toContain('src-main/hosts/electron/preload.cjs');
    const all = [...files, ...inside(unpacked), ...inside(resources)];
    // What is unpacked is listed in the archive too, and read from beside it.
    const bundles = files.filter((file) => /\.[cm]?js$/.test(file));
    expect(bundles).toContain('src-main/workers/store-worker.mjs');
    for (const file of bundles)
      expect(extractFile(join(resources, 'app.asar'), file).includes('sourceMappingURL'), file).toBe(false);
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
    expect(shipped).toEqual(expect.arrayContaining(['fluent-ffmpeg', 'async', 'which']));
    expect(shipped).not.toContain('vitest');
    expect(notices).not.toMatch(/undefined/);
  });

  it('carries the whole licence of every part, and takes no part that has none', () => {
    const notices = readFileSync(join(resources, 'NOTICES.txt'), 'utf8');
    const cited = [...notices.matchAll(/Licence: (\S+), at the end of this file/g)].map(([, licence]) => licence);
    expect(cited).toEqual(expect.arrayContaining(['LGPL-2.1', 'MIT']));
    for (const licence of new Set([...cited, 'GPL-3.0']))
      expect(notices.split(`=\n${licence}\n`), licence).toHaveLength(2);
    // The last words of each.
    for (const words of [
      '17. Interpretation of Sections 15 and 16.',
      'END OF TERMS AND CONDITIONS',
      "That's all there is to it!",
    ])
      expect(notices).toContain(words);
    const strange = join(folder, 'strange');
    mkdirSync(join(strange, 'node_modules/odd'), { recursive: true });
    cpSync(join(root, 'LICENSE'), join(strange, 'LICENSE'));
    symlinkSync(join(root, 'node_modules/spdx-license-list'), join(strange, 'node_modules/spdx-license-list'));
    for (const [license, why] of [
      ['Odd-1.0', 'no text of the licence "Odd-1.0"'],
      [undefined, 'odd names no licence'],
    ]) {
      const manifest = JSON.stringify({ name: 'odd', version: '1.0.0', license });
      writeFileSync(join(strange, 'node_modules/odd/package.json'), manifest);
      expect(() => noticesOf(strange, ['odd'])).toThrow(why);
    }
  });

  it('brings the ffmpeg of ffmpeg-static where its install could fetch one, in the place of the older copy', () => {
    const modules = join(folder, 'modules');
    for (const name of nativePackages().keys()) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    rmSync(join(modules, 'ffmpeg-static'), { force: true });
    writeFfmpegStatic(join(modules, 'ffmpeg-static'));
    const target = join(folder, 'staged');
    const names = stageNative(target, process.platform, process.arch, modules).map(({ name }) => name);
    expect(names).toContain('ffmpeg-static');
    expect(names.filter((name) => name.startsWith('@ffmpeg-installer'))).toEqual([]);
    const staged = join(target, 'node_modules/ffmpeg-static');
    expect(readdirSync(staged).sort()).toEqual(['LICENSE', 'ffmpeg', 'ffmpeg.LICENSE', 'index.js', 'package.json']);
    // The engine below finds it where a package has it.
    const packedOne = join(unpacked, 'node_modules/ffmpeg-static');
    if (!existsSync(packedOne)) cpSync(staged, packedOne, { recursive: true });
  });

  it('takes what belongs to one system, on every system, and packs for none that a part has no build for', () => {
    const modules = join(folder, 'everywhere');
    for (const name of ['better-sqlite3', 'onnxruntime-node', 'onnxruntime-common']) {
      mkdirSync(modules, { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    const stage = (os: string, arch: string) => {
      for (const tool of ['ffmpeg', 'ffprobe'])
        for (const name of [tool, `${os}-${arch}`]) {
          const place = join(modules, `@${tool}-installer`, name);
          mkdirSync(place, { recursive: true });
          writeFileSync(join(place, 'package.json'), '{"version":"1.0.0"}');
          if (name !== tool) writeFileSync(join(place, os === 'win32' ? `${tool}.exe` : tool), '');
        }
      stageNative(join(folder, 'staged'), os, arch, modules);
      return inside(join(folder, 'staged/node_modules')).filter((file) =>
        /\.(node|so|dylib|dll)(\.|$)|\/ff\w+(\.exe)?$/.test(file),
      );
    };
    for (const [os, arch] of ['linux x64', 'linux arm64', 'darwin arm64', 'win32 x64'].map((each) => each.split(' '))) {
      const ours = stage(os, arch);
      expect(ours, os).toContain(`better-sqlite3/prebuilds/${os}-${arch}.node`);
      expect(ours, os).toContain(`onnxruntime-node/bin/napi-v6/${os}/${arch}/onnxruntime_binding.node`);
      expect(ours.filter((file) => !file.includes(`${os}-${arch}`) && !file.includes(`/${os}/${arch}/`))).toEqual([]);
      expect(ours.filter((file) => file.includes('-installer/'))).toHaveLength(2);
    }
    expect(() => stage('darwin', 'x64')).toThrow('onnxruntime-node brings nothing for darwin x64');
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
    expect(tools[0]).toContain(`(ffmpeg-static) ${unpacked}/node_modules/ffmpeg-static/ffmpeg`);
    // Asked through fluent-ffmpeg, which is in the bundle.
    const codecs = lines.find(({ name }) => name === 'codecs');
    expect(codecs).toMatchObject({ state: 'ok', text: expect.stringMatching(/^writes h264.*[1-9]\d+ encoders/) });
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
