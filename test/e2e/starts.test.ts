import { describe, expect, it } from 'vitest';
import { eventually } from './desk.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('after a crash', () => {
  it('says what is there and goes on with it', async () => {
    await using studio = await StudioPage.start(chromium!);
    const { page } = studio;
    await studio.openSample();
    await studio.clickVideo(466, 526);
    await studio.answered();
    await page.keyboard.press('g');
    await page.waitForFunction(
      () => /Tracking [1-9]/.test(document.querySelector('.job-chip')?.textContent ?? ''),
      null,
      {
        timeout: 120_000,
      },
    );
    studio.killServer();
    await page.goto('about:blank');
    await studio.restartServer();
    await page.goto(studio.url.replace(/\?.*/, ''));
    const card = page.locator('.recovered');
    await card.waitFor();
    expect(await card.textContent()).toMatch(/tumble: [1-9]\d* of 200 frames and the prompt are here\./);
    await card.getByRole('button', { name: 'Resume tracking' }).click();
    await page.locator('.job-chip').waitFor({ timeout: 60_000 });
    await page.waitForFunction(() => /Tracking [1-9]/.test(document.querySelector('.job-chip')?.textContent ?? ''));
  });
});

describe.skipIf(chromium === null)('a first start', () => {
  it('goes from nothing to a mask in three marked steps, which come back when asked for', async () => {
    const startedAt = performance.now();
    await using studio = await StudioPage.start(chromium!, { settings: { coachDone: false } });
    const { page } = studio;
    await studio.openSample();
    const coach = page.locator('.coach');
    expect(await coach.textContent()).toContain('Step 1 of 3Click the ball');
    await studio.clickVideo(208, 620);
    await page.locator('.object-row').waitFor();
    await studio.answered();
    console.log(`first start to first mask: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    await eventually(() => coach.textContent()).toContain('Press G to track both ways');
    await page.getByRole('button', { name: 'Don’t show hints' }).click();
    await coach.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Show the first-start hints again' }).click();
    await coach.waitFor();
  });
});
