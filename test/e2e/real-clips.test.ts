/** The five flows on clips that nobody made for us, with a mouse and by keys alone. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSessionReader, summariseSession } from '../../src-main/core/store/index.ts';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { maskArea, maskBox } from '../../src-shared/mask/rle.ts';
import { Desk, eventually } from './desk.ts';
import { findChromium, root, StudioPage } from './studio-page.ts';

const CLIPS = join(root, '../shared/media/clips');
const chromium = findChromium();
const isHere = chromium !== null && existsSync(CLIPS);
if (!isHere) console.log('e2e: flows on real clips are skipped, there is no ../shared/media or no Chromium');

/** What is on the clips' first frames, in pixels of 1280x720. */
const DOG = { clip: '14_social_dog_training.mp4', frames: 146, body: [800, 390], grass: [300, 600] } as const;
const CUPS = { clip: '02_cups.mp4', ball: [398, 464], middle: [653, 420], right: [914, 420] } as const;
/** The boy steps behind the man at 24 and looks out again on the left at 52. */
const HIDE = {
  clip: '12_hideandseek.mp4',
  boy: [470, 540],
  man: [840, 440],
  gone: 30,
  back: 50,
  boyAgain: [470, 520],
} as const;

const start = async (settings: object = {}) => Desk.on(await StudioPage.start(chromium!, { settings }));
const session = (desk: Desk, clip: string) => join(desk.studio.home, 'sessions', clip.replace('.mp4', '.masklet'));

/** One row of a session's masks; null: absent or not tracked. */
function maskOf(path: string, frame: number, id = 1) {
  using reader = openSessionReader(path);
  return reader.masks.get(frameIndex(frame), objectId(id))?.mask ?? null;
}
const boxOf = (path: string, frame: number, id: number) => {
  const mask = maskOf(path, frame, id);
  return mask === null ? null : maskBox(mask);
};

/** Types and counted frames of a video's streams. */
async function streamsOf(path: string): Promise<{ kinds: string[]; frames: number }> {
  const { ffprobe } = await findMediaTools();
  const asked = ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_type,nb_read_frames', '-of', 'json'];
  const { streams } = JSON.parse(execFileSync(ffprobe.path, [...asked, path], { encoding: 'utf8' })) as {
    streams: { codec_type: string; nb_read_frames: string }[];
  };
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  return { kinds: streams.map(({ codec_type }) => codec_type).sort(), frames: Number(video?.nb_read_frames) };
}

describe.skipIf(!isHere)('F1 on a real clip: click, track, export', () => {
  it('follows a dog through the whole clip and writes the annotated video with its sound', async () => {
    await using desk = await start();
    const { studio } = desk;
    const { page } = studio;
    await studio.openPath(CLIPS, DOG.clip);
    await studio.clickVideo(...DOG.body);
    await page.locator('.object-row').waitFor();
    await studio.answered();
    await studio.clickVideo(...DOG.grass, 'right');
    await studio.answered();
    expect(await desk.prompts()).toHaveLength(2);
    await page.locator('.object-main').dblclick();
    await page.getByLabel('Name of the object').fill('Dog');
    await page.keyboard.press('Enter');
    expect(await page.locator('.planner').textContent()).toContain(`${DOG.frames} frames, 1 object`);
    await page.getByTestId('viewer').focus();
    expect(await desk.run('g')).toContain(`${DOG.frames} frames tracked`);
    await eventually(() => desk.states()).toEqual(['Tracked']);
    await desk.key('Shift+ArrowRight');
    await studio.shown();
    await studio.shot('real-f1-dog');
    const path = session(desk, DOG.clip);
    const dog = maskOf(path, 10);
    expect(dog === null ? 0 : maskArea(dog)).toBeGreaterThan(5_000);
    await desk.key('Control+e');
    await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    await page.locator('.run-done').waitFor({ timeout: 300_000 });
    const written = (await page.locator('.export-run .path').textContent()) ?? '';
    expect(written).toBe(path.replace('.masklet', '_tracked.mp4'));
    expect(await streamsOf(written)).toEqual({ kinds: ['audio', 'video'], frames: DOG.frames });
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only', async () => {
    await using desk = await start();
    const { studio } = desk;
    await desk.openByKeys(CLIPS, DOG.clip);
    await desk.pointAt(...DOG.body, 'Enter');
    await desk.pointAt(...DOG.grass, 'Shift+Enter');
    expect(await desk.prompts()).toHaveLength(2);
    await desk.keys('i', 'Shift+ArrowRight', 'o', 'Home');
    expect(await desk.run('g')).toContain('11 frames tracked');
    await desk.key('Control+e');
    await studio.page.getByRole('dialog').waitFor();
    await desk.key('Control+Enter');
    await studio.page.locator('.run-done').waitFor({ timeout: 300_000 });
    expect(existsSync(session(desk, DOG.clip).replace('.masklet', '_tracked.mp4'))).toBe(true);
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(!isHere)('F2 on a real clip: find by name', () => {
  const row = (desk: Desk, phrase: string) => desk.studio.page.getByRole('article', { name: phrase, exact: true });
  const seen = async (desk: Desk, phrase: string) =>
    Number(/of (\d+) on this frame/.exec((await row(desk, phrase).textContent()) ?? '')?.[1] ?? -1);

  it('finds the red cups, takes one, searches a stretch, and then finds the ball alone', async () => {
    await using desk = await start();
    const { studio } = desk;
    const { page } = studio;
    await studio.openPath(CLIPS, CUPS.clip);
    await desk.key('t');
    await page.keyboard.type('red thing');
    await desk.key('Enter');
    await eventually(() => seen(desk, 'red thing')).toBeGreaterThan(1);
    const slider = row(desk, 'red thing').getByRole('slider');
    await slider.fill('1');
    await eventually(() => row(desk, 'red thing').textContent()).toMatch(/0 of \d+ on this frame/);
    await slider.fill('0.1');
    await eventually(() => row(desk, 'red thing').textContent()).not.toMatch(/\b0 of \d+ on this frame/);
    await studio.shot('real-f2-cups');
    const accept = row(desk, 'red thing').getByRole('button', { name: 'Make it an object' });
    const candidates = await accept.count();
    await accept.first().click();
    await eventually(() => desk.states()).toEqual(['New']);
    await eventually(() => accept.count()).toBe(candidates - 1);
    await studio.answered();
    await page.getByTestId('viewer').focus();
    await desk.keys('Home', 'i', 'Shift+ArrowRight', 'o', 'Home');
    await row(desk, 'red thing').getByRole('button', { name: 'Search the clip' }).click();
    await eventually(() => row(desk, 'red thing').textContent()).toMatch(/[1-9]\d* objects? found in the clip/);
    await page.locator('.job-chip').waitFor({ state: 'detached' });
    const before = await page.locator('.object-name').allTextContents();
    await desk.key('t');
    await page.keyboard.type('yellow thing');
    await desk.key('Enter');
    await eventually(() => seen(desk, 'yellow thing')).toBeGreaterThan(0);
    expect(await page.locator('.planner').textContent()).toContain('1 phrase');
    expect(await page.locator('.object-name').allTextContents()).toEqual(before);
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only', async () => {
    await using desk = await start();
    const { studio } = desk;
    const { page } = studio;
    await desk.openByKeys(CLIPS, CUPS.clip);
    await desk.key('t');
    await page.keyboard.type('red thing');
    await desk.key('Enter');
    await eventually(() => seen(desk, 'red thing')).toBeGreaterThan(1);
    await desk.tabTo(row(desk, 'red thing').getByRole('slider'));
    await desk.key('End');
    await eventually(() => row(desk, 'red thing').textContent()).toMatch(/0 of \d+ on this frame/);
    await desk.times(9, 'PageDown');
    const candidates = () => row(desk, 'red thing').locator('.candidates li').count();
    await eventually(candidates).toBeGreaterThan(1);
    await desk.tabTo(row(desk, 'red thing').getByRole('button', { name: 'Make it an object' }).first());
    await desk.key('Enter');
    await eventually(() => desk.states()).toEqual(['New']);
    await studio.answered();
    await desk.keys('i', 'Shift+ArrowRight', 'o', 'Home');
    await desk.tabTo(row(desk, 'red thing').getByRole('button', { name: 'Search the clip' }));
    await desk.key('Enter');
    await eventually(() => row(desk, 'red thing').textContent()).toMatch(/[1-9]\d* objects? found in the clip/);
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(!isHere)('F3 on a real clip: fix in the middle', () => {
  /** What is left after a correction: a dog that came out the same needs no decision. */
  const revert = async (desk: Desk) => {
    await eventually(() => desk.states()).not.toContain('Changed');
    if ((await desk.bar.count()) === 0) return;
    await desk.key('Control+Shift+Enter');
    await eventually(() => desk.bar.count()).toBe(0);
    expect(await desk.prompts()).toHaveLength(1);
  };

  it('corrects a dog, re-tracks, and puts everything back', async () => {
    await using desk = await start();
    const { studio } = desk;
    await studio.openPath(CLIPS, DOG.clip);
    await studio.clickVideo(...DOG.body);
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
    await desk.keys('i', 'Shift+ArrowRight', 'o', 'Home');
    await desk.run('f');
    await desk.keys('.', '.', '.', '.');
    await studio.shown();
    await desk.key('x');
    await studio.clickVideo(...DOG.grass);
    await studio.answered();
    await eventually(() => desk.states()).toEqual(['Changed']);
    await desk.run('c');
    await studio.shot('real-f3-dog');
    await revert(desk);
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only, and adds an object', async () => {
    await using desk = await start();
    const { studio } = desk;
    await desk.openByKeys(CLIPS, DOG.clip);
    await desk.pointAt(...DOG.body, 'Enter');
    await desk.keys('i', 'Shift+ArrowRight', 'o', 'Home');
    await desk.run('f');
    await desk.times(4, '.');
    await studio.shown();
    await desk.pointAt(...DOG.grass, 'Shift+Enter');
    await eventually(() => desk.states()).toEqual(['Changed']);
    await desk.run('c');
    await revert(desk);
    await desk.key('n');
    await desk.pointAt(560, 150, 'Enter');
    await eventually(() => desk.states()).toHaveLength(2);
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(!isHere)('F4 on a real clip: leaving, coming back, and a swap', () => {
  /** Frames on which the object has a mask. */
  const present = (path: string, first: number, last: number, id: number) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at).filter((frame) => maskOf(path, frame, id) !== null);
  const identity = (desk: Desk, name: string) => desk.studio.page.getByRole('region', { name });
  const goTo = async (desk: Desk, frame: number) => {
    await desk.key('Home');
    await desk.times(Math.floor(frame / 10), 'Shift+ArrowRight');
    await desk.times(frame % 10, 'ArrowRight');
    await desk.studio.shown();
  };
  const markGone = async (desk: Desk) => {
    await goTo(desk, HIDE.gone);
    await desk.key('i');
    await goTo(desk, HIDE.back - 1);
    await desk.keys('o', '1', 'a');
    // What will change is shown before it can be said yes to.
    await eventually(() => identity(desk, 'Mark absent').locator('.identity-effect').textContent()).toMatch(/\d/);
  };

  it('marks the boy absent behind the tree, finds him again, and swaps the two and back', async () => {
    await using desk = await start({ reviewer: 'Ada' });
    const { studio } = desk;
    const { page } = studio;
    const path = session(desk, HIDE.clip);
    await studio.openPath(CLIPS, HIDE.clip);
    await studio.clickVideo(...HIDE.boy);
    await studio.answered();
    await desk.key('n');
    await studio.clickVideo(...HIDE.man);
    await studio.answered();
    await goTo(desk, HIDE.back + 20);
    await desk.keys('o', 'Home');
    expect(await desk.run('f')).toContain('71 frames tracked');
    // The queue sees that something happened to the boy while he went behind the tree.
    await page.getByRole('tab', { name: /Review/ }).click();
    const stops = () => page.locator('.stop-card').allTextContents();
    await eventually(async () => (await stops()).some((text) => text.includes('Object 1'))).toBe(true);
    await studio.shot('real-f4-stops');
    await page.getByRole('tab', { name: 'Object', exact: true }).click();
    await markGone(desk);
    await studio.shot('real-f4-absent');
    await identity(desk, 'Mark absent').getByRole('button', { name: 'Make it so' }).click();
    await eventually(() => present(path, HIDE.gone, HIDE.back - 1, 1)).toEqual([]);
    expect(present(path, HIDE.gone, HIDE.back - 1, 2).length).toBeGreaterThan(0);
    // He is back: a click on him, and only he is tracked again.
    await desk.keys('Alt+x', '1');
    await goTo(desk, HIDE.back + 5);
    await studio.clickVideo(...HIDE.boyAgain);
    await studio.answered();
    await desk.run('c');
    await eventually(() => boxOf(path, HIDE.back + 5, 1) !== null).toBe(true);
    if ((await desk.bar.count()) === 1) await desk.key('Control+Enter');
    await eventually(() => desk.bar.count()).toBe(0);
    await page.getByRole('tab', { name: /Review/ }).click();
    const back = page.locator('.stop-card', { hasText: 'returns after' }).first();
    await back.locator('.stop-main').click();
    expect(await page.locator('.stop-question').textContent()).toContain('This looks like Object 1');
    await studio.shot('real-f4-returned');
    await page.locator('.stop-decisions').getByRole('button', { name: /Same/ }).click();
    await eventually(() => summariseSession(path).reviewedShare).toBeGreaterThan(0);
    // Swap from here, looked at first, and one undo.
    const at = HIDE.back + 10;
    await goTo(desk, at);
    const before = [1, 2].map((id) => boxOf(path, at, id));
    expect(before[0]).not.toEqual(before[1]);
    await desk.keys('1', 'w');
    const card = identity(desk, 'Swap from here');
    await eventually(() => card.locator('.identity-effect').textContent()).toMatch(/\d+ stored masks change/);
    expect([1, 2].map((id) => boxOf(path, at, id))).toEqual(before);
    await studio.shot('real-f4-swap');
    await card.getByRole('button', { name: 'Make it so' }).click();
    await eventually(() => [1, 2].map((id) => boxOf(path, at, id))).toEqual([before[1], before[0]]);
    await desk.key('Control+z');
    await eventually(() => [1, 2].map((id) => boxOf(path, at, id))).toEqual(before);
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only', async () => {
    await using desk = await start({ reviewer: 'Ada' });
    const { studio } = desk;
    const path = session(desk, HIDE.clip);
    await desk.openByKeys(CLIPS, HIDE.clip);
    await desk.pointAt(...HIDE.boy, 'Enter');
    await desk.key('n');
    await desk.pointAt(...HIDE.man, 'Enter');
    await goTo(desk, HIDE.back + 4);
    await desk.keys('o', 'Home');
    expect(await desk.run('f')).toContain('55 frames tracked');
    await markGone(desk);
    await desk.key('Enter');
    await eventually(() => present(path, HIDE.gone, HIDE.back - 1, 1)).toEqual([]);
    await desk.keys('Alt+x', '1');
    await goTo(desk, HIDE.back);
    const before = [1, 2].map((id) => boxOf(path, HIDE.back, id));
    await desk.key('w');
    await eventually(() => identity(desk, 'Swap from here').locator('.identity-effect').textContent()).toMatch(
      /\d+ stored masks? changes?/,
    );
    await desk.key('Enter');
    await eventually(() => [1, 2].map((id) => boxOf(path, HIDE.back, id))).toEqual([before[1], before[0]]);
    await desk.key('Control+z');
    await eventually(() => [1, 2].map((id) => boxOf(path, HIDE.back, id))).toEqual(before);
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(!isHere)('F5 on a real clip: review a saved session', () => {
  /** A session of a clip that has since been moved to another folder. */
  async function moved(settings: object): Promise<{ desk: Desk; path: string; folder: string }> {
    const desk = await start({ reviewer: 'Ada', ...settings });
    const { home } = desk.studio;
    const [was, folder] = [join(home, 'camera'), join(home, 'archive')];
    mkdirSync(was);
    copyFileSync(join(CLIPS, HIDE.clip), join(was, 'boy.mp4'));
    const path = join(home, 'sessions', 'boy.masklet');
    const said = [`1:0:${HIDE.boy}`, `2:0:${HIDE.man}`].flatMap((point) => ['--point', point]);
    const shell = [join(root, 'src-main/hosts/cli/main.ts'), 'track', join(was, 'boy.mp4'), '--session', path];
    execFileSync('node', [...shell, ...said, '--range', '0:45'], { stdio: 'ignore' });
    renameSync(was, folder);
    await desk.studio.page.reload();
    return { desk, path, folder };
  }
  const progress = (desk: Desk) => desk.studio.page.locator('.review-progress').textContent();
  const open = (desk: Desk) => desk.studio.page.locator('.stop-card.said-open').count();

  it('finds the moved clip, goes through the stops, and stamps an export with the review', async () => {
    const { desk, path, folder } = await moved({});
    await using _ = desk;
    const { studio } = desk;
    const { page } = studio;
    const card = page.locator('.session-item', { hasText: 'boy' });
    await eventually(() => card.textContent()).toContain('Video missing');
    await card.locator('.session-card').click();
    const sheet = page.getByRole('dialog');
    await page.getByLabel('Folder', { exact: true }).fill(folder);
    await page.keyboard.press('Enter');
    await sheet.getByRole('button', { name: 'boy.mp4' }).click();
    await sheet.waitFor({ state: 'detached' });
    await eventually(() => card.textContent()).not.toContain('Video missing');
    await card.locator('.session-card').click();
    await studio.shown();
    await page.getByRole('tab', { name: /Review/ }).click();
    await page.locator('.stop-card').first().waitFor();
    const all = await page.locator('.stop-card').count();
    await page.getByLabel(/Filter/).fill('object:"Object 1" frame:0-45');
    await eventually(() => page.locator('.stop-card', { hasText: 'Object 2' }).count()).toBe(0);
    await page.getByLabel(/Filter/).fill('');
    await eventually(() => page.locator('.stop-card').count()).toBe(all);
    for (let stop = 0; stop < all; stop++) {
      const before = await open(desk);
      await page.locator('.stop-card.said-open .stop-main').first().click();
      await page.locator('.stop-decisions .button-primary').click();
      await eventually(() => open(desk)).toBe(before - 1);
    }
    await page.getByText('Every stop is decided.').waitFor();
    expect(await progress(desk)).toMatch(new RegExp(`^${all} stops?, all decided`));
    await studio.shot('real-f5-decided');
    await desk.key('Shift+y');
    await eventually(() => summariseSession(path).reviewedShare).toBe(1);
    await desk.key('Control+e');
    await sheet.getByRole('radio', { name: /^Dataset/ }).check({ force: true });
    await sheet.getByRole('checkbox', { name: /^COCO/ }).waitFor();
    await desk.key('Control+Enter');
    await sheet.getByRole('button', { name: 'Export something else' }).waitFor({ timeout: 120_000 });
    const provenance = readFileSync(join(studio.home, 'sessions/boy_coco/provenance.json'), 'utf8');
    expect(provenance).toContain('Ada');
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only', async () => {
    const { desk, path, folder } = await moved({});
    await using _ = desk;
    const { studio } = desk;
    const { page } = studio;
    const card = page.locator('.session-item', { hasText: 'boy' });
    await desk.tabTo(card.locator('.session-card'));
    await desk.key('Enter');
    await desk.tabTo(page.getByLabel('Folder', { exact: true }));
    await desk.key('Control+a');
    await page.keyboard.type(folder);
    await desk.key('Enter');
    await desk.tabTo(page.getByRole('dialog').getByRole('button', { name: 'boy.mp4' }));
    await desk.key('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually(() => card.textContent()).not.toContain('Video missing');
    await desk.tabTo(card.locator('.session-card'));
    await desk.key('Enter');
    await studio.shown();
    await desk.key(']');
    await page.locator('.stop-card.chosen').waitFor();
    const all = await page.locator('.stop-card').count();
    await desk.key('Control+f');
    await page.locator('[data-focus="stop-filter"]:focus').waitFor();
    await page.keyboard.type('object:"Object 1" frame:0-45');
    await eventually(() => page.locator('.stop-card', { hasText: 'Object 2' }).count()).toBe(0);
    await desk.keys('Escape', 'Escape');
    await eventually(() => page.locator('.stop-card').count()).toBe(all);
    for (let left = all; left > 0; left--) {
      await desk.key('y');
      await eventually(() => open(desk)).toBe(left - 1);
    }
    await page.getByText('Every stop is decided.').waitFor();
    await desk.key('Shift+y');
    await eventually(() => summariseSession(path).reviewedShare).toBe(1);
    expect(studio.complaints).toEqual([]);
  });
});
