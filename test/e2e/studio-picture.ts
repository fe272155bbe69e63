/** Draws docs/studio.png: `node test/e2e/studio-picture.ts`. The sample clip, one thing clicked, two named, all tracked. */
import { join } from 'node:path';
import { repositoryRoot } from '../support/run-cli.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
if (chromium === null) throw new Error('the picture needs Chromium');
await using studio = await StudioPage.start(chromium);
const { page } = studio;
await page.setViewportSize({ width: 1440, height: 900 });
await studio.openSample();
await studio.clickVideo(466, 526);
await studio.answered();
await studio.clickVideo(430, 490);
await studio.answered();
for (const phrase of ['yellow thing', 'red thing']) {
  await page.keyboard.press('t');
  await page.keyboard.type(phrase);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
}
await page.keyboard.press('g');
await page.locator('.notice-success').waitFor({ timeout: 300_000 });
await page.locator('.notices .notice').first().waitFor({ state: 'detached' });
for (let step = 0; step < 5; step++) await page.keyboard.press('Shift+ArrowRight');
await studio.shown();
await page.waitForLoadState('networkidle');
await page.screenshot({ path: join(repositoryRoot, 'docs/studio.png') });
