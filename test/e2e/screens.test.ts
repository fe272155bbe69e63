import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from './axe-findings.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
const SIZES = [
  [1280, 800],
  [1920, 1080],
] as const;
const SHEETS = [
  ['export', 'Control+e'],
  ['settings', 'Control+,'],
  ['shortcuts', '?'],
  ['palette', 'Control+k'],
  ['open', 'Control+o'],
] as const;
/** Each theme with each size and each language; all eight differ in nothing more. */
const LOOKS = SIZES.flatMap((size, index) => [
  { size, theme: 'dark', language: index === 0 ? 'en' : 'zh-CN' },
  { size, theme: 'light', language: index === 0 ? 'zh-CN' : 'en' },
]);

describe.skipIf(chromium === null)('screens', () => {
  let studio: StudioPage;
  let address = '';
  /** A sheet is there, and so are its pictures. */
  const opened = async () => {
    const { page } = studio;
    await page.getByRole('dialog').waitFor();
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll<HTMLImageElement>('.dialog img')].every(({ complete }) => complete) &&
        document.querySelector('.still[data-state=working]') === null,
    );
  };
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await studio.openSample();
    await studio.clickVideo(466, 526);
    await studio.answered();
    await studio.page.keyboard.press('n');
    await studio.clickVideo(220, 580);
    await studio.answered();
    // A short run is enough to look at.
    await studio.page.keyboard.press('i');
    await studio.page.keyboard.press('Shift+ArrowRight');
    await studio.page.keyboard.press('o');
    await studio.page.keyboard.press('g');
    await studio.page.locator('.notice-success').waitFor({ timeout: 300_000 });
    await studio.page.keyboard.press('Alt+x');
    await studio.page.keyboard.press('t');
    await studio.page.keyboard.type('yellow thing');
    await studio.page.keyboard.press('Enter');
    await studio.page.locator('.concept-row .slider').waitFor({ timeout: 60_000 });
    await studio.page.locator('.notices .notice').first().waitFor({ state: 'detached' });
    address = studio.page.url();
  }, 400_000);
  afterAll(() => studio[Symbol.asyncDispose]());

  it.each(LOOKS)(
    '$size $theme $language: looked at, without serious findings of axe',
    async ({ size, theme, language }) => {
      const { page } = studio;
      const name = (screen: string) => `${size[0]}-${theme}-${language}-${screen}`;
      await page.setViewportSize({ width: size[0], height: size[1] });
      await page.goto(address);
      await studio.setSettings({ theme, language });
      await studio.shown();
      await page.keyboard.press('1');
      await page.keyboard.press('ArrowRight');
      await studio.shown();
      // The large window shows nothing else: it is looked at, and measured once.
      const measure = async () => (size[0] === SIZES[0][0] ? axeFindings(studio) : []);
      await studio.shot(name('studio'));
      const found: Record<string, string[]> = { studio: await measure() };
      const look = async (screen: string) => {
        await opened();
        await studio.shot(name(screen));
        found[screen] = await measure();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      };
      for (const [screen, key] of SHEETS) {
        await page.keyboard.press(key);
        await look(screen);
      }
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
      expect(Object.entries(found).filter(([, list]) => list.length > 0)).toEqual([]);
    },
  );

  it.each([80, 150, 200])(
    'fits at %d %%: nothing is cut off at the sides, and sheets stay in the window',
    async (scale) => {
      const { page } = studio;
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(address);
      await studio.setSettings({ theme: 'dark', language: 'en', scale });
      await studio.shown();
      await page.keyboard.press('1');
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
      /** Parts that their own container cuts off. */
      const hidden = (selector: string, container: string) =>
        page.locator(selector).evaluateAll((elements, name) => {
          const box = document.querySelector(name)!.getBoundingClientRect();
          return elements.flatMap((element) => {
            const { top, bottom, left, right } = element.getBoundingClientRect();
            const isIn =
              top >= box.top - 1 && bottom <= box.bottom + 1 && left >= box.left - 1 && right <= box.right + 1;
            return isIn ? [] : [element.getAttribute('aria-label')];
          });
        }, container);
      await studio.shot(`scale-${scale}-studio`);
      // The picture is no stamp, no tool is cut, and either panel is one key away.
      const stage = await page.locator('.viewer-stage').boundingBox();
      expect((stage?.width ?? 0) * (stage?.height ?? 0)).toBeGreaterThan(0.18 * 1280 * 800);
      expect(await outside('.tool-strip button, .hint-bar, .overlay-controls')).toEqual([]);
      expect(await hidden('.tool-strip button', '.tool-strip')).toEqual([]);
      for (const [panel, key] of [
        ['.inspector', 'Alt+i'],
        ['.left-rail', 'Alt+b'],
      ] as const) {
        if (!(await page.locator(panel).isVisible())) await page.keyboard.press(key);
        await page.locator(panel).waitFor();
        await studio.shot(`scale-${scale}${panel}`);
        expect(await outside(panel)).toEqual([]);
        expect((await page.locator(panel).boundingBox())?.height ?? 0).toBeGreaterThan(200);
      }
      expect(await outside('.top-bar button, .transport button, .status-bar, .viewer, [data-testid=timeline]')).toEqual(
        [],
      );
      // What wraps into a second row is not behind the timeline.
      await page.getByRole('button', { name: 'Track', exact: true }).click({ trial: true, timeout: 10_000 });
      for (const [screen, key] of SHEETS) {
        await page.keyboard.press(key);
        await opened();
        await studio.shot(`scale-${scale}-${screen}`);
        expect(await outside('.dialog, .dialog-foot button, .dialog-head button'), screen).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await page.keyboard.press('Control+Shift+h');
      await page.locator('.session-item').waitFor();
      await studio.shot(`scale-${scale}-home`);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
      ).toBe(true);
      expect(await outside('.home-bar button, .home-foot')).toEqual([]);
    },
  );

  it('names every button, and every tool says its key', async () => {
    const { page } = studio;
    await page.goto(address);
    await studio.setSettings({ theme: 'dark', language: 'en', scale: 100 });
    await studio.shown();
    const unnamed: Record<string, string[]> = {};
    const look = async (screen: string) => {
      unnamed[screen] = await page.locator('button:visible, [role=button]:visible').evaluateAll((buttons) =>
        buttons.flatMap((button) => {
          const name = button.getAttribute('aria-label') ?? button.textContent ?? '';
          return name.trim() === '' ? [button.outerHTML.slice(0, 160)] : [];
        }),
      );
    };
    await page.keyboard.press('1');
    await look('studio');
    // By keys, so that a tip is shown as soon as its tool has the focus.
    await page.keyboard.press('Tab');
    const tools = page.locator('.tool-strip button:enabled, .transport button:enabled, .top-bar .icon-button:enabled');
    const silent = await tools.evaluateAll(async (buttons) => {
      const found: string[] = [];
      for (const button of buttons as HTMLButtonElement[]) {
        button.focus();
        let key = '';
        // A tip comes with the next picture, which a busy machine draws late.
        for (let turn = 0; turn < 50 && key === ''; turn++) {
          await new Promise((done) => setTimeout(done, 40));
          key = document.querySelector('[role=tooltip] kbd')?.textContent ?? /\((.+)\)$/.exec(button.title)?.[1] ?? '';
        }
        if (key === '') found.push(button.getAttribute('aria-label') ?? button.textContent ?? '');
        button.blur();
      }
      return found;
    });
    expect(silent).toEqual([]);
    expect(await tools.count()).toBeGreaterThan(20);
    await page.getByRole('tab', { name: /Review/ }).click();
    await look('review');
    for (const [screen, key] of SHEETS) {
      await page.keyboard.press(key);
      await opened();
      await look(screen);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.keyboard.press('Control+Shift+h');
    await page.locator('.session-item').waitFor();
    await look('home');
    expect(Object.entries(unnamed).filter(([, list]) => list.length > 0)).toEqual([]);
  });

  it('leaves no key missing: nothing on any screen looks like a message name', async () => {
    await studio.page.goto(address);
    await studio.setSettings({ scale: 100 });
    await studio.shown();
    const text = await studio.page.locator('body').innerText();
    expect(text).not.toMatch(/\b(command|hint|inspector|export|settings)\.[a-z]/);
    expect(studio.complaints).toEqual([]);
  });
});
