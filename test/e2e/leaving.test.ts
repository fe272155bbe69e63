import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeTruthSession } from '../support/truth-session.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('an export whose session is put away', () => {
  it('goes on, can be stopped on the home screen, and is remembered with its session', async () => {
    await using studio = await StudioPage.start(chromium!);
    const { page } = studio;
    const folder = join(studio.home, 'sessions');
    const sheet = page.getByRole('dialog', { name: 'Export' });
    await writeTruthSession(studio.home, ['box', 'star'], { frames: 30 });
    await studio.openPath(folder, 'tumble.masklet');
    await page.keyboard.press('Control+e');
    await page.locator('.still[data-state=shown]').waitFor();
    await sheet.getByLabel('File name').fill('left');
    await page.keyboard.press('Control+Enter');
    await sheet.getByRole('button', { name: 'Stop writing' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Shift+h');
    await page.locator('.home-bar').getByRole('button', { name: 'Stop writing' }).click();
    await page.locator('.job-chip').waitFor({ state: 'detached' });
    await studio.openPath(folder, 'tumble.masklet');
    await page.keyboard.press('Control+e');
    await sheet.getByRole('button', { name: 'Export something else' }).waitFor();
    expect(await sheet.locator('.run-state').textContent()).toContain('Stopped');
    expect(readdirSync(folder).filter((name) => /left|partial/.test(name))).toEqual([]);
    expect(studio.complaints).toEqual([]);
  });
});
