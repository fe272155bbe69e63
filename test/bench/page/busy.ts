import { StudioPage } from '../../e2e/studio-page.ts';
import { MainThread, taskText } from './main-thread.ts';

const TRACKED_FRAMES = 60;
const TRACK_STEPS = 60;

/** The longest task of the main thread while a run tracks and a person steps through the clip, and while an export is written. */
export async function measureBusy(chromium: string): Promise<void> {
  await using studio = await StudioPage.start(chromium);
  const { page } = studio;
  const thread = await MainThread.of(page);
  await studio.openSample();
  for (const [x, y] of [
    [466, 526],
    [900, 250],
    [640, 360],
  ]) {
    await page.keyboard.press('n');
    await studio.clickVideo(x, y);
    await studio.answered();
  }
  for (let step = 0; step < TRACKED_FRAMES / 10; step++) {
    await page.keyboard.press('Shift+ArrowRight');
    await studio.shown();
  }
  await page.keyboard.press('o');
  const tracking = await thread.longestTask(async () => {
    await page.keyboard.press('g');
    await page.locator('.job-chip').waitFor();
    for (let step = 0; step < TRACK_STEPS && (await page.locator('.job-chip').count()) > 0; step++) {
      await page.keyboard.press(step % 30 < 20 ? 'ArrowRight' : 'ArrowLeft');
      await page.waitForTimeout(100);
    }
    await page.locator('.job-chip').waitFor({ state: 'detached', timeout: 300_000 });
  });
  const exporting = await thread.longestTask(async () => {
    await page.keyboard.press('Control+e');
    await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    await page.locator('.run-done').waitFor({ timeout: 300_000 });
  });
  console.log(
    `longest main-thread task while tracking ${TRACKED_FRAMES} frames and stepping through them: ${taskText(tracking)}`,
  );
  console.log(`longest main-thread task while exporting: ${taskText(exporting)}`);
}
