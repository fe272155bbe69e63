import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  FILM_HEIGHT,
  OVERVIEW_HEIGHT,
  RULER_HEIGHT,
  WAVE_HEIGHT,
} from '../../src-renderer/timeline/timeline-layout.ts';
import { writeTruthSession } from '../support/truth-session.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });
const THINGS = ['ball', 'box', 'star', 'ring'];
/** More than there are lanes without an overview. */
const MANY = 24;
const ABSENT = [4, 5, 6];

describe.skipIf(chromium === null)('many objects', () => {
  let studio: StudioPage;
  const page = () => studio.page;
  const key = (name: string) => page().keyboard.press(name);
  const row = (place: number) => page().locator('.object-row').nth(place);
  const numbers = async () =>
    (await page().locator('.object-number').allTextContents()).slice(0, 5).map((text) => Number(text));
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    const names = Array.from({ length: MANY }, (_, index) => THINGS[index % THINGS.length]);
    await writeTruthSession(studio.home, names, { frames: 12, absent: ABSENT });
    await studio.openPath(join(studio.home, 'sessions'), 'tumble.masklet');
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('say where an object is absent, and only there', async () => {
    const word = () => row(0).locator('.state-word').textContent();
    await eventually(word).toBe('New');
    for (let frame = 0; frame < ABSENT[0]; frame++) await key('.');
    await studio.shown();
    await eventually(word).toBe('Absent here');
    expect(await row(1).locator('.state-word').textContent()).toBe('New');
    for (const _ of ABSENT) await key('.');
    await eventually(word).toBe('New');
    await key('Home');
  });

  it('leave the arrows to the clip after a click on a control, and to the control that Tab reached', async () => {
    const frame = () => page().getByTestId('timeline').getAttribute('aria-valuenow');
    const opacity = page().getByRole('slider', { name: 'Opacity' });
    const review = page().getByRole('tab', { name: /Review/ });
    await key('Home');
    await opacity.click({ position: { x: 20, y: 8 } });
    const set = await opacity.inputValue();
    await key('ArrowRight');
    await eventually(frame).toBe('1');
    expect(await opacity.inputValue()).toBe(set);
    await review.click();
    await key('ArrowRight');
    await eventually(frame).toBe('2');
    expect(await review.getAttribute('aria-selected')).toBe('true');
    // By keyboard alone they operate what they reach.
    await key('Shift+Tab');
    await key('Tab');
    await key('ArrowLeft');
    await eventually(() => review.getAttribute('aria-selected')).toBe('false');
    for (let tabs = 0; tabs < 80 && !(await opacity.evaluate((each) => each === document.activeElement)); tabs++)
      await key('Shift+Tab');
    await key('ArrowRight');
    await eventually(() => opacity.inputValue()).not.toBe(set);
    expect(await frame()).toBe('2');
    // A command that puts the focus on a control after a click means that control.
    await row(0).locator('.object-main').click();
    await key('w');
    const other = page().getByRole('region', { name: 'Swap from here' }).getByRole('combobox');
    await eventually(() => other.evaluate((each) => each === document.activeElement)).toBe(true);
    const first = await other.inputValue();
    await key('ArrowRight');
    await eventually(() => other.inputValue()).not.toBe(first);
    expect(await frame()).toBe('2');
    await key('Escape');
    await key('Home');
  });

  it('are put into another order by dragging, which is one step to undo', async () => {
    expect(await numbers()).toEqual([1, 2, 3, 4, 5]);
    await row(3).dragTo(row(0));
    await eventually(numbers).toEqual([4, 1, 2, 3, 5]);
    await key('Control+z');
    await eventually(numbers).toEqual([1, 2, 3, 4, 5]);
    await key('Control+Shift+z');
    await eventually(numbers).toEqual([4, 1, 2, 3, 5]);
    await key('Control+z');
    await eventually(numbers).toEqual([1, 2, 3, 4, 5]);
    // The same without a mouse.
    await row(0).locator('.object-main').click();
    await key('Alt+ArrowDown');
    await eventually(numbers).toEqual([2, 1, 3, 4, 5]);
    await key('Control+z');
    await eventually(numbers).toEqual([1, 2, 3, 4, 5]);
  });

  it('are grouped, named, folded, hidden together and ungrouped', async () => {
    const group = page().locator('.object-group');
    await row(0).locator('.object-main').click();
    await row(2)
      .locator('.object-main')
      .click({ modifiers: ['Control'] });
    await key('Alt+g');
    await eventually(() => group.locator('.object-number').allTextContents()).toEqual(['1', '3']);
    const head = group.locator('.group-main');
    await head.focus();
    await key('F2');
    await page().getByLabel('Name of the group').fill('Team');
    await key('Enter');
    await eventually(() => head.textContent()).toBe('Team2');
    await head.click();
    await eventually(() => group.locator('.object-row').count()).toBe(0);
    expect(await head.getAttribute('aria-expanded')).toBe('false');
    await head.click();
    await head.hover();
    await group.getByRole('button', { name: 'Hide', exact: true }).first().click();
    await eventually(() => group.locator('.object-row.faint').count()).toBe(2);
    await key('Control+z');
    await eventually(() => group.locator('.object-row.faint').count()).toBe(0);
    await head.hover();
    await group.getByRole('button', { name: 'Dissolve the group' }).click();
    await eventually(() => group.count()).toBe(0);
    await key('Control+z');
    await eventually(() => head.textContent()).toBe('Team2');
    await head.hover();
    await group.getByRole('button', { name: 'Dissolve the group' }).click();
    await eventually(() => group.count()).toBe(0);
  });

  it('share one row of the timeline, which unfolds into a lane for each', async () => {
    const lanes = () => page().getByTestId('timeline').getAttribute('data-lanes');
    const folded = await lanes();
    // The selected object keeps its lane.
    expect(folded).toMatch(/^overview [01]$/);
    const strip = (await page().getByTestId('timeline').boundingBox())!;
    const chevron = { x: strip.x + 20, y: strip.y + RULER_HEIGHT + FILM_HEIGHT + WAVE_HEIGHT + OVERVIEW_HEIGHT / 2 };
    await page().mouse.click(chevron.x, chevron.y);
    await eventually(lanes).toBe(`overview ${MANY}`);
    await page().mouse.click(chevron.x, chevron.y);
    await eventually(lanes).toBe(folded);
    await page().locator('.lane-list').focus();
    await key('Enter');
    await eventually(lanes).toBe(`overview ${MANY}`);
    await key('Enter');
    await eventually(lanes).toBe(folded);
  });

  it('are deleted from their form, and come back by undo', async () => {
    const count = () => page().locator('.panel-head .count').first().textContent();
    await row(1).locator('.object-main').dblclick();
    await page()
      .getByRole('group', { name: 'Name and class' })
      .getByRole('button', { name: 'Remove the object' })
      .click();
    await eventually(count).toBe(String(MANY - 1));
    await eventually(numbers).toEqual([1, 3, 4, 5, 6]);
    await key('Control+z');
    await eventually(numbers).toEqual([1, 2, 3, 4, 5]);
    await key('Home');
    await studio.shown();
    expect(await row(1).locator('.state-word').textContent()).toBe('New');
  });
});
