import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listFolder } from '../../src-main/hosts/server/list-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'masklet-list-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packets of a transport stream: `lead` bytes, then 188 that begin with 0x47. */
function packets(lead: number): Buffer {
  const packet = Buffer.alloc(188 + lead);
  packet[lead] = 0x47;
  return Buffer.concat([packet, packet]);
}

describe('a folder that is shown to be opened from', () => {
  it('has videos and sessions, and of the files named .ts and .mts only those that are transport streams', async () => {
    const source = `${"import { join } from 'node:path';\n".repeat(20)}`;
    writeFileSync(join(folder, 'broadcast.ts'), packets(0));
    writeFileSync(join(folder, 'camera.MTS'), packets(4));
    writeFileSync(join(folder, 'program.ts'), source);
    writeFileSync(join(folder, 'module.mts'), source);
    writeFileSync(join(folder, 'short.ts'), 'G');
    writeFileSync(join(folder, 'film.mp4'), 'not looked into');
    writeFileSync(join(folder, 'film.masklet'), '');
    writeFileSync(join(folder, '.hidden.mp4'), '');
    const { entries } = await listFolder(folder);
    expect(entries.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'video broadcast.ts',
      'video camera.MTS',
      'session film.masklet',
      'video film.mp4',
    ]);
  });

  it('is that of a file whose path was given, which is named', async () => {
    const path = join(folder, 'film.mp4');
    writeFileSync(path, 'not looked into');
    const { file, ...listing } = await listFolder(path);
    expect(file).toMatchObject({ kind: 'video', name: 'film.mp4', path });
    expect({ ...listing, file: null }).toEqual(await listFolder(folder));
    writeFileSync(join(folder, 'notes.txt'), '');
    for (const name of ['notes.txt', 'none.mp4'])
      await expect(listFolder(join(folder, name))).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
