import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, root, StudioPage } from './studio-page.ts';

const chromium = findChromium();
/** The machine may be busy with other work. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 120_000 });

/** One studio with what every flow here reads from it. */
class Desk implements AsyncDisposable {
  readonly studio: StudioPage;

  private constructor(studio: StudioPage) {
    this.studio = studio;
    studio.page.setDefaultTimeout(120_000);
  }

  static on(studio: StudioPage): Desk {
    return new Desk(studio);
  }

  static async open(settings: object = {}): Promise<Desk> {
    const desk = new Desk(await StudioPage.start(chromium!, { settings }));
    await desk.studio.openSample();
    await desk.studio.page.locator('.chip .chip-faint').waitFor();
    return desk;
  }

  key(name: string): Promise<void> {
    return this.studio.page.keyboard.press(name);
  }
  async keys(...names: string[]): Promise<void> {
    for (const name of names) await this.key(name);
  }
  states(): Promise<string[]> {
    return this.studio.page.locator('.state-word').allTextContents();
  }
  hint(): Promise<string | null> {
    return this.studio.page.locator('.hint-bar').textContent();
  }
  get bar() {
    return this.studio.page.locator('.compare-bar');
  }
  /** Tracks forward over the first 31 frames and goes to frame 10. */
  async trackStart(): Promise<void> {
    await this.keys('Home', 'i', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'o', 'Home');
    await this.run('f');
    await this.keys('Alt+x', 'Shift+ArrowRight');
    await this.studio.shown();
  }
  /** Presses the key of a run and waits for its end; what was said about it then. */
  async run(name: string): Promise<string | null> {
    const done = this.studio.page.locator('.notice-success');
    // The word about the run before goes by itself.
    while ((await done.count()) > 0) await done.first().waitFor({ state: 'detached' });
    await this.key(name);
    await done.first().waitFor({ timeout: 300_000 });
    const said = await done.first().textContent();
    await this.studio.page.locator('.job-chip').waitFor({ state: 'detached' });
    return said;
  }
  /** What was said about the selected object. */
  prompts(): Promise<string[]> {
    return this.studio.page.locator('.prompt-list li').allTextContents();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.studio[Symbol.asyncDispose]();
  }
}

describe.skipIf(chromium === null)('F3: add or fix in the middle of a video', () => {
  let desk: Desk;
  let studio: StudioPage;
  beforeAll(async () => {
    desk = await Desk.open();
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
    await eventually(() => desk.bar.textContent()).toContain('is corrected');
    await studio.shot('correction-pending');
    await desk.key('Control+z');
    await eventually(() => desk.states()).toEqual(['Tracked 15%']);
    await eventually(() => desk.bar.count()).toBe(0);
    await desk.key('Control+Shift+z');
    await eventually(() => desk.states()).toEqual(['Changed']);
    await studio.answered();
    // The eraser goes on with the same prompt.
    await desk.key('e');
    await studio.page.mouse.click(from.x, from.y);
    await studio.answered();
    expect(await desk.prompts()).toHaveLength(2);
  });

  it('re-tracks as far as it was tracked, compares, reverts, and keeps', async () => {
    expect(await desk.run('c')).toMatch(/^(1\d|2[01]) frames tracked/);
    await eventually(() => desk.bar.textContent()).toMatch(/\d frames? changed/);
    await eventually(() => desk.states()).toEqual(['Tracked 15%']);
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
    await using desk = await Desk.open();
    const { studio } = desk;
    const times = (count: number, name: string) => desk.keys(...Array.from({ length: count }, () => name));
    await desk.keys('b', '`');
    expect(await desk.hint()).toContain('first corner');
    await times(10, 'ArrowLeft');
    await times(3, 'ArrowDown');
    await desk.key('Enter');
    expect(await desk.hint()).toContain('span the box');
    await times(8, 'ArrowRight');
    await times(7, 'ArrowDown');
    await desk.key('Enter');
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
    await desk.key('Escape');
    await desk.trackStart();
    await desk.keys('m', '`');
    await desk.key('Enter');
    expect(await desk.hint()).toContain('Arrow keys paint');
    await times(3, 'ArrowLeft');
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

const CLIPS = join(root, '../shared/media/clips');
const hasClips = existsSync(join(CLIPS, '01_dog.mp4'));
if (!hasClips) console.log('e2e: the real clip is skipped, there is no ../shared/media');

describe.skipIf(chromium === null || !hasClips)('F3 on a real clip', () => {
  it('corrects a dog in the middle, re-tracks, and puts everything back', async () => {
    await using desk = Desk.on(await StudioPage.start(chromium!));
    const { studio } = desk;
    await studio.openPath(CLIPS, '01_dog.mp4');
    await studio.clickVideo(600, 430);
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
    await desk.keys('i', 'Shift+ArrowRight', 'o', 'Home');
    await desk.run('f');
    await desk.keys('.', '.', '.', '.');
    await studio.shown();
    await desk.key('x');
    await studio.clickVideo(470, 420);
    await studio.answered();
    await eventually(() => desk.states()).toEqual(['Changed']);
    await desk.run('c');
    await studio.shot('correction-dog');
    await eventually(() => desk.states()).not.toContain('Changed');
    // A dog that came out the same needs no decision.
    if ((await desk.bar.count()) === 1) {
      await desk.key('Control+Shift+Enter');
      await eventually(() => desk.bar.count()).toBe(0);
      expect(await desk.prompts()).toHaveLength(1);
    }
    expect(studio.complaints).toEqual([]);
  });
});

const EXEMPLAR_PACK = join(root, 'test/golden/packs/sam3-tiny-own');

describe.skipIf(chromium === null)('concepts, on one frame', () => {
  it('accepts and turns down candidates, and hides what is under the threshold without a search', async () => {
    await using desk = await Desk.open();
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
    await using desk = await Desk.open({ packId: EXEMPLAR_PACK });
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
