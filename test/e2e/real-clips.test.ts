/** Flows F1 to F3 on real clips, with a mouse and by keys alone. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { bitmapFromRle, maskArea, maskBox, type RleMask } from '../../src-shared/mask/rle.ts';
import { type Desk, eventually } from './desk.ts';
import { CLIPS, CUPS, DOG, hasRealClips, maskOf, sessionOf, startDesk } from './real-clips.ts';

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

describe.skipIf(!hasRealClips)('F1 on a real clip: click, track, export', () => {
  it('follows a dog through the whole clip and writes the annotated video with its sound', async () => {
    await using desk = await startDesk();
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
    await eventually(() => page.locator('.planner').textContent()).toContain(`${DOG.frames} frames, 1 object`);
    await page.getByTestId('viewer').focus();
    expect(await desk.run('g')).toContain(`${DOG.frames} frames tracked`);
    await eventually(() => desk.states()).toEqual(['Tracked']);
    await desk.key('Shift+ArrowRight');
    await studio.shown();
    await studio.shot('real-f1-dog');
    const path = sessionOf(desk, DOG.clip);
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
    await using desk = await startDesk();
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
    expect(existsSync(sessionOf(desk, DOG.clip).replace('.masklet', '_tracked.mp4'))).toBe(true);
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(!hasRealClips)('F2 on a real clip: find by name', () => {
  const row = (desk: Desk, phrase: string) => desk.studio.page.getByRole('article', { name: phrase, exact: true });
  const seen = async (desk: Desk, phrase: string) =>
    Number(/of (\d+) on this frame/.exec((await row(desk, phrase).textContent()) ?? '')?.[1] ?? -1);

  it('finds the red cups, takes one, searches a stretch, and then finds the ball alone', async () => {
    await using desk = await startDesk();
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
    await eventually(() => page.locator('.planner').textContent()).toContain('1 phrase');
    expect(await page.locator('.object-name').allTextContents()).toEqual(before);
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only', async () => {
    await using desk = await startDesk();
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

/** A pixel in the middle of a mask's middle row. */
function middleOf(mask: RleMask | null): [number, number] {
  if (mask === null) throw new Error('there is no mask');
  const { y, height } = maskBox(mask) ?? { y: 0, height: 0 };
  const row = y + (height >> 1);
  const line = bitmapFromRle(mask).subarray(row * mask.width, (row + 1) * mask.width);
  return [(line.indexOf(1) + line.lastIndexOf(1)) >> 1, row];
}

describe.skipIf(!hasRealClips)('F3 on a real clip: fix in the middle', () => {
  /** What is left after a correction: a dog that came out the same needs no decision. */
  const revert = async (desk: Desk) => {
    await eventually(() => desk.states()).not.toContain('Changed');
    if ((await desk.bar.count()) === 0) return;
    await desk.key('Control+Shift+Enter');
    await eventually(() => desk.bar.count()).toBe(0);
    expect(await desk.prompts()).toHaveLength(1);
  };

  it('corrects a dog, re-tracks, and puts everything back', async () => {
    await using desk = await startDesk();
    const { studio } = desk;
    await studio.openPath(CLIPS, DOG.clip);
    await studio.clickVideo(...DOG.body);
    await studio.page.locator('.object-row').waitFor();
    await studio.answered();
    await desk.keys('i', 'Shift+ArrowRight', 'o', 'Home');
    await desk.run('f');
    await desk.keys('.', '.', '.', '.');
    await studio.shown();
    const path = sessionOf(desk, DOG.clip);
    const dogs = () => Array.from({ length: 7 }, (_, at) => maskOf(path, 4 + at));
    const before = dogs();
    await studio.clickVideo(...middleOf(before[0]), 'right');
    await studio.answered();
    await eventually(() => desk.states()).toEqual(['Changed']);
    await desk.run('c');
    await eventually(() => desk.bar.textContent()).toMatch(/\d frames? changed/);
    await studio.shot('real-f3-dog');
    expect(dogs()).not.toEqual(before);
    await revert(desk);
    expect(dogs()).toEqual(before);
    expect(studio.complaints).toEqual([]);
  });

  it('does the same by keyboard only, and adds an object', async () => {
    await using desk = await startDesk();
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
