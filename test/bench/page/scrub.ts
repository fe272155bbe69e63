import { StudioPage } from '../../e2e/studio-page.ts';
import { MainThread, quantile, taskText } from './main-thread.ts';
import { openMaskedSession } from './masked-session.ts';

const OBJECTS = 10;
const FRAMES = 12;
const STEPS = 200;

/** Steps over cached frames: what a step's paints cost, and all that it costs the main thread. */
export async function measureScrub(chromium: string): Promise<void> {
  await using studio = await StudioPage.start(chromium);
  const { page } = studio;
  await openMaskedSession(studio, { objects: OBJECTS, frames: FRAMES });
  const press = async (key: string) => {
    await page.keyboard.press(key);
    await studio.shown();
  };
  for (let frame = 1; frame < FRAMES; frame++) await press('ArrowRight');
  for (let frame = 1; frame < FRAMES; frame++) await press('ArrowLeft');
  const thread = await MainThread.of(page);
  const paints: number[] = [];
  const whole: number[] = [];
  const longest = await thread.longestTask(async () => {
    for (let step = 0; step < STEPS; step++) {
      const before = await thread.spent();
      await press(Math.floor(step / (FRAMES - 1)) % 2 === 0 ? 'ArrowRight' : 'ArrowLeft');
      const after = await thread.spent();
      paints.push(after.scripts - before.scripts);
      whole.push(after.all - before.all);
    }
  });
  const text = (millis: readonly number[]) =>
    `median ${quantile(millis, 0.5).toFixed(1)} ms, p95 ${quantile(millis, 0.95).toFixed(1)} ms`;
  console.log(
    `scrub: ${STEPS} steps over cached frames, ${OBJECTS} masks at 1280x720, processor time of the main thread`,
  );
  console.log(`  scripts of a step, paints among them: ${text(paints)}`);
  console.log(`  everything for a step, layout and raster too: ${text(whole)}`);
  console.log(`  longest task: ${taskText(longest)}`);
}
