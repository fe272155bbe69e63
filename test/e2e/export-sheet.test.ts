import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderStyleNames } from '../../src-shared/contract/render-look.ts';
import { writeTruthSession } from '../support/truth-session.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
const FRAMES = 30;

describe.skipIf(chromium === null)('the export sheet', () => {
  let studio: StudioPage;
  const page = () => studio.page;
  const sheet = () => page().getByRole('dialog');
  const settled = () => page().locator('.still[data-state=shown]').waitFor();
  const start = () => page().keyboard.press('Control+Enter');
  const ended = () => sheet().getByRole('button', { name: 'Export something else' }).waitFor({ timeout: 120_000 });
  /** A few colours of the preview, as a person would tell two pictures apart. */
  const previewPixels = () =>
    page().evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.still-picture')!;
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      let sum = 0;
      for (let at = 0; at < data.length; at += 97) sum = (sum * 31 + data[at]) % 1_000_000_007;
      return `${width}x${height} ${sum}`;
    });

  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await writeTruthSession(studio.home, ['box', 'star'], { frames: FRAMES });
    await studio.openPath(join(studio.home, 'sessions'), 'tumble.masklet');
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('shows the current frame as the video will have it, and follows style and options', async () => {
    await page().keyboard.press('o');
    for (let step = 0; step < 5; step++) await page().keyboard.press('.');
    await page().keyboard.press('Shift+ArrowRight');
    await page().keyboard.press('Shift+ArrowRight');
    await page().keyboard.press('o');
    await page().keyboard.press('Control+e');
    await settled();
    expect(await sheet().locator('.style-tile').count()).toBe(renderStyleNames.length);
    expect(await sheet().locator('.frame-scrub output').textContent()).toBe('Frame 25');
    const overlay = await previewPixels();
    await sheet().getByLabel('Labels with name and score').uncheck();
    await eventually(previewPixels).not.toBe(overlay);
    // The gallery is one radio group: arrows walk through it.
    await sheet().getByRole('radio', { name: 'Overlay', exact: true }).focus();
    await page().keyboard.press('ArrowRight');
    await settled();
    expect(await sheet().getByRole('radio', { name: 'Outline', exact: true }).isChecked()).toBe(true);
    expect(await sheet().getByLabel('Opacity').count()).toBe(0);
    await sheet().getByRole('radio', { name: 'Cut out' }).check({ force: true });
    await sheet().getByText('Transparent').click();
    // Only what carries transparency is left to write it with.
    expect(await sheet().getByLabel('Written as').locator('option').count()).toBe(3);
    expect(await sheet().getByLabel('File name').inputValue()).toBe('tumble_cutout.mov');
  });

  it('redacts a stretch and shows what was covered', async () => {
    await sheet().getByRole('radio', { name: 'Redact', exact: true }).check({ force: true });
    await settled();
    await sheet().getByText('star', { exact: true }).click();
    await start();
    await ended();
    expect(await sheet().locator('.export-run .path').textContent()).toBe(
      join(studio.home, 'sessions/tumble_redact.mp4'),
    );
    expect(existsSync(join(studio.home, 'sessions/tumble_redact.mp4'))).toBe(true);
    expect(await sheet().locator('.redaction').textContent()).toContain('Covered on every frame');
    await sheet().getByRole('button', { name: 'Export something else' }).click();
  });

  it('does not write over a file unless asked, and says so', async () => {
    await sheet().getByLabel('File name').fill('tumble_redact');
    await start();
    await sheet().getByRole('alert').waitFor();
    const before = statSync(join(studio.home, 'sessions/tumble_redact.mp4')).mtimeMs;
    await sheet().getByRole('button', { name: 'Replace it' }).click();
    await ended();
    expect(statSync(join(studio.home, 'sessions/tumble_redact.mp4')).mtimeMs).toBeGreaterThan(before);
    await sheet().getByRole('button', { name: 'Export something else' }).click();
  });

  it('stops on request and leaves nothing behind', async () => {
    await sheet().getByText('Whole clip').click();
    await sheet().getByLabel('File name').fill('stopped');
    await start();
    await sheet().getByRole('button', { name: 'Stop writing' }).click();
    await ended();
    expect(await sheet().locator('.run-state').textContent()).toContain('Stopped');
    expect(readdirSync(join(studio.home, 'sessions')).filter((name) => /stopped|partial/.test(name))).toEqual([]);
    await sheet().getByRole('button', { name: 'Export something else' }).click();
  });

  it('lists losses before it writes datasets, writes all of them, and tells what was read back', async () => {
    await sheet()
      .getByRole('radio', { name: /^Dataset/ })
      .check({ force: true });
    await sheet()
      .getByRole('checkbox', { name: /^YOLO segment/ })
      .check();
    await eventually(() => sheet().locator('.loss-list').textContent()).toContain('YOLO labels have no identities');
    expect(readdirSync(join(studio.home, 'sessions')).filter((name) => /coco|yolo/.test(name))).toEqual([]);
    // The outlines of this frame follow the tolerance before anything is written.
    const corners = async () =>
      ((await sheet().locator('.outline-preview').textContent()) ?? '')
        .match(/[\d,]+/g)
        ?.map((text) => +text.replace(',', ''));
    const tolerance = sheet().getByLabel('Polygon tolerance');
    await tolerance.fill('0');
    await eventually(async () => (await corners())?.[0]).toBe((await corners())?.[1]);
    await tolerance.fill('4');
    await eventually(async () => ((await corners())?.[0] ?? 0) * 10).toBeLessThan((await corners())?.[1] ?? 0);
    await studio.shot('export-outlines');
    await tolerance.fill('1');
    await sheet().getByLabel('Class of box').fill('crate');
    await sheet().getByLabel('Every n-th frame').fill('5');
    await start();
    await ended();
    const facts = await sheet().locator('.export-run').allTextContents();
    expect(facts).toHaveLength(2);
    expect(facts[0]).toMatch(/COCO.*Frames6.*Lowest IoU1\.0/);
    const { categories } = JSON.parse(
      readFileSync(join(studio.home, 'sessions/tumble_coco/annotations/instances_default.json'), 'utf8'),
    ) as { categories: { name: string }[] };
    expect(categories.map(({ name }) => name)).toEqual(['crate', 'object']);
    await page().keyboard.press('Escape');
    await sheet().waitFor({ state: 'detached' });
  });
});
