import { StudioPage } from '../../e2e/studio-page.ts';
import { type LongestTask, MainThread, taskText } from './main-thread.ts';
import { openMaskedSession } from './masked-session.ts';
import { numberedClip, numberedMask, type PaintedNumbers, readNumbers } from './numbered.ts';

const OBJECTS = 5;
const FRAMES = 200;
const RATE = 25;
/** The pack's self-test, cuts, sound and film of a clip that was just opened are over by then. */
const OPENING_MILLIS = 9000;

interface Played {
  readonly shown: number;
  readonly millis: number;
  readonly backwards: number;
  readonly painted: readonly PaintedNumbers[];
}

/**
 * Plays a clip with masks once, with only the frames around the first one cached: how many frames are shown, how long it takes, and whether the picture and the masks
 * that are painted are those of the frame that the page says, read back from the canvas after every frame.
 */
export async function measurePlay(chromium: string): Promise<void> {
  await using studio = await StudioPage.start(chromium);
  const { page } = studio;
  const clip = await numberedClip();
  await openMaskedSession(studio, { objects: OBJECTS, frames: FRAMES, clip, maskOf: numberedMask });
  await page.getByRole('slider', { name: 'Opacity' }).fill('100');
  await page.getByTestId('viewer').focus();
  await page.waitForTimeout(OPENING_MILLIS);
  const thread = await MainThread.of(page);
  let result: Played = { shown: 0, millis: 0, backwards: 0, painted: [] };
  const longest: LongestTask = await thread.longestTask(async () => {
    const played = page.evaluate(watchPlay, { last: FRAMES - 1, reader: readNumbers.toString() });
    await page.keyboard.press('Space');
    result = await played;
  });
  const { shown, millis, backwards, painted } = result;
  const wrong = painted.filter(({ said, picture, masks }) => picture !== said || masks !== said);
  const due = ((FRAMES - 1) / RATE) * 1000;
  console.log(`play: ${FRAMES} frames at ${RATE} a second, 1280x720, ${OBJECTS} masks`);
  console.log(
    `  ${shown} shown, ${FRAMES - shown} left out, ${(millis / due).toFixed(2)} of the clip's time taken, ${backwards} backwards; longest task ${taskText(longest)}`,
  );
  console.log(
    `  ${painted.length} frames read back from the canvas: picture or masks of another frame than the page says on ${wrong.length}${wrong.length > 0 ? `: ${JSON.stringify(wrong.slice(0, 3))}` : ''}`,
  );
}

/** In the page: counts frames from the first new one to the last, and reads each right after it was painted, in the same task. */
function watchPlay({ last, reader }: { readonly last: number; readonly reader: string }): Promise<Played> {
  const read = new Function(`return (${reader})()`) as () => PaintedNumbers;
  const viewer = document.querySelector<HTMLElement>('[data-testid=viewer]')!;
  const seen = new Set<number>([Number(viewer.dataset.frame)]);
  const painted: PaintedNumbers[] = [];
  let startedAt = 0;
  let latest = Number(viewer.dataset.frame);
  let backwards = 0;
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
      if (frame === latest) return;
      if (frame < latest) backwards++;
      latest = frame;
      seen.add(frame);
      painted.push(read());
      if (frame < last) return;
      observer.disconnect();
      done({ shown: seen.size, millis: performance.now() - startedAt, backwards, painted });
    });
    observer.observe(viewer, { attributes: true, attributeFilter: ['data-frame'] });
  });
}
