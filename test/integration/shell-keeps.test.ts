import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSessionReader, openSessionWriter } from '../../src-main/core/store/index.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

const SAMPLE = join(repositoryRoot, 'resources/sample/tumble.mp4');

describe('what a command of the shell must not spoil', () => {
  const workspace = new Workspace('shell-keeps');
  const session = workspace.path('s.masklet');
  let pack = '';
  const track = (...args: string[]) =>
    workspace.run(['track', SAMPLE, '--session', session, '--range', '0:1', '--pack', pack, ...args]);

  beforeAll(async () => {
    pack = writeTinyPack(workspace.path('tiny'));
    expect((await track('--point', '1:0:466,526')).status).toBe(0);
  });
  afterAll(() => workspace[Symbol.dispose]());

  it('a phrase that cannot be looked for leaves the session again, and later commands work', async () => {
    const refused = await track('--text', 'zeppelin', '--pack', 'pebble');
    expect(refused.stderr).toContain('[word-unknown]');
    const still = ['segment', SAMPLE, '--text', 'zeppelin', '--session', session, '--out', workspace.path('m.png')];
    expect((await workspace.run(still)).stderr).toContain('[word-unknown]');
    {
      using reader = openSessionReader(session);
      expect(reader.concepts.all()).toEqual([]);
    }
    const later = await track('--point', '1:0:470,530', '--pack', 'pebble');
    expect(later.stderr).not.toContain('masklet:');
    expect(later.status).toBe(0);
  });

  it('no output replaces a session, whatever may be overwritten', async () => {
    copyFileSync(session, workspace.path('bare'));
    const before = readFileSync(workspace.path('bare'));
    const other = workspace.path('other.masklet');
    copyFileSync(session, other);
    const onto = async (from: string, out: string) =>
      (await workspace.run(['render', from, '--out', out, '--overwrite', '--range', '0:1'])).stderr;
    expect(await onto(session, session)).toContain('[usage]');
    expect(await onto(session, other)).toContain('[usage]');
    expect(await onto('bare', 'bare')).toContain('[output-is-source]');
    const still = ['segment', SAMPLE, '--point', '466,526', '--session', 'bare', '--out', 'bare', '--overwrite'];
    expect((await workspace.run([...still, '--pack', pack])).stderr).toContain('[output-is-source]');
    expect(readFileSync(other).equals(before)).toBe(true);
    for (const path of [session, other, workspace.path('bare')]) openSessionReader(path)[Symbol.dispose]();
  });

  it('a demo leaves a session alone that is open elsewhere', async () => {
    const folder = workspace.path('demo');
    const place = join(folder, 'demo.masklet');
    expect(
      (
        await workspace.run([
          'segment',
          SAMPLE,
          '--point',
          '466,526',
          '--session',
          place,
          '--out',
          workspace.path('n.png'),
          '--pack',
          pack,
        ])
      ).status,
    ).toBe(0);
    {
      using _open = openSessionWriter(place);
      expect((await workspace.run(['demo', '--out', folder])).stderr).toContain('[session-locked]');
    }
    openSessionReader(place)[Symbol.dispose]();
    expect(readdirSync(folder).filter((name) => name.endsWith('.masklet'))).toEqual(['demo.masklet']);
  });

  it('a demo that has no place says so', async () => {
    expect((await workspace.run(['demo', '--out', session])).stderr).toContain('[permission-denied]');
  });
});
