import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Desk, eventually } from './desk.ts';
import { findChromium, root, type StudioPage } from './studio-page.ts';

const chromium = findChromium();

describe.skipIf(chromium === null)('F3: add or fix in the middle of a video', () => {
  let desk: Desk;
  let studio: StudioPage;
  beforeAll(async () => {
    desk = await Desk.open(chromium!);
    studio = desk.studio;
  });
  afterAll(() => desk[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('shows the mask of a click before it is given, and stores nothing', async () => {
    const at = await studio.place(466, 526);
    await studio.page.mouse.move(at.x, at.y);
    const preview = () => studio.page.getByTestId('viewer').getAttribute('data-preview');
    await eventually(preview).toBe('shown');
    await studio.shot('correction-preview');
    expect(await studio.page.locator('.object-row').count()).toBe(0);
    await studio.page.mouse.move(0, 0);
    await eventually(preview).toBe('none');
    await studio.clickVideo(466, 526);
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
  });

  it('paints a correction with the brush as one undoable step', async () => {
    await desk.trackStart();
    expect(await desk.states()).toEqual(['Tracked 15%']);
    await desk.key('m');
    expect(await desk.hint()).toContain('Paint to add to');
    const from = await studio.place(300, 300);
    const to = await studio.place(520, 330);
    await studio.page.mouse.move(from.x, from.y);
    await studio.page.mouse.down();
    await studio.page.mouse.move(to.x, to.y, { steps: 6 });
    await studio.page.mouse.up();
    await studio.answered();
    await eventually(() => desk.states()).toEqual(['Changed']);
    expect((await desk.prompts()).at(-1)).toContain('Mask');
    const said = () => eventually(() => desk.bar.textContent());
    await said().toContain('is corrected on frame 10.');
    await studio.shot('correction-pending');
    await desk.key('ArrowRight');
    await said().toContain('is corrected on frame 10.');
    await desk.key('ArrowLeft');
    await studio.shown();
    await desk.key('Control+z');
    await eventually(() => desk.states()).toEqual(['Tracked 15%']);
    await eventually(() => desk.bar.count()).toBe(0);
    // What erases nothing leaves no step, so the correction can still be made again.
    await desk.key('e');
    await studio.clickVideo(1200, 60);
    await studio.answered();
    expect(await desk.states()).toEqual(['Tracked 15%']);
    await desk.key('Control+Shift+z');
    await eventually(() => desk.states()).toEqual(['Changed']);
    await studio.answered();
    // The eraser goes on with the same prompt.
    await studio.page.mouse.click(from.x, from.y);
    await studio.answered();
    expect(await desk.prompts()).toHaveLength(2);
  });

  it('re-tracks as far as it was tracked, compares, reverts, and keeps', async () => {
    expect(await desk.run('c')).toMatch(/^(1\d|2[01]) frames tracked/);
    await eventually(() => desk.bar.textContent()).toMatch(/\d frames? changed/);
    await eventually(() => desk.states()).toEqual(['Tracked 15%']);
    // The other way too, to the prompt before it; what is reverted below is both.
    expect(await desk.run('Shift+c')).toMatch(/^([1-9]|10) frames? tracked/);
    await eventually(() => desk.bar.textContent()).toMatch(/\d frames? changed/);
    // What is taken back after it was tracked is no correction that waits.
    await desk.keys('Control+z', 'Control+z');
    await eventually(() => desk.bar.textContent()).toContain('taken back or changed');
    await desk.keys('Control+Shift+z', 'Control+Shift+z');
    await eventually(() => desk.bar.textContent()).toMatch(/\d frames? changed/);
    await desk.key('Alt+c');
    await studio.page.getByLabel('Line between before and after').waitFor();
    await studio.shot('correction-wipe');
    await studio.page.getByRole('button', { name: 'Revert' }).click();
    await eventually(() => desk.bar.count()).toBe(0);
    expect(await desk.prompts()).toHaveLength(1);
    await desk.key('Control+z');
    await eventually(() => desk.bar.count()).toBe(1);
    await desk.key('Control+Enter');
    await eventually(() => desk.bar.count()).toBe(0);
    expect(await desk.states()).toEqual(['Tracked 15%']);
  });

  it('keeps the view across frames and a reload', async () => {
    const zoom = studio.page.locator('.zoom-readout');
    const fitted = await zoom.textContent();
    await desk.keys('1', 'z');
    await eventually(() => zoom.textContent()).not.toBe(fitted);
    const zoomed = await zoom.textContent();
    await desk.key('ArrowRight');
    await studio.shown();
    expect(await zoom.textContent()).toBe(zoomed);
    await studio.page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('masklet-view:')));
    await studio.page.reload();
    await studio.shown();
    await eventually(() => zoom.textContent()).toBe(zoomed);
    await desk.key('\\');
    await eventually(() => zoom.textContent()).toBe(fitted);
  });
});

describe.skipIf(chromium === null)('F3 by keyboard only', () => {
  it('places a box, paints, re-tracks, reverts and adds an object', async () => {
    await using desk = await Desk.open(chromium!);
    const { studio } = desk;
    await desk.keys('b', '`');
    expect(await desk.hint()).toContain('first corner');
    await desk.times(10, 'ArrowLeft');
    await desk.times(3, 'ArrowDown');
    await desk.key('Enter');
    expect(await desk.hint()).toContain('span the box');
    await desk.times(8, 'ArrowRight');
    await desk.times(7, 'ArrowDown');
    await desk.key('Enter');
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
    await desk.key('Escape');
    await desk.trackStart();
    await desk.keys('m', '`');
    await desk.key('Enter');
    expect(await desk.hint()).toContain('Arrow keys paint');
    await desk.times(3, 'ArrowLeft');
    await desk.key('Enter');
    await studio.answered();
    await eventually(() => desk.states()).toEqual(['Changed']);
    await desk.key('Escape');
    await desk.run('c');
    await eventually(() => desk.bar.textContent()).toContain('changed');
    await desk.key('Control+Shift+Enter');
    await eventually(() => desk.bar.count()).toBe(0);
    await desk.keys('n', 'p', '`', 'ArrowUp', 'Enter');
    await studio.answered();
    await eventually(() => desk.states()).toEqual(['Tracked 15%', 'New']);
    expect(studio.complaints).toEqual([]);
  });
});

const EXEMPLAR_PACK = join(root, 'test/golden/packs/sam3-tiny-own');

describe.skipIf(chromium === null)('concepts, on one frame', () => {
  it('accepts and turns down candidates, and hides what is under the threshold without a search', async () => {
    await using desk = await Desk.open(chromium!);
    const { studio } = desk;
    await desk.key('t');
    await studio.page.keyboard.type('red thing');
    await desk.key('Enter');
    const row = studio.page.locator('.concept-row');
    await row.getByRole('button', { name: 'Make it an object' }).first().click();
    await eventually(() => desk.states()).toEqual(['New']);
    expect(await studio.page.locator('.object-name').textContent()).toBe('red thing');
    await studio.answered();
    // One step: undo takes the object away again.
    await desk.key('Escape');
    await desk.key('Control+z');
    await eventually(() => desk.states()).toEqual([]);
    expect(studio.complaints).toEqual([]);
  });

  it.skipIf(!existsSync(EXEMPLAR_PACK))('takes examples, shows their signs, and removes them', async () => {
    await using desk = await Desk.open(chromium!, { packId: EXEMPLAR_PACK });
    const { studio } = desk;
    await desk.key('Shift+e');
    expect(await desk.hint()).toContain('find everything like it');
    const drag = async (button: 'left' | 'right') => {
      const from = await studio.place(400, 460);
      const to = await studio.place(560, 600);
      await studio.page.mouse.move(from.x, from.y);
      await studio.page.mouse.down({ button });
      await studio.page.mouse.move(to.x, to.y, { steps: 3 });
      await studio.page.mouse.up({ button });
    };
    // What is not meant needs something that is.
    await drag('right');
    await studio.page.getByText('Show what is meant first').waitFor();
    await drag('left');
    const row = studio.page.locator('.concept-row');
    await eventually(() => row.textContent()).toMatch(/on this frame/);
    await studio.shot('correction-example');
    await drag('right');
    await eventually(() => row.textContent()).toMatch(/on this frame/);
    await desk.key('Control+z');
    await desk.key('Control+z');
    await eventually(() => row.count()).toBe(0);
    expect(studio.complaints).toEqual([]);
  });
});
