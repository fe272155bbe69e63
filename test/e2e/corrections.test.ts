import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
/** The machine may be busy with other work. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 120_000 });

describe.skipIf(chromium === null)('F3: add or fix in the middle of a video', () => {
  let studio: StudioPage;
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await studio.openSample();
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));
  const key = (name: string) => studio.page.keyboard.press(name);
  const bar = () => studio.page.locator('.compare-bar');
  const states = () => studio.page.locator('.state-word').allTextContents();
  const hint = () => studio.page.locator('.hint-bar').textContent();
  const seek = async (frame: number) => {
    await key('Home');
    for (let step = 0; step < frame / 10; step++) await key('Shift+ArrowRight');
    await studio.shown();
  };
  /** Tracks frames 0 to 40 of what was clicked. */
  const trackStart = async () => {
    await seek(40);
    await key('o');
    await seek(0);
    await key('i');
    await key('g');
    await studio.page.locator('.job-chip').waitFor();
    await studio.page.locator('.job-chip').waitFor({ state: 'detached', timeout: 300_000 });
  };

  it('shows the mask of a click before it is given, and stores nothing', async () => {
    const at = await studio.place(466, 526);
    await studio.page.mouse.move(at.x - 40, at.y - 40);
    await studio.page.mouse.move(at.x, at.y);
    await eventually(() => studio.page.getByTestId('viewer').getAttribute('data-preview')).toBe('shown');
    await studio.shot('preview');
    expect(await studio.page.locator('.object-row').count()).toBe(0);
    await studio.clickVideo(466, 526);
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
  });

  it('tells frames, objects, time and disk before a run, and tracks the marked range', async () => {
    await trackStart();
    expect(await states()).toEqual(['Tracked']);
  });

  it('paints a correction with the brush as one undoable step', async () => {
    await seek(20);
    await key('m');
    expect(await hint()).toContain('Paint to add to');
    const from = await studio.place(300, 300);
    const to = await studio.place(520, 300);
    await studio.page.mouse.move(from.x, from.y);
    await studio.page.mouse.down();
    await studio.page.mouse.move(to.x, to.y, { steps: 12 });
    await studio.shot('brush-stroke');
    await studio.page.mouse.up();
    await studio.answered();
    await eventually(states).toEqual(['Changed']);
    await bar().waitFor();
    expect(await bar().textContent()).toContain('is corrected');
    await studio.shot('correction-pending');
    await key('Control+z');
    await eventually(states).toEqual(['Tracked']);
    await eventually(() => bar().count()).toBe(0);
    await key('Control+Shift+z');
    await eventually(states).toEqual(['Changed']);
    await studio.answered();
  });

  it('re-tracks from there, compares before with after, reverts and keeps', async () => {
    await key('c');
    await studio.page.locator('.job-chip').waitFor();
    await studio.page.locator('.job-chip').waitFor({ state: 'detached', timeout: 300_000 });
    await eventually(() => bar().textContent()).toContain('changed');
    expect(await states()).toEqual(['Tracked']);
    await key('Alt+c');
    await studio.shot('wipe');
    await studio.page.getByRole('button', { name: 'Revert' }).click();
    await eventually(() => bar().count()).toBe(0);
    await key('Control+z');
    await eventually(() => bar().count()).toBe(1);
    await key('Control+Enter');
    await eventually(() => bar().count()).toBe(0);
    expect(await states()).toEqual(['Tracked']);
  });

  it('adds a new object without tracking the first again', async () => {
    await key('n');
    await key('p');
    await studio.clickVideo(1000, 250);
    await studio.answered();
    await eventually(states).toEqual(['Tracked', 'New']);
    expect(await studio.page.locator('.planner').textContent()).toContain('1 object');
    await key('Control+z');
    await eventually(states).toEqual(['Tracked']);
  });
});
