import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { rleFromBitmap } from '../../src-shared/mask/rle.ts';
import { all, openedSession, startEngine } from '../support/engine-host.ts';
import { FIXTURE_HEIGHT, FIXTURE_WIDTH, mediaFixturePath } from '../support/media-fixtures.ts';
import { eventually } from './desk.ts';
import { findChromium, StudioPage } from './studio-page.ts';

const chromium = findChromium();
const ACTIONS = Number(process.env.E2E_ACTIONS ?? 500);
const FRAMES = 40;
const VIDEO = { width: FIXTURE_WIDTH, height: FIXTURE_HEIGHT };

/** A mask that carries its frame's number as the clip does, in the lower half, which is black in a clip of so few frames. */
function numberedMask(code: number) {
  const bitmap = new Uint8Array(VIDEO.width * VIDEO.height);
  const wide = VIDEO.width / 8;
  for (let y = VIDEO.height / 2; y < VIDEO.height; y++) {
    for (let bit = 0; bit < 8; bit++) {
      if ((code >> bit) & 1) bitmap.fill(1, y * VIDEO.width + bit * wide, y * VIDEO.width + (bit + 1) * wide);
    }
  }
  return rleFromBitmap(bitmap, VIDEO.width, VIDEO.height);
}

/** A session in the studio's library whose stored masks are numbered like the frames of the clip. */
async function makeNumberedSession(home: string, videoPath: string): Promise<string> {
  await using engine = startEngine(home);
  const sessionPath = join(home, 'sessions', 'barcode.masklet');
  const { sessionId } = await openedSession(engine.client, videoPath, sessionPath);
  // Frame 0 has number 0, which is an empty mask and no mask prompt: it stays without.
  const prompts = Array.from({ length: FRAMES - 1 }, (_, index) => ({
    kind: 'mask' as const,
    objectId: objectId(1),
    frameIndex: frameIndex(index + 1),
    mask: numberedMask(index + 1),
  }));
  await engine.client.addPrompts({ sessionId, prompts });
  for (const prompt of prompts) {
    const wish = { sessionId, frameIndex: prompt.frameIndex, objectIds: null, packId: null, device: 'cpu', keep: true };
    await engine.client.segment(wish);
  }
  const stored = await all(
    engine.client.storedMasks({ sessionId, range: { first: null, last: null }, objectIds: null }),
  );
  expect(stored).toHaveLength(FRAMES - 1);
  await engine.client.closeSession({ sessionId });
  return sessionPath;
}

interface Sample {
  /** What the viewport says it shows. */
  readonly shown: number;
  /** Number in the picture and in the painted masks; null where a block is neither dark nor bright. */
  readonly picture: number | null;
  readonly masks: number | null;
}

/** Reads both barcodes from the canvas, within one task of the page: nothing can be painted in between. */
function readScreen({ width, height }: typeof VIDEO): Sample {
  const canvas = document.querySelector<HTMLCanvasElement>('[data-testid=viewer]')!;
  const ratio = devicePixelRatio;
  const margin = 14;
  const scale = Math.min((canvas.clientWidth - 2 * margin) / width, (canvas.clientHeight - 2 * margin) / height);
  const left = (canvas.clientWidth - width * scale) / 2;
  const top = (canvas.clientHeight - height * scale) / 2;
  const image = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  const at = (x: number, y: number) => {
    const pixel = Math.round((top + y * scale) * ratio) * canvas.width + Math.round((left + x * scale) * ratio);
    return [...image.data.slice(pixel * 4, pixel * 4 + 3)];
  };
  const number = (y: number, isOne: (rgb: number[]) => boolean | null) => {
    let code = 0;
    for (let bit = 0; bit < 8; bit++) {
      const one = isOne(at((bit + 0.5) * (width / 8), y));
      if (one === null) return null;
      if (one) code |= 1 << bit;
    }
    return code;
  };
  return {
    shown: Number(canvas.dataset.frame),
    picture: number(height * 0.25, ([red]) => (red > 165 ? true : red < 90 ? false : null)),
    // The object's colour, nearly opaque, against black.
    masks: number(height * 0.75, ([, , blue]) => (blue > 120 ? true : blue < 60 ? false : null)),
  };
}

describe.skipIf(chromium === null)('the frame on screen', () => {
  let studio: StudioPage;
  const gate = Promise.withResolvers<void>();
  const isLate = ({ pathname, searchParams }: URL) =>
    pathname === '/frame' && !searchParams.has('size') && Number(searchParams.get('index')) >= FRAMES - 4;
  beforeAll(async () => {
    studio = await StudioPage.start(chromium!);
    // The page loads ahead while nobody asks: the last frames are held back from the start.
    await studio.page.route(isLate, async (route) => {
      await gate.promise;
      await route.continue().catch(() => {});
    });
    const clip = mediaFixturePath(await findMediaTools(), 'b-frames.mp4');
    await makeNumberedSession(studio.home, clip);
    await studio.page.reload();
    await studio.page.locator('button.session-card').click();
    await studio.shown();
    await studio.page.getByRole('slider', { name: 'Opacity' }).fill('100');
  }, 300_000);
  afterAll(() => studio[Symbol.asyncDispose]());

  it('is a near one with its own masks and its number beside it, until the exact one is here', async () => {
    const { page } = studio;
    const viewer = page.getByTestId('viewer');
    // The slider had the keys.
    await viewer.focus();
    await page.keyboard.press('End');
    await expect.poll(() => viewer.getAttribute('data-rough'), { timeout: 30_000 }).toBe('true');
    // The film fills meanwhile, so ever nearer ones come; each has its own masks.
    const near = async () => {
      const { shown, picture, masks } = await page.evaluate(readScreen, VIDEO);
      expect({ picture, masks }).toEqual({ picture: shown, masks: shown });
      return shown;
    };
    await expect.poll(near, { timeout: 30_000 }).toBeGreaterThan(FRAMES / 2);
    const badge = () => page.locator('.badge.near').textContent();
    await eventually(async () => (await badge()) === `≈ frame ${await near()}`).toBe(true);
    gate.resolve();
    await studio.shown();
    expect((await page.evaluate(readScreen, VIDEO)).picture).toBe(FRAMES - 1);
    await page.locator('.badge.near').waitFor({ state: 'detached' });
    await page.unroute(isLate);
    await page.keyboard.press('Home');
    await studio.shown();
  });

  it(`is the one asked for, with its own masks, through ${ACTIONS} random actions`, async () => {
    const { keyboard } = studio.page;
    const timeline = await studio.page.getByTestId('timeline').boundingBox();
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const actions: readonly (() => Promise<unknown>)[] = [
      () => keyboard.press('ArrowRight'),
      () => keyboard.press('ArrowLeft'),
      () => keyboard.press('Shift+ArrowRight'),
      () => keyboard.press('Shift+ArrowLeft'),
      () => keyboard.press('Home'),
      () => keyboard.press('End'),
      () => keyboard.press('Space'),
      () => keyboard.press('l'),
      () => keyboard.press('j'),
      () => keyboard.press('k'),
      () => studio.page.mouse.click(timeline!.x + 180 + random(Math.floor(timeline!.width) - 200), timeline!.y + 40),
      () => new Promise((done) => setTimeout(done, random(120))),
    ];
    const seen = new Set<number>();
    for (let count = 0; count < ACTIONS; count++) {
      await actions[random(actions.length)]();
      const { shown, picture, masks } = await studio.page.evaluate(readScreen, VIDEO);
      expect({ picture, masks }, `action ${count}, frame ${shown}`).toEqual({ picture: shown, masks: shown });
      seen.add(shown);
    }
    expect(seen.size).toBeGreaterThan(10);
    await keyboard.press('k');
    await studio.shown();
    const asked = Number(await studio.page.getByTestId('timeline').getAttribute('aria-valuenow'));
    expect(await studio.page.evaluate(readScreen, VIDEO)).toEqual({ shown: asked, picture: asked, masks: asked });
  });

  it('stays right while a run tracks', async () => {
    const { keyboard } = studio.page;
    await keyboard.press('Home');
    await studio.shown();
    await keyboard.press('n');
    const at = await studio.place(80, 20, VIDEO);
    await studio.page.mouse.click(at.x, at.y);
    await studio.answered();
    await studio.page.locator('.object-row').nth(1).waitFor();
    // Only the numbered object is drawn, so that its barcode can be read.
    await keyboard.press('h');
    await studio.page.mouse.move(2, 2);
    await eventually(async () => (await studio.page.evaluate(readScreen, VIDEO)).picture).toBe(0);
    await keyboard.press('g');
    await studio.page.locator('.job-chip').waitFor();
    let read = 0;
    while ((await studio.page.locator('.job-chip').count()) > 0 && read < 200) {
      await keyboard.press(read % 3 === 0 ? 'ArrowLeft' : 'ArrowRight');
      const { shown, picture } = await studio.page.evaluate(readScreen, VIDEO);
      expect(picture, `frame ${shown}`).toBe(shown);
      read++;
    }
    expect(read).toBeGreaterThan(0);
  });
});
