import { basename, dirname, join } from 'node:path';
import { frameIndex, objectId } from '../../../src-shared/domain/ids.ts';
import { StudioPage } from '../../e2e/studio-page.ts';
import { openedSession, startEngine } from '../../support/engine-host.ts';
import { benchFolder } from './bench-folder.ts';
import { longSession, longVideo } from './long-session.ts';
import { MainThread, quantile, taskText } from './main-thread.ts';

/** In the middle of the row that stands for all lanes, below ruler and film. */
const OVERVIEW_Y = 96;
const OPEN_MILLIS = 300_000;
/** Long enough for all lanes of the long session. */
const LANES_MILLIS = 15_000;

/** A long session with many objects: what edits cost the engine, and the longest tasks of the page while a person works in it. */
export async function measureLong(chromium: string, frames: number, objects: number): Promise<void> {
  const home = join(benchFolder(), 'home');
  const path = await longSession(home, frames, objects);
  console.log(`long session: ${frames} frames, ${objects} objects, ${frames * objects} masks`);
  await measureEngine(home, path, frames);
  await using studio = await StudioPage.start(chromium);
  const { page } = studio;
  page.setDefaultTimeout(OPEN_MILLIS);
  const thread = await MainThread.of(page);
  const tell = async (what: string, work: () => Promise<void>) => {
    const task = await thread.longestTask(work);
    console.log(`  longest main-thread task, ${what}: ${taskText(task)}`);
  };
  const opening = async (what: string, file: string) => {
    const startedAt = performance.now();
    const secs = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    let early = 'none';
    // Shown only while it takes long: waited for beside the opening, not after it.
    const waiting = page.getByTestId('first-picture').waitFor();
    void waiting.then(
      () => {
        early = secs();
      },
      () => undefined,
    );
    await tell(`opening ${what}`, () => studio.openPath(dirname(file), basename(file)));
    console.log(`  page: ${what} on the desk after ${secs()}, a first picture before: ${early}`);
  };
  // In a home that has never seen the clip: its frame table is read, and the next one finds it.
  await opening('the clip for the first time', longVideo(frames));
  await page.keyboard.press('Control+Shift+h');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await opening('the session, its table known', path);
  await tell('while lanes are read', () => page.waitForTimeout(LANES_MILLIS));
  await work(studio, tell);
}

async function measureEngine(home: string, path: string, frames: number): Promise<void> {
  await using engine = startEngine(home);
  const { client } = engine;
  const took = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
  let sessionId = '';
  const opening = await took(async () => {
    ({ sessionId } = await openedSession(client, longVideo(frames), path));
  });
  const times: Record<string, number[]> = { state: [], rename: [], point: [], undo: [], lane: [], masks: [] };
  for (let round = 0; round < 5; round++) {
    const first = objectId(1 + round);
    times.state.push(await took(() => client.sessionState({ sessionId })));
    const change = { name: `Name ${Math.random()}` };
    times.rename.push(await took(() => client.changeObjects({ sessionId, objectIds: [first], change })));
    const at = { objectId: first, frameIndex: frameIndex(1000 * round), point: { x: 5, y: 5 }, include: true };
    times.point.push(await took(() => client.addPrompts({ sessionId, prompts: [{ kind: 'point', ...at }] })));
    times.undo.push(await took(() => client.undo({ sessionId })));
    const part = { first: frameIndex(0), last: frameIndex(Math.min(frames, 32_768) - 1) };
    times.lane.push(await took(() => client.objectLane({ sessionId, objectId: first, ...part })));
    times.masks.push(await took(() => client.frameMasks({ sessionId, frameIndex: frameIndex(7000 * round) })));
  }
  const text = Object.entries(times).map(
    ([name, list]) => `${name} ${quantile(list, 0.5).toFixed(0)}/${quantile(list, 1).toFixed(0)}`,
  );
  console.log(`  engine: open ${(opening / 1000).toFixed(1)} s; median/worst ms: ${text.join(', ')}`);
  await client.closeSession({ sessionId });
}

/** What a person does with a long session, each with the longest task it caused. */
async function work(
  studio: StudioPage,
  tell: (what: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { page } = studio;
  const box = (await page.getByTestId('timeline').boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + 45 };
  const pause = () => page.waitForTimeout(80);
  await page.mouse.move(middle.x, middle.y);
  await tell('zooming the timeline', async () => {
    await page.keyboard.down('Control');
    for (let turn = 0; turn < 30; turn++) {
      await page.mouse.wheel(0, turn < 15 ? -160 : 160);
      await pause();
    }
    await page.keyboard.up('Control');
  });
  await tell('scrubbing across the clip', async () => {
    await page.mouse.down();
    for (let move = 0; move < 60; move++) {
      await page.mouse.move(box.x + 200 + ((move * 97) % (box.width - 240)), middle.y);
      await pause();
    }
    await page.mouse.up();
  });
  await tell('unfolding and scrolling the lanes', async () => {
    await page.mouse.click(box.x + 20, box.y + OVERVIEW_Y);
    for (let turn = 0; turn < 30; turn++) {
      await page.mouse.move(middle.x, box.y + box.height - 30);
      await page.mouse.wheel(0, turn < 15 ? 120 : -120);
      await pause();
    }
  });
  const edits: number[] = [];
  await tell('hiding objects', async () => {
    for (let round = 0; round < 8; round++) edits.push(await hideOne(studio, round));
  });
  console.log(
    `  an edit by key until the panel shows it: ${quantile(edits, 0.5).toFixed(0)} ms, worst ${quantile(edits, 1).toFixed(0)} ms`,
  );
  await tell('stepping through frames', async () => {
    for (let step = 0; step < 20; step++) {
      await page.keyboard.press('Shift+ArrowRight');
      await studio.shown();
    }
  });
}

async function hideOne({ page }: StudioPage, row: number): Promise<number> {
  await page.locator('.object-row .object-main').nth(row).click();
  const startedAt = performance.now();
  const before = await page.locator('.object-row.faint').count();
  await page.keyboard.press('h');
  await page.waitForFunction((count) => document.querySelectorAll('.object-row.faint').length !== count, before);
  return performance.now() - startedAt;
}
