import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace } from '../support/run-cli.ts';

const workspace = new Workspace('folders');
afterAll(() => workspace[Symbol.dispose]());

describe.runIf(process.platform === 'linux')('the shell where there is no place for its folders', () => {
  it('says so at once', async () => {
    const track = ['track', 'clip.mp4', '--point', '1:0:5,5'];
    const result = await workspace.run(track, { MASKLET_HOME: '/proc/masklet' });
    expect(result.stderr).toContain('No folder can be made at /proc/masklet; choose another place');
    expect(result.stderr).toContain('[permission-denied]');
    expect([result.status, result.signal]).toEqual([1, null]);
  });

  it('makes no folder for temporary files, and names the one that is missing to who needs it', async () => {
    for (const folder of [workspace.path('gone'), '/proc/masklet']) {
      const shown = await workspace.run(['sessions'], { TMPDIR: folder });
      expect([shown.status, existsSync(folder)]).toEqual([0, false]);
      const segment = ['segment', 'a.png', '--point', '5,5', '--out', 'b.png'];
      const result = await workspace.run(segment, { TMPDIR: folder });
      expect(result.stderr).toContain(`temporary files ${folder} cannot be written; name another one with TMPDIR.`);
      expect([result.status, existsSync(folder)]).toEqual([1, false]);
    }
  });
});
