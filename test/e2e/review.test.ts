import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openSessionReader, summariseSession } from '../../src-main/core/store/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import { FAULTS, writeFaults } from '../support/doubtful-session.ts';
import { axeFindings } from './axe-findings.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 30_000 });

/** The sample clip with known faults, opened from the home screen. */
async function startWithFaults(settings: object = {}): Promise<{ studio: StudioPage; path: string }> {
  const studio = await StudioPage.start(chromium!, { settings: { reviewer: 'Ada', ...settings } });
  // By its place: the language may be another one.
  await studio.page.locator('.sample-card').click();
  await studio.shown();
  await studio.page.keyboard.press('Control+Shift+h');
  await studio.page.locator('button.session-card').waitFor();
  const path = join(studio.home, 'sessions/tumble.masklet');
  await vi.waitUntil(() => !summariseSession(path).locked, { timeout: 60_000, interval: 100 });
  writeFaults(path);
  await studio.page.locator('button.session-card').click();
  await studio.shown();
  return { studio, path };
}

const read = (path: string) => {
  using session = openSessionReader(path);
  return { reviews: session.reviews.all(), spans: [1, 2].map((id) => session.masks.coverage(objectId(id))) };
};

/** Where an object's mask lies on a frame. */
const placeOf = (path: string, id: number, frame: number) => {
  using session = openSessionReader(path);
  const mask = session.masks.get(frameIndex(frame), objectId(id))?.mask ?? null;
  return mask === null ? null : maskBox(mask);
};

const stopTexts = (studio: StudioPage) => studio.page.locator('.stop-card').allTextContents();
const frameShown = (studio: StudioPage) => studio.page.getByTestId('timeline').getAttribute('aria-valuenow');
const chosen = (studio: StudioPage) => studio.page.locator('.stop-card.chosen .stop-reasons').textContent();

describe.skipIf(chromium === null)('F4: leaving, coming back, and a swap', () => {
  let studio: StudioPage;
  let path = '';
  beforeAll(async () => {
    ({ studio, path } = await startWithFaults());
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('lists every fault, the swap first, with its reasons', async () => {
    await studio.page.getByRole('tab', { name: /Review/ }).click();
    await eventually(() => stopTexts(studio).then((texts) => texts.length)).toBe(4);
    const texts = await stopTexts(studio);
    expect(texts[0]).toContain('possible swap with Box');
    expect(texts.join()).toContain('disappears');
    expect(texts.join()).toContain('returns after 20 frames');
    expect(texts.join()).toContain('confidence 0.20');
  });

  it('marks the gap absent, as one step that undo takes back', async () => {
    await studio.page.locator('.stop-card', { hasText: 'disappears' }).locator('.stop-main').click();
    await eventually(() => frameShown(studio)).toBe(String(FAULTS.gone));
    await studio.page
      .locator('.stop-decisions')
      .getByRole('button', { name: /Absent/ })
      .click();
    await eventually(() => read(path).reviews.map(({ first, last, verdict }) => [first, last, verdict])).toEqual([
      [FAULTS.gone, FAULTS.back - 1, 'absent'],
    ]);
    await studio.page.keyboard.press('Control+z');
    await eventually(() => read(path).reviews).toEqual([]);
    await studio.page.keyboard.press('Control+Shift+z');
    await eventually(() => read(path).reviews.length).toBe(1);
    expect(read(path).reviews[0]).toMatchObject({ reviewer: 'Ada', verdict: 'absent' });
  });

  it('asks on return whether it is the same, and takes yes', async () => {
    await studio.page.locator('.stop-card', { hasText: 'returns after' }).locator('.stop-main').click();
    expect(await studio.page.locator('.stop-question').textContent()).toContain('This looks like Ball');
    await studio.page.locator('.stop-decisions').getByRole('button', { name: /Same/ }).click();
    await eventually(() =>
      read(path).reviews.some(({ first, verdict }) => first === FAULTS.back && verdict === 'accepted'),
    ).toBe(true);
  });

  it('previews the swap, makes it, and one undo brings both back', async () => {
    const before = [1, 2].map((id) => placeOf(path, id, 180));
    await studio.page.locator('.stop-card', { hasText: 'possible swap' }).locator('.stop-main').click();
    await eventually(() => frameShown(studio)).toBe(String(FAULTS.swap));
    await studio.page.getByRole('button', { name: 'Show the swap' }).click();
    const card = studio.page.getByRole('region', { name: 'Swap from here' });
    await eventually(() => card.locator('.identity-effect').textContent()).toContain('160 stored masks change');
    expect([1, 2].map((id) => placeOf(path, id, 180))).toEqual(before);
    await studio.shot('review-swap-preview');
    await card.getByRole('button', { name: 'Make it so' }).click();
    await eventually(() => [1, 2].map((id) => placeOf(path, id, 180))).toEqual([before[1], before[0]]);
    // What was up to date still is.
    await eventually(() => studio.page.locator('.state-word').allTextContents()).toEqual(['Tracked', 'Tracked']);
    await studio.page.keyboard.press('Control+z');
    await eventually(() => [1, 2].map((id) => placeOf(path, id, 180))).toEqual(before);
    await studio.page.keyboard.press('Control+Shift+z');
    await eventually(() => [1, 2].map((id) => placeOf(path, id, 180))).toEqual([before[1], before[0]]);
    await eventually(() => stopTexts(studio).then((texts) => texts.some((text) => text.includes('swap')))).toBe(false);
  });
});

describe.skipIf(chromium === null)('F4 by keyboard only', () => {
  it('swaps, splits and marks absent without a mouse', async () => {
    const { studio, path } = await startWithFaults();
    await using _ = studio;
    const { keyboard } = studio.page;
    const before = [1, 2].map((id) => placeOf(path, id, 180));
    await keyboard.press(']');
    await eventually(() => chosen(studio)).toContain('possible swap');
    await keyboard.press('w');
    await eventually(() => studio.page.locator('.identity-effect').textContent()).toContain('160 stored masks');
    await keyboard.press('Enter');
    await eventually(() => [1, 2].map((id) => placeOf(path, id, 180))).toEqual([before[1], before[0]]);
    await studio.page.locator('.identity-card').waitFor({ state: 'detached' });
    await keyboard.press('s');
    await studio.page.getByRole('region', { name: 'Split here' }).waitFor();
    await keyboard.press('Escape');
    await studio.page.getByRole('region', { name: 'Split here' }).waitFor({ state: 'detached' });
    // At a stop A would mean the stop; the one that was here goes with the search that the swap began.
    await eventually(() => studio.page.locator('.stop-card.chosen').count()).toBe(0);
    await keyboard.press('End');
    await keyboard.press('i');
    await keyboard.press('a');
    await studio.page.getByRole('region', { name: 'Mark absent' }).waitFor();
    await eventually(() => studio.page.locator('.identity-effect').textContent()).toContain('1 stored mask changes');
    await keyboard.press('Enter');
    await eventually(() => read(path).reviews.at(0)?.verdict).toBe('absent');
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(chromium === null)('F5: review a saved session', () => {
  let studio: StudioPage;
  let path = '';
  beforeAll(async () => {
    ({ studio, path } = await startWithFaults());
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('narrows the queue with the filter, and says what it does not understand', async () => {
    await studio.page.keyboard.press(']');
    await eventually(() => stopTexts(studio).then((texts) => texts.length)).toBe(4);
    await studio.page.keyboard.press('Control+f');
    await studio.page.locator('[data-focus="stop-filter"]:focus').waitFor();
    await studio.page.keyboard.type('object:Box confidence<0.5');
    await eventually(() => stopTexts(studio).then((texts) => texts.length)).toBe(1);
    await studio.page.keyboard.type(' colour:red');
    await eventually(() => studio.page.locator('.field-problem').textContent()).toContain('“colour” is not a field');
    await studio.page.keyboard.press('Escape');
    await studio.page.keyboard.press('Escape');
    await eventually(() => stopTexts(studio).then((texts) => texts.length)).toBe(4);
  });

  it('goes through the queue by keys alone: accept, fix, absent, skip', async () => {
    const { keyboard } = studio.page;
    await eventually(() => chosen(studio)).toContain('possible swap');
    expect(await studio.page.locator('.review-progress').textContent()).toContain('0 of 4 stops');
    await keyboard.press('y');
    await eventually(() => studio.page.locator('.review-progress').textContent()).toContain('1 of 4 stops');
    for (let stop = 0; stop < 3; stop++) {
      const reasons = await chosen(studio);
      if (reasons?.includes('disappears') === true) await keyboard.press('a');
      else if (reasons?.includes('returns') === true) await keyboard.press('y');
      else {
        await keyboard.press('r');
        await eventually(() => studio.page.locator('.stop-question').textContent()).toContain(
          'Correct it in the picture',
        );
        await keyboard.press('Shift+s');
      }
      await eventually(() => read(path).reviews.length).toBeGreaterThan(stop + 1);
      await eventually(() => studio.page.locator('.stop-card.said-open').count()).toBe(2 - stop);
    }
    expect(
      read(path)
        .reviews.map(({ verdict }) => verdict)
        .sort(),
    ).toEqual(['absent', 'accepted', 'accepted', 'skipped']);
    await studio.page.getByText('Every stop is decided.').waitFor();
  });

  it('accepts the rest, and the session is 100 % reviewed under the reviewer’s name', async () => {
    await studio.page.keyboard.press('Shift+y');
    await eventually(() => summariseSession(path).reviewedShare).toBe(1);
    expect(new Set(read(path).reviews.map(({ reviewer }) => reviewer))).toEqual(new Set(['Ada']));
    await studio.page.keyboard.press('Control+z');
    await eventually(() => summariseSession(path).reviewedShare).toBeLessThan(1);
    await studio.page.keyboard.press('Control+Shift+z');
    await eventually(() => summariseSession(path).reviewedShare).toBe(1);
  });

  it('offers a spot check where nothing is open', async () => {
    await studio.page.getByRole('button', { name: 'Spot-check 5 random frames' }).click();
    await eventually(() =>
      stopTexts(studio).then((texts) => texts.filter((text) => text.includes('spot check')).length),
    ).toBeGreaterThan(0);
  });
});

describe.skipIf(chromium === null)('the review screen', () => {
  it.each([
    { width: 1280, height: 800, theme: 'dark', language: 'en' },
    { width: 1920, height: 1080, theme: 'light', language: 'zh-CN' },
  ])(
    'at $width x $height, $theme, $language: looked at, and sound for screen readers',
    async ({ width, height, ...settings }) => {
      const { studio } = await startWithFaults(settings);
      await using _ = studio;
      await studio.page.setViewportSize({ width, height });
      await studio.page.keyboard.press(']');
      await studio.page.locator('.stop-card.chosen').waitFor();
      await studio.shown();
      await studio.shot(`review-${width}-${settings.theme}-${settings.language}`);
      await studio.page.keyboard.press('w');
      await studio.page.locator('.identity-card').waitFor();
      await studio.shot(`review-swap-${width}-${settings.theme}-${settings.language}`);
      expect(await axeFindings(studio)).toEqual([]);
      expect(studio.complaints).toEqual([]);
    },
  );
});
