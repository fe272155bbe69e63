import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { writeTruthSession } from '../support/truth-session.ts';
import { findChromium, StudioPage, sampleClip } from './studio-page.ts';

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
    await listenToSound(studio);
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

  it('are put into another order by dragging, which is one step to undo', async () => {
    expect(await numbers()).toEqual([1, 2, 3, 4, 5]);
    await row(3).dragTo(row(0));
    await eventually(numbers).toEqual([4, 1, 2, 3, 5]);
    await key('Control+z');
    await eventually(numbers).toEqual([1, 2, 3, 4, 5]);
    await page().locator('button[aria-label="Redo"]:enabled').waitFor();
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

  it('are deleted from the form of one of them, whoever is selected', async () => {
    await row(1).locator('.object-main').click();
    await row(4).locator('.object-main').focus();
    await key('F2');
    for (const _ of ['class', 'remove']) await key('Tab');
    await key('Enter');
    await eventually(numbers).toEqual([1, 2, 3, 4, 6]);
    await key('Control+z');
    await eventually(numbers).toEqual([1, 2, 3, 4, 5]);
  });

  it('stand as an overview in the timeline until their lanes are unfolded', async () => {
    const row = page().locator('.lane-list');
    const drawn = () => page().getByTestId('timeline').getAttribute('data-lanes');
    await key('Escape');
    await eventually(drawn).toBe('overview 0');
    await row.focus();
    await key('ArrowDown');
    await eventually(drawn).toBe('overview 1');
    await studio.shot('objects-overview');
    await key('Enter');
    await eventually(drawn).toBe(`overview ${MANY}`);
    await studio.shot('objects-unfolded');
    await key('Enter');
    await eventually(drawn).toBe('overview 1');
  });

  it('are heard in time with the picture: the clip’s own sound, until it is muted', async () => {
    const { ffmpeg } = await findMediaTools();
    const pcm = execFileSync(
      ffmpeg.path,
      ['-v', 'error', '-i', sampleClip, '-ac', '2', '-ar', '48000', '-f', 's16le', '-'],
      {
        maxBuffer: 1 << 26,
      },
    );
    await key('Home');
    await studio.shown();
    await page().getByTestId('viewer').focus();
    await key('Space');
    await eventually(async () => (await heard(studio)).length).toBeGreaterThan(0);
    // What was handed to the sound card is what ffmpeg decodes there.
    const [first] = (await heard(studio)).toSorted((a, b) => a.when - a.offset - (b.when - b.offset));
    const at = 48_000;
    const truth = Array.from({ length: 64 }, (_, index) => pcm.readInt16LE((at + index) * 4) / 32_768);
    const loud = Math.max(...truth.map(Math.abs));
    expect(loud).toBeGreaterThan(0.001);
    for (const [index, sample] of first.samples.entries())
      expect(Math.abs(sample - truth[index])).toBeLessThan(0.05 * loud);
    // Position of the sound less that of the picture, in seconds, whenever both are known.
    const drifts = await page().evaluate(measureDrift, 25);
    const sorted = drifts.map(Math.abs).sort((a, b) => a - b);
    expect(sorted[sorted.length >> 1], `drifts ${drifts}`).toBeLessThan(0.15);
    await key('Shift+m');
    await eventually(async () => (await heard(studio)).filter(({ stopped }) => !stopped).length).toBe(0);
    await key('Shift+m');
    await key('k');
  });
});

interface Heard {
  readonly when: number;
  readonly offset: number;
  readonly stopped: boolean;
  /** 64 samples of the left channel, one second in. */
  readonly samples: readonly number[];
}

interface Listening {
  context: AudioContext | null;
  readonly pieces: { when: number; offset: number; stopped: boolean; buffer: AudioBuffer | null }[];
}

/** Notes what the page hands to the sound card; the page itself is told nothing. */
async function listenToSound({ page }: StudioPage): Promise<void> {
  await page.addInitScript(() => {
    const listening: Listening = { context: null, pieces: [] };
    Object.assign(window, { listening });
    const { start, stop } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.start = function (when = 0, offset = 0) {
      listening.context = this.context as AudioContext;
      const piece = { when, offset, stopped: false, buffer: this.buffer };
      listening.pieces.push(piece);
      Object.assign(this, { piece });
      start.call(this, when, offset);
    };
    AudioBufferSourceNode.prototype.stop = function (when) {
      Object.assign((this as unknown as { piece: object }).piece, { stopped: true });
      stop.call(this, when);
    };
  });
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

function heard({ page }: StudioPage): Promise<readonly Heard[]> {
  return page.evaluate(() =>
    (window as unknown as { listening: Listening }).listening.pieces.map(({ when, offset, stopped, buffer }) => ({
      when,
      offset,
      stopped,
      samples: [...(buffer?.getChannelData(0).slice(48_000, 48_064) ?? [])],
    })),
  );
}

/** Where the clip's sound is by the audio clock, less where the shown frame is, once a painted frame. */
async function measureDrift(count: number): Promise<number[]> {
  const { listening } = window as unknown as { listening: Listening };
  const canvas = document.querySelector<HTMLElement>('[data-testid=viewer]');
  const drifts: number[] = [];
  for (let tries = 0; tries < 600 && drifts.length < count; tries++) {
    await new Promise(requestAnimationFrame);
    // After everything that the page does in this frame.
    await new Promise((done) => setTimeout(done));
    const placed = listening.pieces.filter(({ stopped }) => !stopped);
    if (placed.length === 0 || listening.context === null) continue;
    const clipAt = Math.min(...placed.map(({ when, offset }) => when - offset));
    drifts.push(listening.context.currentTime - clipAt - Number(canvas?.dataset.frame) / 25);
  }
  return drifts;
}
