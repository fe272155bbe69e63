import { StudioPage } from '../../e2e/studio-page.ts';

/** From nothing running to the first mask on the sample clip: the server, the browser, the page, the clip, one click. */
export async function measureStart(chromium: string): Promise<void> {
  const startedAt = performance.now();
  const since = () => ((performance.now() - startedAt) / 1000).toFixed(1);
  await using studio = await StudioPage.start(chromium, { settings: { coachDone: false } });
  const { page } = studio;
  const home = since();
  await studio.openSample();
  const open = since();
  const blue = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid=viewer]')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += data[at] + 2 * data[at + 1] + 3 * data[at + 2];
      return sum;
    });
  const before = await blue();
  await studio.clickVideo(466, 526);
  await page.locator('.object-row').waitFor();
  while ((await blue()) === before) await page.waitForTimeout(20);
  await studio.answered();
  console.log(`cold start: home screen after ${home} s, sample clip after ${open} s, first mask after ${since()} s`);
}
