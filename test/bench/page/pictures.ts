/**
 * node test/bench/page/pictures.ts
 *
 * Makes the README's pictures anew: docs/demo.png, the contact sheet of `masklet demo`, and docs/studio.png, the studio in Chromium with the
 * session that the demo made. Pictures of the styles: `test/integration/render-styles.test.ts` and docs/styles.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findMediaTools } from '../../../src-main/core/video/index.ts';
import { findChromium, root, StudioPage } from '../../e2e/studio-page.ts';

const SHEET_WIDTH = 1400;
const FRAME = 50;

const { ffmpeg } = await findMediaTools();
mkdirSync(join(root, 'test/out'), { recursive: true });
const folder = mkdtempSync(join(root, 'test/out/pictures-'));
try {
  const demo = join(folder, 'demo');
  execFileSync('node', [join(root, 'src-main/hosts/cli/main.ts'), 'demo', '--out', demo], {
    env: { ...process.env, MASKLET_HOME: join(folder, 'home') },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  shrink(join(demo, 'demo_sheet.png'), join(root, 'docs/demo.png'));
  const chromium = findChromium();
  if (chromium !== null) await pictureOfStudio(chromium, demo);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Scaled down, in 256 colours. */
function shrink(from: string, to: string): void {
  const filters = `scale=${SHEET_WIDTH}:-2:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=sierra2_4a`;
  execFileSync(ffmpeg.path, ['-v', 'error', '-y', '-i', from, '-vf', filters, to]);
}

async function pictureOfStudio(chromium: string, demo: string): Promise<void> {
  await using studio = await StudioPage.start(chromium, { width: 1440, height: 940 });
  const { page } = studio;
  await studio.openPath(demo, 'demo.masklet');
  await page.locator('.object-main').first().click();
  await page.getByTestId('viewer').focus();
  for (let frame = 0; frame < FRAME; frame += 10) await page.keyboard.press('Shift+ArrowRight');
  await studio.shown();
  await page.mouse.move(0, 0);
  // The film under the timeline fills when nothing else is asked for.
  await page.waitForTimeout(12_000);
  await page.screenshot({ path: join(root, 'docs/studio.png') });
}
