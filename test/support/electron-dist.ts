import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The mark in Electron's program after which its fuses lie: version, count, one sign each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = 8;

/** An Electron distribution for Linux as its archive unpacks, with a program that is nothing but fuses. */
export function writeElectronDist(folder: string): void {
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  const wire = Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, FUSES]), Buffer.from('1'.repeat(FUSES))]);
  writeFileSync(join(folder, 'electron'), Buffer.concat([Buffer.from('not a program'), wire]), { mode: 0o755 });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'icudtl.dat', 'resources.pak'])
    writeFileSync(join(folder, name), name);
  for (const name of ['en-US', 'zh-CN', 'de', 'fr']) writeFileSync(join(folder, `locales/${name}.pak`), name);
}
