import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, requireFolder } from '../../src-main/core/base/make-folder.ts';

describe('a folder', () => {
  it('is made with those above it, once', () => {
    const top = mkdtempSync(join(tmpdir(), 'masklet-folder-'));
    const deep = join(top, 'a', 'b', 'c');
    makeFolder(deep);
    makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
    writeFileSync(join(top, 'file'), '');
    expect(() => makeFolder(join(top, 'file'))).toThrow('EEXIST');
    expect(() => requireFolder(join(top, 'file', 'x'))).toThrow('cannot be used for this');
    rmSync(top, { recursive: true });
  });

  it.runIf(process.platform === 'linux')('is refused at once where the system has no place for one', () => {
    const refusal = expect.objectContaining({
      code: 'permission-denied',
      message: expect.stringContaining('/proc/x;'),
    });
    expect(() => makeFolder('/proc/x/y')).toThrow(refusal);
  });
});
