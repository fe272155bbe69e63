/**
 * node test/bench/page-scrub.ts [--objects N] [--frames N] [--steps N]
 *
 * What a scrub step costs the page's main thread in a real Chromium (software rendering): every animation-frame callback is timed
 * while a person steps over frames that are cached, with N masks at 720p. Also the longest task while a run tracks, and an exact frame
 * that is not cached against one ffmpeg seek to the same frame. Absolute figures depend on the machine; the ratio does not.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { findChromium, StudioPage, sampleClip } from '../e2e/studio-page.ts';
import { openedSession, startEngine } from '../support/engine-host.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '10' },
    frames: { type: 'string', default: '12' },
    steps: { type: 'string', default: '200' },
  },
});
const objects = Number(values.objects);
const frames = Number(values.frames);

/** A disc of about 3 % of the picture, somewhere else on every frame. */
function disc(object: number, frame: number) {
  const bitmap = new Uint8Array(1280 * 720);
  const centreX = 120 + ((object * 271 + frame * 9) % 1040);
  const centreY = 110 + ((object * 173 + frame * 5) % 500);
  for (let y = -95; y <= 95; y++) {
    const half = Math.floor(Math.sqrt(95 * 95 - y * y));
    const row = (centreY + y) * 1280 + centreX;
    bitmap.fill(1, row - half, row + half);
  }
  return rleFromBitmap(bitmap, 1280, 720);
}

async function makeSession(home: string): Promise<void> {
  await using engine = startEngine(home);
  const { sessionId } = await openedSession(engine.client, sampleClip, join(home, 'sessions', 'bench.masklet'));
  const prompts = Array.from({ length: objects * frames }, (_, at) => ({
    kind: 'mask' as const,
    objectId: objectId(1 + (at % objects)),
    frameIndex: frameIndex(Math.floor(at / objects)),
    mask: disc(at % objects, Math.floor(at / objects)),
  }));
  await engine.client.addPrompts({ sessionId, prompts });
  for (let frame = 0; frame < frames; frame++) {
    const wish = { sessionId, frameIndex: frameIndex(frame), objectIds: null, packId: null, device: 'cpu', keep: true };
    await engine.client.segment(wish);
  }
  await engine.client.closeSession({ sessionId });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const chromium = findChromium();
if (chromium === null) process.exit(0);
await using studio = await StudioPage.start(chromium);
const { page } = studio;
await makeSession(studio.home);
await page.addInitScript(() => {
  const record = window as unknown as { painted: number[]; longest: number };
  record.painted = [];
  record.longest = 0;
  const plain = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    plain((now) => {
      const startedAt = performance.now();
      callback(now);
      record.painted.push(performance.now() - startedAt);
    });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) record.longest = Math.max(record.longest, duration);
  }).observe({ type: 'longtask' });
});
await page.reload();
await page.locator('button.session-card').click();
await studio.shown();
for (let frame = 1; frame < frames; frame++) {
  await page.keyboard.press('ArrowRight');
  await studio.shown();
}
await page.evaluate(() => {
  const record = window as unknown as { painted: number[]; longest: number };
  record.painted.length = 0;
  record.longest = 0;
});
const steps: number[] = [];
for (let step = 0; step < Number(values.steps); step++) {
  const forward = Math.floor(step / (frames - 1)) % 2 === 1;
  await page.keyboard.press(forward ? 'ArrowRight' : 'ArrowLeft');
  await studio.shown();
  steps.push(
    await page.evaluate(() =>
      (window as unknown as { painted: number[] }).painted.splice(0).reduce((a, b) => a + b, 0),
    ),
  );
}
const longest = await page.evaluate(() => (window as unknown as { longest: number }).longest);
const drawn = steps.filter((millis) => millis > 0).sort((a, b) => a - b);
console.log(
  `scrub over cached frames, ${objects} masks at 1280x720, ${drawn.length} steps, main-thread time of a step's paints:`,
);
console.log(
  `  median ${quantile(drawn, 0.5).toFixed(1)} ms, p95 ${quantile(drawn, 0.95).toFixed(1)} ms; longest task ${longest.toFixed(0)} ms`,
);

const { ffmpeg } = await findMediaTools();
const pairs: [number, number][] = [];
for (const target of [100, 150, 70, 185, 125, 60]) {
  const startedAt = performance.now();
  const response = await page.request.get(new URL(`/frame?session=session-1&index=${target}`, studio.url).href);
  const ours = performance.now() - startedAt;
  if (!response.ok()) throw new Error(await response.text());
  const seekAt = performance.now();
  execFileSync(
    ffmpeg.path,
    ['-v', 'error', '-ss', String(target / 25), '-i', sampleClip, '-frames:v', '1', '-q:v', '2', '-f', 'mjpeg', '-'],
    {
      maxBuffer: 1 << 26,
    },
  );
  pairs.push([ours, performance.now() - seekAt]);
}
const ratios = pairs.map(([ours, theirs]) => ours / theirs).sort((a, b) => a - b);
console.log(
  `exact frame that is not cached over one ffmpeg seek: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} (median ${quantile(ratios, 0.5).toFixed(2)})`,
);
