import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from './axe-findings.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
const SIZES = [
  [1280, 800],
  [1920, 1080],
] as const;
const THEMES = ['dark', 'light'] as const;
const LANGUAGES = ['en', 'zh-CN'] as const;
const SHEETS = [
  ['export', 'Control+e'],
  ['settings', 'Control+,'],
  ['shortcuts', '?'],
  ['palette', 'Control+k'],
  ['open', 'Control+o'],
] as const;
const LOOKS = SIZES.flatMap((size) =>
  THEMES.flatMap((theme) => LANGUAGES.map((language) => ({ size, theme, language }))),
);

describe.skipIf(chromium === null)('screens', () => {
  let studio: StudioPage;
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await studio.openSample();
    await studio.clickVideo(466, 526);
    await studio.answered();
    await studio.page.keyboard.press('n');
    await studio.clickVideo(220, 580);
    await studio.answered();
    // Half a run is enough to look at, and leaves a frame where it was paused.
    await studio.page.keyboard.press('i');
    for (let step = 0; step < 4; step++) await studio.page.keyboard.press('Shift+ArrowRight');
    await studio.page.keyboard.press('o');
    await studio.page.keyboard.press('g');
    await studio.page.locator('.notice-success').waitFor({ timeout: 300_000 });
    await studio.page.keyboard.press('Alt+x');
    await studio.page.keyboard.press('t');
    await studio.page.keyboard.type('yellow thing');
    await studio.page.keyboard.press('Enter');
    await studio.page.locator('.concept-row .slider').waitFor({ timeout: 60_000 });
    await studio.page.locator('.notices .notice').first().waitFor({ state: 'detached' });
  }, 400_000);
  afterAll(() => studio[Symbol.asyncDispose]());

  it.each(LOOKS)(
    '$size $theme $language: looked at, without serious findings of axe',
    async ({ size, theme, language }) => {
      const { page } = studio;
      const name = (screen: string) => `${size[0]}-${theme}-${language}-${screen}`;
      await page.setViewportSize({ width: size[0], height: size[1] });
      await page.evaluate(
        ([wantedTheme, wantedLanguage]) => {
          const stored = JSON.parse(localStorage.getItem('masklet-settings') ?? '{}') as object;
          const next = { ...stored, theme: wantedTheme, language: wantedLanguage };
          localStorage.setItem('masklet-settings', JSON.stringify(next));
        },
        [theme, language],
      );
      await page.reload();
      await studio.shown();
      await page.keyboard.press('1');
      await page.keyboard.press('Shift+ArrowRight');
      await studio.shown();
      await page.waitForLoadState('networkidle');
      // The large window shows nothing else: it is looked at, and measured once.
      const measure = async () => (size[0] === SIZES[0][0] ? axeFindings(studio) : []);
      await studio.shot(name('studio'));
      const found: Record<string, string[]> = { studio: await measure() };
      const look = async (screen: string) => {
        await page.getByRole('dialog').waitFor();
        await studio.shot(name(screen));
        found[screen] = await measure();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      };
      for (const [screen, key] of SHEETS) {
        await page.keyboard.press(key);
        await look(screen);
      }
      const address = page.url();
      await page.keyboard.press('Control+Shift+h');
      await page.locator('.session-item').waitFor();
      await page.locator('.ready-card strong').waitFor();
      await studio.shot(name('home'));
      found.home = await measure();
      await page.locator('.session-item .icon-button').click();
      await studio.shot(name('menu'));
      found.menu = await measure();
      await page.getByRole('menuitem').nth(4).click();
      await look('locate');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('trash');
      await page.keyboard.press('Enter');
      await page.locator('.trash-list, .dialog .empty').waitFor();
      await look('trash');
      await page.goto(address);
      await page.reload();
      expect(Object.entries(found).filter(([, list]) => list.length > 0)).toEqual([]);
    },
  );

  it.each([80, 150, 200])(
    'fits at %d %%: nothing is cut off at the sides, and sheets stay in the window',
    async (scale) => {
      const { page } = studio;
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.evaluate((value) => {
        const stored = JSON.parse(localStorage.getItem('masklet-settings') ?? '{}') as object;
        const next = { ...stored, theme: 'dark', language: 'en', scale: value };
        localStorage.setItem('masklet-settings', JSON.stringify(next));
      }, scale);
      await page.reload();
      await studio.shown();
      const outside = (selector: string) =>
        page.locator(selector).evaluateAll((elements) =>
          elements.flatMap((element) => {
            const { left, right, top, bottom, width } = element.getBoundingClientRect();
            const isIn = left >= -1 && right <= innerWidth + 1 && top >= -1 && bottom <= innerHeight + 1;
            return isIn || width === 0
              ? []
              : [`${element.tagName}.${element.className}: ${left} ${top} ${right} ${bottom}`];
          }),
        );
      await studio.shot(`scale-${scale}-studio`);
      expect(await outside('.top-bar button, .transport button, .status-bar, .viewer, [data-testid=timeline]')).toEqual(
        [],
      );
      // What wraps into a second row is not behind the timeline.
      await page.getByRole('button', { name: 'Track', exact: true }).click({ trial: true, timeout: 10_000 });
      for (const [screen, key] of SHEETS) {
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        await studio.shot(`scale-${scale}-${screen}`);
        expect(await outside('.dialog, .dialog-foot button, .dialog-head button'), screen).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      const address = page.url();
      await page.keyboard.press('Control+Shift+h');
      await page.locator('.session-item').waitFor();
      await studio.shot(`scale-${scale}-home`);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
      ).toBe(true);
      expect(await outside('.home-bar button, .home-foot')).toEqual([]);
      await page.goto(address);
      await page.reload();
    },
  );

  it('leaves no key missing: nothing on any screen looks like a message name', async () => {
    await studio.shown();
    const text = await studio.page.locator('body').innerText();
    expect(text).not.toMatch(/\b(command|hint|inspector|export|settings)\.[a-z]/);
    expect(studio.complaints).toEqual([]);
  });
});
