import { StudioPage } from '../../e2e/studio-page.ts';
import { type LongestTask, MainThread, taskText } from './main-thread.ts';
import { openMaskedSession } from './masked-session.ts';

const OBJECTS = 5;
const FRAMES = 100;

/** Plays frames with masks once, from nothing cached: how much of the clip's rate is shown, and how late its last frame is. */
export async function measurePlay(chromium: string): Promise<void> {
  await using studio = await StudioPage.start(chromium);
  const { page } = studio;
  await openMaskedSession(studio, OBJECTS, FRAMES);
  const thread = await MainThread.of(page);
  let result = { shown: 0, millis: 0, wrong: 0 };
  const longest: LongestTask = await thread.longestTask(async () => {
    const played = page.evaluate(watchPlay, FRAMES - 1);
    await page.keyboard.press('Space');
    result = await played;
  });
  const { shown, millis, wrong } = result;
  const due = ((FRAMES - 1) / 25) * 1000;
  console.log(`play: ${FRAMES} frames at 25 a second, 1280x720, ${OBJECTS} masks`);
  console.log(
    `  ${shown} of ${FRAMES} frames shown, ${(millis / due).toFixed(2)} of the clip's time taken, ${wrong} frames backwards; longest task ${taskText(longest)}`,
  );
}

/** In the page: counts frames from the first new one to the last. */
function watchPlay(last: number): Promise<{ shown: number; millis: number; wrong: number }> {
  const viewer = document.querySelector<HTMLElement>('[data-testid=viewer]')!;
  const seen = new Set<number>([Number(viewer.dataset.frame)]);
  let startedAt = 0;
  let latest = Number(viewer.dataset.frame);
  let wrong = 0;
  addEventListener(
    'keydown',
    ({ timeStamp }) => {
      startedAt = timeStamp;
    },
    { once: true, capture: true },
  );
  return new Promise((done) => {
    const observer = new MutationObserver(() => {
      const frame = Number(viewer.dataset.frame);
      if (frame < latest) wrong++;
      latest = frame;
      if (frame <= last) seen.add(frame);
      if (frame < last) return;
      observer.disconnect();
      done({ shown: seen.size, millis: performance.now() - startedAt, wrong });
    });
    observer.observe(viewer, { attributes: true, attributeFilter: ['data-frame'] });
  });
}
