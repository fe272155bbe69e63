import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSessionReader, openSessionWriter } from '../../src-main/core/store/index.ts';
import { repositoryRoot } from '../support/run-cli.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

const SAMPLE = join(repositoryRoot, 'resources/sample/tumble.mp4');

describe('what a command of the shell must not spoil', () => {
  const workspace = new ShellHere('shell-keeps');
  const session = workspace.path('s.masklet');
  let pack = '';
  const track = (...args: string[]) =>
    workspace.run(['track', SAMPLE, '--session', session, '--range', '0:1', '--pack', pack, ...args]);

  beforeAll(async () => {
    pack = writeTinyPack(workspace.path('tiny'));
    expect((await track('--point', '1:0:466,526')).status).toBe(0);
  });
  afterAll(() => workspace[Symbol.asyncDispose]());

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
    copyFileSync(session, workspace.path('called.mp4'));
    const before = readFileSync(workspace.path('bare'));
    const other = workspace.path('other.masklet');
    copyFileSync(session, other);
    const onto = async (from: string, out: string) =>
      (await workspace.run(['render', from, '--out', out, '--overwrite', '--range', '0:1'])).stderr;
    expect(await onto(session, session)).toContain('[usage]');
    expect(await onto(session, other)).toContain('[usage]');
    expect(await onto('bare', 'bare')).toContain('[usage]');
    expect(await onto('called.mp4', 'called.mp4')).toContain('[output-is-source]');
    const still = ['segment', SAMPLE, '--point', '466,526', '--session', 'bare', '--out', 'bare', '--overwrite'];
    expect((await workspace.run([...still, '--pack', pack])).stderr).toContain('[output-is-source]');
    expect(readFileSync(other).equals(before)).toBe(true);
    for (const path of [session, other, workspace.path('bare'), workspace.path('called.mp4')])
      openSessionReader(path)[Symbol.dispose]();
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

  it('a video whose name is as long as names can be has a session and a rendering', async () => {
    const video = workspace.path(`${'漢'.repeat(83)}.mp4`);
    copyFileSync(SAMPLE, video);
    const tracked = await workspace.run(['track', video, '--point', '1:0:466,526', '--range', '0:1', '--pack', pack]);
    expect(tracked.stderr).not.toContain('masklet:');
    const made = tracked.stdout.trim();
    expect(basename(made)).toBe(`${'漢'.repeat(66)}.masklet`);
    const rendered = await workspace.run(['render', made, '--range', '0:1']);
    expect(basename(rendered.stdout.trim())).toBe(`${'漢'.repeat(66)}_tracked.mp4`);
    const again = await workspace.run(['track', video, '--point', '1:0:466,526', '--range', '0:1', '--pack', pack]);
    expect(again.stderr).toContain('nothing to do');
    expect(again.stdout.trim()).toBe(made);
  });

  it('a place that cannot be, and a name that is too long, are told of as such', async () => {
    expect((await workspace.run(['demo', '--out', session])).stderr).toContain('[file-unreadable]');
    const home = { MASKLET_HOME: join(session, 'home') };
    expect((await workspace.run(['models', 'import', pack], home)).stderr).toContain('[file-unreadable]');
    const long = 'x'.repeat(245);
    const still = ['segment', SAMPLE, '--point', '466,526', '--pack', pack, '--out', `${long}.png`];
    expect((await workspace.run(still)).stderr).toContain('[usage]');
    const exported = ['export', session, '--format', 'csv', '--out', long];
    expect((await workspace.run(exported)).stderr).toContain('is too long for this disk');
    const named = ['track', SAMPLE, '--session', `${long}.masklet`, '--point', '1:0:466,526', '--pack', pack];
    expect((await workspace.run(named)).stderr).toContain('is too long for a session');
  });
});
