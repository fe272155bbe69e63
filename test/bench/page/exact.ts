import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { findMediaTools } from '../../../src-main/core/video/index.ts';
import { StudioPage, sampleClip } from '../../e2e/studio-page.ts';
import { benchFolder } from './bench-folder.ts';
import { untilIdle } from './idle.ts';
import { quantile } from './main-thread.ts';

const GROUP_FRAMES = 250;
const GROUPS = 20;
const CLIP = `long-gop-${GROUPS}.mp4`;
const FRAMES = GROUP_FRAMES * GROUPS;
/** Of the group of pictures. */
const PLACES = [0.9, 0.5, 0.7, 0.3, 0.95, 0.6, 0.4, 0.8, 0.55, 0.85, 0.35, 0.65, 0.75, 0.45, 0.9];

/** Opening reads every frame once. */
const OPEN_MILLIS = 300_000;

interface Seen {
  /** First picture that was nearer than the one before, and the exact one, in ms after the press; null: none came before it. */
  readonly near: { readonly frame: number; readonly millis: number } | null;
  readonly exactMillis: number;
}

/** A frame that nobody has looked at: from the press on the timeline to the exact picture on screen, over one ffmpeg seek to it. */
export async function measureExact(chromium: string): Promise<void> {
  const { ffmpeg } = await findMediaTools();
  const folder = benchFolder();
  makeClip(ffmpeg.path, folder);
  await using studio = await StudioPage.start(chromium);
  const { page } = studio;
  page.setDefaultTimeout(OPEN_MILLIS);
  await studio.openPath(folder, CLIP);
  const ratios: number[] = [];
  console.log('exact frame that is not cached, 1920x1080, a key frame every 250 frames');
  console.log(
    '| frame | frames after its key frame | stand-in | exact, ms | one ffmpeg seek (mean of two), ms | ratio |',
  );
  console.log('|---:|---:|---|---:|---:|---:|');
  for (const [group, place] of PLACES.entries()) {
    const wanted = Math.round(GROUP_FRAMES * (group + 1 + place));
    const seekOnce = async () => {
      await untilIdle();
      return timeSeek(ffmpeg.path, join(folder, CLIP), wanted);
    };
    const before = await seekOnce();
    await untilIdle();
    const { frame, seen } = await press(page, wanted);
    // The machine's speed drifts: one seek before and one after.
    const theirs = (before + (await seekOnce())) / 2;
    ratios.push(seen.exactMillis / theirs);
    const near = seen.near === null ? 'none' : `${seen.near.frame}, ${seen.near.millis.toFixed(0)} ms`;
    const cells = [
      frame,
      frame % GROUP_FRAMES,
      near,
      seen.exactMillis.toFixed(0),
      theirs.toFixed(0),
      ratios.at(-1)?.toFixed(2),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log(`  ratio: median ${quantile(ratios, 0.5).toFixed(2)}, worst ${quantile(ratios, 1).toFixed(2)}`);
}

/** What ffmpeg alone takes from its start to the picture, ms. */
function timeSeek(ffmpeg: string, clip: string, frame: number): number {
  const startedAt = performance.now();
  const seek = ['-v', 'error', '-ss', String(frame / 25), '-i', clip, '-frames:v', '1'];
  execFileSync(ffmpeg, [...seek, '-q:v', '2', '-f', 'mjpeg', '-'], { maxBuffer: 1 << 26 });
  return performance.now() - startedAt;
}

function makeClip(ffmpeg: string, folder: string): void {
  const clip = join(folder, CLIP);
  if (existsSync(clip)) return;
  const run = (args: readonly string[]) => execFileSync(ffmpeg, ['-v', 'error', '-y', ...args]);
  const group = join(folder, 'group.mp4');
  const code = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '250', '-keyint_min', '250', '-sc_threshold', '0'];
  run(['-stream_loop', '1', '-i', sampleClip, '-an', '-vf', 'scale=1920:1080', '-frames:v', '250', ...code, group]);
  const draft = join(folder, 'long-gop-draft.mp4');
  run(['-stream_loop', String(GROUPS - 1), '-i', group, '-c', 'copy', draft]);
  renameSync(draft, clip);
}

/** Presses on the film of the timeline, near a frame; what the viewer showed from then on. */
async function press(page: Page, wanted: number): Promise<{ frame: number; seen: Seen }> {
  const box = await page.getByTestId('timeline').boundingBox();
  if (box === null) throw new Error('there is no timeline');
  const [gutter, margin] = [176, 14];
  const x = box.x + gutter + ((wanted + 0.5) / FRAMES) * (box.width - gutter - margin);
  await page.evaluate(watchViewer);
  await page.mouse.click(x, box.y + 45);
  const result = await page.evaluate(() => seenByBench);
  const frame = Number(await page.getByTestId('timeline').getAttribute('aria-valuenow'));
  return { frame, seen: result };
}

declare global {
  /** In the page: what the viewer shows after the next press. */
  var seenByBench: Promise<Seen>;
}

/** In the page. Times count from the pointer's own timestamp to the end of the paint that wrote the frame's number. */
function watchViewer(): void {
  const viewer = document.querySelector<HTMLElement>('[data-testid=viewer]')!;
  const timeline = document.querySelector<HTMLElement>('[data-testid=timeline]')!;
  globalThis.seenByBench = new Promise((done) => {
    timeline.addEventListener(
      'pointerdown',
      ({ timeStamp }) => {
        let near: { frame: number; millis: number } | null = null;
        const before = viewer.dataset.frame;
        const look = () => {
          const millis = performance.now() - timeStamp;
          const { frame, rough } = viewer.dataset;
          if (frame === timeline.getAttribute('aria-valuenow') && rough === 'false') {
            observer.disconnect();
            done({ near, exactMillis: millis });
          } else if (near === null && (frame !== before || rough === 'true')) near = { frame: Number(frame), millis };
        };
        const observer = new MutationObserver(look);
        observer.observe(viewer, { attributes: true });
        // Either may be the last one to change.
        observer.observe(timeline, { attributes: true, attributeFilter: ['aria-valuenow'] });
      },
      { once: true, capture: true },
    );
  });
}
