import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { openedSession, startEngine, walkingSquare } from '../support/engine-host.ts';
import { findChromium, StudioPage, sampleClip } from './studio-page.ts';

const chromium = findChromium();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
const FRAMES = 8;

const onSquare = {
  kind: 'point',
  objectId: objectId(1),
  frameIndex: frameIndex(0),
  point: { x: 16, y: 24 },
  include: true,
} as const;

/** Sessions in the studio's library: `keeper` and `plain` of one clip, `lost` whose video is moved away, `future` of a newer studio. */
async function fillLibrary(home: string): Promise<void> {
  await using engine = startEngine(home);
  const { client } = engine;
  for (const [name, clip] of [
    ['keeper', 'square'],
    ['plain', 'square'],
    ['lost', 'moving'],
    ['future', 'square'],
  ] as const) {
    const folder = join(home, clip);
    const video = existsSync(folder) ? folder : walkingSquare(folder, clip === 'moving' ? FRAMES + 1 : FRAMES);
    const { sessionId } = await openedSession(client, video, join(home, 'sessions', `${name}.masklet`));
    if (name === 'keeper') {
      await client.addPrompts({ sessionId, prompts: [onSquare] });
      await client.changeObjects({ sessionId, objectIds: [objectId(1)], change: { name: 'Goalkeeper' } });
    }
    await client.closeSession({ sessionId });
  }
  renameSync(join(home, 'moving'), join(home, 'moved'));
  const db = new Database(join(home, 'sessions', 'future.masklet'));
  db.pragma('user_version = 99');
  db.close();
}

describe.skipIf(chromium === null)('the home screen', () => {
  let studio: StudioPage;
  const cards = () => studio.page.locator('.session-item strong').allTextContents();
  const menu = async (name: string, item: string) => {
    await studio.page.getByRole('button', { name: `What to do with ${name}`, exact: true }).click();
    await studio.page.getByRole('menuitem', { name: item }).click();
  };
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await fillLibrary(studio.home);
    await studio.page.reload();
    await studio.page.locator('.session-item').nth(3).waitFor();
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('says with what the machine is ready, and that no network was used', async () => {
    await eventually(() => studio.page.locator('.ready-card').textContent()).toMatch(
      /Ready on CPU .*pebble, self-test [\d,]+ ms a frame/,
    );
    expect(await studio.page.locator('.home-foot').textContent()).toContain('No network access has been made.');
  });

  it('refuses a session of a newer studio by name, and leaves the others alone', async () => {
    const future = studio.page.locator('.session-item.broken');
    expect(await future.textContent()).toMatch(
      /future\.masklet was made by a newer Masklet Studio .*nothing was changed/,
    );
    expect((await cards()).sort()).toEqual(['future', 'keeper', 'lost', 'plain']);
  });

  it('finds a session by the name of an object', async () => {
    const field = studio.page.getByLabel('Name, object or phrase');
    await field.fill('goal');
    await eventually(cards).toEqual(['keeper']);
    expect(await studio.page.locator('.card-object').textContent()).toBe('Goalkeeper');
    await field.fill('zebra');
    await studio.page.getByRole('button', { name: 'Show all sessions' }).click();
    await eventually(async () => (await cards()).length).toBe(4);
  });

  it('draws the poster of a session that was made elsewhere', async () => {
    const card = studio.page.locator('.session-item', { hasText: 'keeper' });
    await card.locator('.poster img').waitFor({ timeout: 60_000 });
  });

  it('duplicates, renames in place, and refuses a name that is taken', async () => {
    await menu('keeper', 'Duplicate');
    await eventually(cards).toContain('keeper-2');
    await menu('keeper-2', 'Rename');
    await studio.page.getByLabel('Name of the session').fill('plain');
    await studio.page.keyboard.press('Enter');
    const refusal = studio.page.locator('.notice-error');
    await eventually(() => refusal.textContent()).toContain('There is a plain.masklet already; nothing was changed');
    await refusal.getByRole('button', { name: 'Close' }).click();
    await menu('keeper-2', 'Rename');
    await studio.page.getByLabel('Name of the session').fill('Final cut');
    await studio.page.keyboard.press('Enter');
    await eventually(cards).toContain('Final cut');
  });

  it('moves to the trash, with a way back at once and later', async () => {
    await menu('Final cut', 'Move to trash');
    await eventually(cards).not.toContain('Final cut');
    await studio.page.getByRole('button', { name: 'Put back' }).click();
    await eventually(cards).toContain('Final cut');
    await menu('Final cut', 'Move to trash');
    await studio.page.getByRole('button', { name: 'Trash (1)' }).click();
    await studio.page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click();
    await studio.page.getByText('The trash is empty').waitFor();
    await studio.page.keyboard.press('Escape');
    await eventually(cards).toContain('Final cut');
  });

  it('finds a moved video again by its content, and takes no other', async () => {
    const { page } = studio;
    const lost = page.locator('.session-item', { hasText: 'lost' });
    expect(await lost.textContent()).toContain('Video missing');
    await lost.locator('.session-card').click();
    const sheet = page.getByRole('dialog');
    const go = async (folder: string) => {
      await page.getByLabel('Folder', { exact: true }).fill(join(studio.home, folder));
      await page.keyboard.press('Enter');
      await eventually(() => page.getByLabel('Folder', { exact: true }).inputValue()).toBe(join(studio.home, folder));
      await sheet.getByRole('button', { name: 'Open folder as image sequence' }).click();
    };
    await go('square');
    await eventually(() => sheet.locator('.inline-error').textContent()).toContain('belongs to another video');
    await go('moved');
    await sheet.waitFor({ state: 'detached' });
    await eventually(() => lost.textContent()).not.toContain('Video missing');
  });

  it('shows a session whose video was replaced by another one, to be looked at only', async () => {
    const { page, home } = studio;
    const folder = walkingSquare(join(home, 'turned'), FRAMES + 2);
    {
      await using engine = startEngine(home);
      const { sessionId } = await openedSession(engine.client, folder, join(home, 'sessions', 'turned.masklet'));
      await engine.client.addPrompts({ sessionId, prompts: [onSquare] });
      await engine.client.closeSession({ sessionId });
    }
    walkingSquare(folder, FRAMES + 3);
    await page.reload();
    await page.locator('.session-item', { hasText: 'turned' }).locator('.session-card').click();
    const refusal = page.locator('.notice-error');
    expect(await refusal.textContent()).toContain('is not the one that turned.masklet was made with');
    await refusal.getByRole('button', { name: 'Open to look only' }).click();
    await studio.shown();
    const banner = page.locator('.presence-banner');
    expect(await banner.textContent()).toContain('you can look but not edit');
    expect(await page.locator('.hint-bar').textContent()).toContain('clicks change nothing');
    await page.keyboard.press('1');
    await page.keyboard.press('Control+Delete');
    expect(await page.locator('.object-row').count()).toBe(1);
    await studio.shot('changed-video');
    await banner.getByRole('button', { name: 'Locate the video…' }).click();
    await page.getByRole('dialog').getByText('Only the very same video').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.session-item', { hasText: 'turned' }).waitFor();
  });

  it('runs jobs in line, survives a reload of the page, and shows what failed', async () => {
    const { page } = studio;
    await menu('Final cut', 'Track in the queue');
    await page.reload();
    await page.locator('.job-row.job-done').waitFor({ timeout: 120_000 });
    await eventually(() => page.locator('.session-item', { hasText: 'Final cut' }).textContent()).toContain(
      '100% tracked',
    );
    const out = join(studio.home, 'sessions', 'Final cut_tracked.mp4');
    await menu('Final cut', 'Write MP4 in the queue');
    await page.getByText(out).waitFor({ timeout: 120_000 });
    expect(existsSync(out)).toBe(true);
    await page.getByRole('button', { name: 'Clear finished' }).click();
    await page.getByText('Nothing in line').waitFor();
  });

  it('lists the folder that was typed, though the one it began with answers later', async () => {
    const { page, home } = studio;
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    await page.route('**/host/folder*', async (route) => {
      if (route.request().url().includes('path=')) return route.continue();
      begun.resolve();
      await held.promise;
      return route.continue();
    });
    await page.evaluate(() => {
      const settings = JSON.parse(localStorage.getItem('masklet-settings') ?? '{}') as object;
      localStorage.setItem('masklet-settings', JSON.stringify({ ...settings, recent: [] }));
    });
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Control+o');
    await begun.promise;
    const field = page.getByLabel('Folder', { exact: true });
    await field.fill(join(home, 'sessions'));
    await field.press('Enter');
    await page.getByRole('button', { name: 'keeper.masklet' }).waitFor();
    const late = page.waitForResponse((response) => /\/host\/folder$/.test(response.url()));
    held.resolve();
    await (await late).finished();
    await page.getByLabel('Files', { exact: true }).getByRole('button', { name: 'keeper.masklet' }).hover();
    expect(await field.inputValue()).toBe(join(home, 'sessions'));
    await page.unroute('**/host/folder*');
    await page.keyboard.press('Escape');
  });

  it('leaves the path field alone while somebody is in it', async () => {
    const { page, home } = studio;
    const held = Promise.withResolvers<void>();
    await page.route(/\/host\/folder$/, async (route) => {
      await held.promise;
      return route.continue();
    });
    await page.keyboard.press('Control+o');
    const field = page.getByLabel('Folder', { exact: true });
    await field.focus();
    const late = page.waitForResponse(/\/host\/folder$/);
    held.resolve();
    await (await late).finished();
    await page.getByLabel('Files', { exact: true }).getByRole('listitem').first().waitFor();
    await page.keyboard.insertText(join(home, 'sessions'));
    expect(await field.inputValue()).toBe(join(home, 'sessions'));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'keeper.masklet' }).waitFor();
    await page.unroute(/\/host\/folder$/);
    await page.keyboard.press('Escape');
  });

  it('opens what the path field says, listed or not, and a file by its pasted path', async () => {
    const { page, home } = studio;
    const held = Promise.withResolvers<void>();
    await page.route(/\/host\/folder\?.*square/, async (route) => {
      await held.promise;
      return route.continue();
    });
    const field = page.getByLabel('Folder', { exact: true });
    await page.keyboard.press('Control+o');
    await page.getByLabel('Files', { exact: true }).getByRole('listitem').first().waitFor();
    await field.fill(join(home, 'square'));
    await field.press('Enter');
    await page.getByRole('button', { name: 'Open folder as image sequence' }).click();
    await studio.shown();
    expect(await page.locator('.top-bar').textContent()).toContain('square');
    const late = page.waitForResponse(/\/host\/folder\?.*square/);
    held.resolve();
    await (await late).finished();
    await page.unroute(/\/host\/folder\?.*square/);
    await page.keyboard.press('Control+Shift+h');
    await page.locator('.session-item').first().waitFor();
    await page.keyboard.press('Control+o');
    await field.fill(`"${join(home, 'sessions', 'keeper.masklet')}"`);
    await field.press('Enter');
    await studio.shown();
    await eventually(() => page.locator('.object-name').textContent()).toBe('Goalkeeper');
    await page.keyboard.press('Control+Shift+h');
    await page.locator('.session-item').first().waitFor();
  });

  it('takes several dropped files at once into the library', async () => {
    const { page } = studio;
    await page.keyboard.press('Control+o');
    const files = ['one.mp4', 'two.mp4'].map((name) => join(studio.home, name));
    for (const file of files) copyFileSync(sampleClip, file);
    await page.locator('input[type=file]').setInputFiles(files);
    await page.getByText('2 videos are in Sessions').waitFor({ timeout: 120_000 });
    await eventually(cards).toEqual(expect.arrayContaining(['one', 'two']));
  });

  it('changes keys, warns of a key that is taken, and gives it back', async () => {
    const { page } = studio;
    await page.keyboard.press('?');
    await page.getByLabel('Search commands and keys').fill('track both');
    const row = page.locator('.shortcut-row', { hasText: 'Track both ways' });
    await row.locator('.key-button').click();
    await page.getByText('Press the new key').waitFor();
    await page.keyboard.press('Control+e');
    await page.getByText('Ctrl E belongs to “Export…”').waitFor();
    await page.getByRole('button', { name: 'Use it here' }).click();
    await eventually(() => row.locator('kbd').allTextContents()).toEqual(['Ctrl E']);
    await page.getByLabel('Search commands and keys').fill('export');
    const exports = page.locator('.shortcut-row', { hasText: 'Export…' });
    expect(await exports.textContent()).toContain('None');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Reset all keys' }).click();
    await page.getByLabel('Search commands and keys').fill('export');
    await eventually(() => exports.locator('kbd').allTextContents()).toEqual(['Ctrl E']);
    await page.keyboard.press('Escape');
  });

  it('needs no keys: the palette finds commands by their name in either language', async () => {
    const { page } = studio;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('设置');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('leaves the keyboard to what the palette was asked for', async () => {
    const { page } = studio;
    const ask = async (words: string) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill(words);
      // After the reload the sessions are listed a moment later.
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
    };
    await ask('plain');
    await studio.shown();
    await ask('find by');
    await page.keyboard.type('square');
    expect(await page.locator('[data-focus="concept"]').inputValue()).toBe('square');
    await page.keyboard.press('Escape');
    await ask('filter');
    await page.locator('[data-focus="stop-filter"]:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Shift+h');
  });
});

describe.skipIf(chromium === null)('two tabs on one session', () => {
  it('edit in the first and follow in the second, which takes over once the first is gone', async () => {
    await using studio = await StudioPage.start(chromium!);
    const { page } = studio;
    await studio.openSample();
    const second = await page.context().newPage();
    await second.goto(page.url());
    await second.getByText('Another tab edits this session').waitFor();
    await studio.clickVideo(466, 526);
    await studio.answered();
    await eventually(() => second.locator('.object-row').count()).toBe(1);
    await second.keyboard.press('1');
    await second.keyboard.press('Control+Delete');
    await second.keyboard.press('Control+z');
    expect(await second.locator('.object-row').count()).toBe(1);
    await page.keyboard.press('g');
    await second.locator('.job-chip').waitFor({ timeout: 60_000 });
    await page.keyboard.press('Control+.');
    await page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 60_000 });
    await page.keyboard.press('Control+Shift+h');
    await second.getByRole('button', { name: 'Take over' }).click();
    await second.locator('.presence-banner').waitFor({ state: 'detached' });
    await second.locator('.job-chip').waitFor({ state: 'detached' });
    await second.keyboard.press('1');
    await second.keyboard.press('Control+Delete');
    await eventually(() => second.locator('.object-row').count()).toBe(0);
  });
});
