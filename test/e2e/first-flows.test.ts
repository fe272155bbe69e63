import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { all, finishedOf, openedSession, startEngine } from '../support/engine-host.ts';
import { mediaFixturePath } from '../support/media-fixtures.ts';
import { Desk } from './desk.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
/** The machine may be busy with other work. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });

/** Colours of the picture on screen around a point of the video, masks included. */
async function colourAt(studio: StudioPage, x: number, y: number): Promise<readonly number[]> {
  const at = await studio.place(x, y);
  return studio.page.evaluate((place) => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-testid=viewer]')!;
    const box = canvas.getBoundingClientRect();
    const ratio = canvas.width / box.width;
    return [...canvas.getContext('2d')!.getImageData((place.x - box.x) * ratio, (place.y - box.y) * ratio, 1, 1).data];
  }, at);
}

describe.skipIf(chromium === null)('F1: click, track, export', () => {
  let studio: StudioPage;
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
  });
  afterAll(() => studio[Symbol.asyncDispose]());
  afterEach(() => expect(studio.complaints).toEqual([]));

  it('answers a click with a mask at once', async () => {
    await studio.openSample();
    const before = await colourAt(studio, 490, 500);
    await studio.clickVideo(466, 526);
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
    await eventually(() => colourAt(studio, 490, 500)).not.toEqual(before);
    expect(await studio.page.locator('.state-word').textContent()).toBe('New');
  });

  it('corrects it with a right click, and undoes and redoes that', async () => {
    const marks = () => studio.page.locator('.prompt-list li').count();
    await studio.clickVideo(380, 560, 'right');
    await eventually(marks).toBe(2);
    await studio.answered();
    await studio.page.keyboard.press('Control+z');
    await eventually(marks).toBe(1);
    await studio.page.keyboard.press('Control+Shift+z');
    await eventually(marks).toBe(2);
    await studio.page.keyboard.press('Control+z');
    await eventually(marks).toBe(1);
    await studio.answered();
  });

  it('names the object in place', async () => {
    await studio.page.locator('.object-main').dblclick();
    await studio.page.getByLabel('Name of the object').fill('Blue box');
    await studio.page.keyboard.press('Enter');
    await eventually(() => studio.page.locator('.object-name').textContent()).toBe('Blue box');
  });

  it('says what tracking will do, tracks both ways, and fills the lane', async () => {
    await eventually(() => studio.page.locator('.planner').textContent()).toContain('200 frames, 1 object');
    await studio.page.keyboard.press('g');
    await studio.page.locator('.job-chip').waitFor();
    // The clip can be looked at meanwhile.
    await studio.page.keyboard.press('Shift+ArrowRight');
    await studio.shown();
    await studio.page.locator('.notice-success', { hasText: '200 frames tracked in' }).waitFor({ timeout: 300_000 });
    await eventually(() => studio.page.locator('.state-word').textContent()).toBe('Tracked');
    await eventually(() => studio.page.locator('.planner').textContent()).toBe('Everything is tracked');
    expect(await studio.page.locator('.status-bar').textContent()).toContain('200 of 200 frames tracked');
  });

  it('shows a mask on a frame that was never clicked', async () => {
    await studio.page.keyboard.press('Home');
    for (let step = 0; step < 3; step++) await studio.page.keyboard.press('Shift+ArrowRight');
    await studio.shown();
    expect(await studio.page.locator('.facts').first().textContent()).toContain('Present');
  });

  it('plays the sound of the clip with the picture, from where it is, until it is muted', async () => {
    const { page } = studio;
    await page.evaluate(() => {
      const { start, stop } = AudioBufferSourceNode.prototype;
      const heard = { pieces: [] as { offset: number; peak: number }[], stopped: 0 };
      Object.assign(window, { heard });
      AudioBufferSourceNode.prototype.start = function (...args: [number?, number?, number?]) {
        const samples = this.buffer?.getChannelData(0) ?? [];
        heard.pieces.push({
          offset: args[1] ?? 0,
          peak: samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0),
        });
        start.apply(this, args);
      };
      AudioBufferSourceNode.prototype.stop = function (...args: [number?]) {
        heard.stopped++;
        stop.apply(this, args);
      };
    });
    const heard = () =>
      page.evaluate(
        () => (window as unknown as { heard: { pieces: { offset: number; peak: number }[]; stopped: number } }).heard,
      );
    const { pieces: none } = await heard();
    expect(none).toEqual([]);
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await studio.shown();
    await page.keyboard.press('Space');
    // Ten frames on, 0.4 s: the piece starts there and not at its beginning. The next piece may come first.
    const isHeard = async () => (await heard()).pieces.some(({ offset, peak }) => offset > 0.2 && peak > 0.05);
    await eventually(isHeard).toBe(true);
    const { stopped } = await heard();
    await page.keyboard.press('Shift+m');
    await eventually(async () => (await heard()).stopped).toBeGreaterThan(stopped);
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+m');
  });

  it('exports the annotated MP4 with the sound', async () => {
    await studio.page.keyboard.press('Control+e');
    await studio.page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    await studio.page.locator('.run-done').waitFor({ timeout: 300_000 });
    const path = (await studio.page.locator('.export-run .path').textContent()) ?? '';
    expect(path).toBe(join(studio.home, 'sessions/tumble_tracked.mp4'));
    expect(existsSync(path)).toBe(true);
    const { ffprobe } = await findMediaTools();
    const probed = execFileSync(
      ffprobe.path,
      ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_type,nb_read_frames', '-of', 'json', path],
      { encoding: 'utf8' },
    );
    const { streams } = JSON.parse(probed) as { streams: { codec_type: string; nb_read_frames: string }[] };
    expect(streams.map(({ codec_type }) => codec_type).sort()).toEqual(['audio', 'video']);
    expect(streams.find(({ codec_type }) => codec_type === 'video')?.nb_read_frames).toBe('200');
  });

  it('comes back to the same place after a reload, with everything there', async () => {
    await studio.page.reload();
    await studio.shown();
    expect(await studio.page.locator('.object-name').textContent()).toBe('Blue box');
    expect(await studio.page.locator('.state-word').textContent()).toBe('Tracked');
  });

  it('says that the engine died, and recovers by itself when it is back', async () => {
    await studio.page.keyboard.press('1');
    await studio.page.keyboard.press('Control+e');
    await studio.page.getByRole('dialog').waitFor();
    studio.killServer();
    await studio.page.getByText('The engine does not answer').waitFor();
    // The new server has a new key, as after any restart; the banner stays until the page has it.
    const picture = studio.page.waitForResponse((answer) => new URL(answer.url()).pathname === '/frame' && answer.ok());
    await studio.restartServer();
    await studio.page.getByText('The engine does not answer').waitFor({ state: 'detached', timeout: 30_000 });
    await eventually(() => studio.page.locator('.object-name').textContent()).toBe('Blue box');
    // What somebody was at stays open and selected.
    await picture;
    await studio.page.getByRole('dialog').waitFor();
    await studio.page.keyboard.press('Escape');
    expect(await studio.page.locator('.object-main').getAttribute('aria-pressed')).toBe('true');
    studio.complaints.length = 0;
  });

  it('lists the session at home', async () => {
    await studio.page.getByRole('button', { name: 'Close and go home' }).click();
    const card = studio.page.locator('button.session-card');
    await eventually(() => card.textContent()).toContain('1 object · 100% tracked');
    await card.click();
    await studio.shown();
  });
});

describe.skipIf(chromium === null)('F1 by keyboard only', () => {
  it('opens, places prompts, tracks a range and exports without a mouse', async () => {
    await using studio = await StudioPage.start(chromium!);
    const { page } = studio;
    const { keyboard } = page;
    await page.locator('.sample-card').waitFor();
    const isSample = () => page.evaluate(() => document.activeElement?.matches('.sample-card') === true);
    for (let tabs = 0; tabs < 12 && !(await isSample()); tabs++) await keyboard.press('Tab');
    await keyboard.press('Enter');
    await studio.shown();
    await keyboard.press('`');
    for (let step = 0; step < 7; step++) await keyboard.press('ArrowLeft');
    for (let step = 0; step < 6; step++) await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await page.locator('.object-row').waitFor();
    await studio.answered();
    await keyboard.press('Escape');
    await keyboard.press('i');
    await keyboard.press('Shift+ArrowRight');
    await keyboard.press('o');
    await keyboard.press('g');
    // Looked for with its words at once: a message goes by itself.
    await page.locator('.notice-success', { hasText: '11 frames tracked' }).waitFor({ timeout: 200_000 });
    await keyboard.press('Control+e');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Control+Enter');
    await page.locator('.run-done').waitFor({ timeout: 200_000 });
    expect(await page.locator('.export-run .path').textContent()).toContain('tumble_tracked.mp4');
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(chromium === null)('F2: find by name', () => {
  let studio: StudioPage;
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await studio.openSample();
  });
  afterAll(() => studio[Symbol.asyncDispose]());

  it('shows what the detector sees, filtered by the threshold at once', async () => {
    await studio.page.keyboard.press('t');
    await studio.page.keyboard.type('red thing');
    await studio.page.keyboard.press('Enter');
    const row = studio.page.locator('.concept-row');
    await eventually(() => row.textContent()).toMatch(/\d of \d on this frame/);
    const slider = row.getByRole('slider');
    await slider.fill('1');
    await eventually(() => row.textContent()).toMatch(/0 of \d on this frame/);
    await slider.fill('0.1');
    await eventually(() => row.textContent()).not.toMatch(/^.*0 of \d on this frame/);
  });

  it('says which words the model does not know, and keeps the session as it was', async () => {
    await studio.page.keyboard.press('t');
    await studio.page.keyboard.type('quokka');
    await studio.page.keyboard.press('Enter');
    await studio.page.locator('.notice-error').waitFor();
    await eventually(() => studio.page.locator('.concept-row').count()).toBe(1);
    await studio.page.locator('.notice-error').getByRole('button', { name: 'Close' }).click();
  });

  it('searches a stretch, can be paused and resumed, and makes objects of what it finds', async () => {
    // As long as two batches: what is searched is longer than what is kept at the pause.
    await studio.page.keyboard.press('i');
    for (let step = 0; step < 6; step++) await studio.page.keyboard.press('Shift+ArrowRight');
    await studio.page.keyboard.press('o');
    await studio.page.keyboard.press('g');
    await studio.page.getByText(/Tracking \d/).waitFor({ timeout: 60_000 });
    await studio.page.waitForFunction(() =>
      /Tracking [1-9]/.test(document.querySelector('.job-chip')?.textContent ?? ''),
    );
    await studio.page.keyboard.press('Control+.');
    await studio.page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 60_000 });
    expect(await studio.page.locator('.planner').textContent()).toMatch(/Paused: [1-9]\d* of 61 frames are kept/);
    await studio.page.keyboard.press('Control+g');
    await studio.page.locator('.notice-success').waitFor({ timeout: 300_000 });
    await expect
      .poll(() => studio.page.locator('.concept-row').textContent())
      .toMatch(/[1-9] objects? found in the clip/);
    expect(await studio.page.locator('.object-name').first().textContent()).toBe('red thing');
    await studio.page.keyboard.press('Alt+x');
    await studio.page.keyboard.press('Home');
  });

  it('loses nothing to a reload in the middle of a run', async () => {
    await studio.page.keyboard.press('n');
    await studio.clickVideo(700, 470);
    await studio.answered();
    await studio.page.keyboard.press('g');
    await studio.page.waitForFunction(() =>
      /Tracking [1-9]/.test(document.querySelector('.job-chip')?.textContent ?? ''),
    );
    await studio.page.reload();
    await studio.shown();
    await studio.page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 60_000 });
    await studio.page.keyboard.press('Control+g');
    await studio.page.waitForFunction(() =>
      /Tracking [1-9]/.test(document.querySelector('.job-chip')?.textContent ?? ''),
    );
    await studio.page.keyboard.press('Control+.');
    await studio.page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 60_000 });
  });

  it('goes the same way for a second phrase by keyboard only, without doing the first one again', async () => {
    const { page } = studio;
    const { keyboard } = page;
    const row = page.getByRole('article', { name: 'thing', exact: true });
    const names = () => page.locator('.object-name').allTextContents();
    const tabTo = (control: Locator) => Desk.on(studio).tabTo(control);
    await keyboard.press('Home');
    await keyboard.press('t');
    await keyboard.type('thing');
    await keyboard.press('Enter');
    await eventually(() => row.textContent()).toMatch(/\d of \d on this frame/);
    // The first one was looked for in a stretch only.
    await eventually(() => page.locator('.planner').textContent()).toContain('2 phrases');
    await tabTo(row.getByRole('slider'));
    await keyboard.press('End');
    await eventually(() => row.textContent()).toMatch(/0 of \d on this frame/);
    for (let step = 0; step < 9; step++) await keyboard.press('PageDown');
    const candidates = () => row.locator('.candidates li').count();
    await eventually(candidates).toBeGreaterThan(2);
    const seen = await candidates();
    const before = await names();
    await tabTo(row.getByRole('button', { name: 'Make it an object' }).first());
    await keyboard.press('Enter');
    await eventually(names).toEqual([...before, 'thing']);
    await eventually(candidates).toBe(seen - 1);
    // The keyboard stays in the list: the next one is turned down, the others become objects at once.
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await eventually(candidates).toBe(seen - 2);
    await tabTo(row.getByRole('button', { name: /^Accept/ }));
    await keyboard.press('Enter');
    await eventually(async () => (await names()).length).toBe(before.length + seen - 1);
    await eventually(candidates).toBe(0);
    const search = row.getByRole('button', { name: 'Search the clip' });
    await eventually(() => search.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await names()).toEqual(expect.arrayContaining(before));
    await studio.answered();
    // In the marked stretch only: it ends on its own.
    await keyboard.press('i');
    await keyboard.press('Shift+ArrowRight');
    await keyboard.press('o');
    await keyboard.press('Enter');
    await page.locator('.job-chip').waitFor();
    await page.locator('.job-chip').waitFor({ state: 'detached', timeout: 200_000 });
    await eventually(() => row.textContent()).toMatch(/[1-9]\d* objects? found in the clip/);
    expect(studio.complaints).toEqual([]);
  });
});

/** A session of two tracked objects over a clip of 40 frames, in the studio's library. */
async function makeTrackedPair(home: string): Promise<void> {
  await using engine = startEngine(home);
  const clip = mediaFixturePath(await findMediaTools(), 'b-frames.mp4');
  const { client } = engine;
  const { sessionId } = await openedSession(client, clip, join(home, 'sessions', 'pair.masklet'));
  const frame = frameIndex(0);
  const boxes = [10, 90].map((x) => ({ x, y: 40, width: 40, height: 40 }));
  const prompts = boxes.map((box, at) => ({
    kind: 'box' as const,
    objectId: objectId(at + 1),
    frameIndex: frame,
    box,
  }));
  await client.addPrompts({ sessionId, prompts });
  const range = { first: null, last: null };
  const run = { sessionId, packId: null, device: 'cpu', policy: 'studio', memoryPolicy: null, resume: false } as const;
  finishedOf(await all(client.track({ ...run, direction: 'both', range })));
  await client.closeSession({ sessionId });
}

describe.skipIf(chromium === null)('F3: a session comes onto the desk again', () => {
  let studio: StudioPage;
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    await makeTrackedPair(studio.home);
    await studio.page.reload();
    await studio.page.locator('button.session-card').click();
    await studio.shown();
  }, 300_000);
  afterAll(() => studio[Symbol.asyncDispose]());

  const soon = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

  it('and says that everything is tracked once every lane has been read', async () => {
    await soon(() => studio.page.locator('.planner').textContent()).toBe('Everything is tracked');
  });

  it('after the engine was started again: at the same place, with picture and timeline at work', async () => {
    const { page } = studio;
    const [viewer, timeline] = ['viewer', 'timeline'].map((name) => page.getByTestId(name));
    const frames = () =>
      Promise.all([viewer.getAttribute('data-frame'), timeline.getAttribute('aria-valuenow')]).then(String);
    const marks = () => page.locator('.mark-button').allTextContents();
    for (const key of ['ArrowRight', 'ArrowRight', 'i', 'ArrowRight', 'o', 'ArrowLeft']) await page.keyboard.press(key);
    await soon(frames).toBe('2,2');
    const marked = await marks();
    // Nothing is loaded anew before the session is on the desk again.
    const picture = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/frame' && answer.ok());
    await studio.restartServer();
    await picture;
    expect(await marks()).toEqual(marked);
    expect(await frames()).toBe('2,2');
    await page.keyboard.press('ArrowRight');
    await soon(frames).toBe('3,3');
    const box = await timeline.boundingBox();
    await page.mouse.click(box!.x + box!.width - 4, box!.y + 10);
    await soon(frames).toBe('39,39');
    studio.complaints.length = 0;
  });
});
