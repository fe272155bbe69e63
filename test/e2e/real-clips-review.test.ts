/** Flows F4 and F5 on real clips, with a mouse and by keys alone. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { summariseSession } from '../../src-main/core/store/index.ts';
import { type Desk, eventually } from './desk.ts';
import { boxOf, CLIPS, HIDE, hasRealClips, maskOf, sessionOf, startDesk } from './real-clips.ts';
import { root } from './studio-page.ts';

describe.skipIf(!hasRealClips)('F4 on a real clip: leaving, coming back, and a swap', () => {
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
  const markGone = async (desk: Desk, first: number = HIDE.gone, last: number = HIDE.back - 1) => {
    await goTo(desk, first);
    await desk.key('i');
    await goTo(desk, last);
    await desk.keys('o', '1', 'a');
    // What will change is shown before it can be said yes to.
    await eventually(() => identity(desk, 'Mark absent').locator('.identity-effect').textContent()).toMatch(/\d/);
  };

  it('marks the boy absent behind the tree, finds him again, and swaps the two and back', async () => {
    await using desk = await startDesk({ reviewer: 'Ada' });
    const { studio } = desk;
    const { page } = studio;
    const path = sessionOf(desk, HIDE.clip);
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
    // Gone once more for a moment: where tracking has him again, the queue asks whether it is him.
    const [from, to] = [HIDE.back + 8, HIDE.back + 9];
    await markGone(desk, from, to);
    await identity(desk, 'Mark absent').getByRole('button', { name: 'Make it so' }).click();
    await eventually(() => present(path, from, to + 1, 1)).toEqual([to + 1]);
    await desk.keys('Alt+x', '1');
    await page.getByRole('tab', { name: /Review/ }).click();
    // Until they are looked for anew the stops are those of the masks before.
    await page.locator('.stop-list[aria-busy=false]').waitFor();
    const back = page.locator('.stop-card', { hasText: 'returns after' }).first();
    await back.locator('.stop-main').click();
    expect(await page.locator('.stop-question').textContent()).toContain('This looks like Object 1');
    await studio.shot('real-f4-returned');
    await page.locator('.stop-decisions').getByRole('button', { name: /Same/ }).click();
    await eventually(() => summariseSession(path).reviewedShare).toBeGreaterThan(0);
    // Swap from here, looked at first, and one undo.
    const at = HIDE.back + 12;
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
    await using desk = await startDesk({ reviewer: 'Ada' });
    const { studio } = desk;
    const path = sessionOf(desk, HIDE.clip);
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

describe.skipIf(!hasRealClips)('F5 on a real clip: review a saved session', () => {
  /** A session of a clip that has since been moved to another folder. */
  async function moved(settings: object): Promise<{ desk: Desk; path: string; folder: string }> {
    const desk = await startDesk({ reviewer: 'Ada', ...settings });
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
    // It can be started once the engine has said which formats there are.
    await eventually(() => sheet.getByRole('button', { name: 'Export', exact: true }).isEnabled()).toBe(true);
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
