/**
 * node test/bench/click.ts [CLIP]: from a click to its mask through the engine, on a frame whose features are there; without the page's paint.
 * Prints the median and the 95th percentile over clicks on new objects, and the model's share.
 */
import { resolve } from 'node:path';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { openedSession, startEngine } from '../support/engine-host.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';
import { quantile } from './page/main-thread.ts';

const CLICKS = 40;
/** The pack's self-test and the clip's cuts are over by then. */
const OPENING_MILLIS = 9000;

const clip = resolve(process.argv[2] ?? `${repositoryRoot}/resources/sample/tumble.mp4`);
using workspace = new Workspace('click');
await using engine = startEngine(workspace.path('home'));
const { client } = engine;
const { sessionId } = await openedSession(client, clip, workspace.path('click.masklet'));
await new Promise((done) => setTimeout(done, OPENING_MILLIS));
const walls: number[] = [];
const models: number[] = [];
for (let click = 0; click <= CLICKS; click++) {
  const id = objectId(click + 1);
  const point = { x: 300 + 16 * (click % 20), y: 300 + 120 * Math.floor(click / 20) };
  await client.addPrompts({
    sessionId,
    prompts: [{ kind: 'point', objectId: id, frameIndex: frameIndex(0), point, include: true }],
  });
  const startedAt = performance.now();
  const wish = { frameIndex: frameIndex(0), objectIds: [id], packId: 'pebble', device: 'cpu', keep: false };
  const { modelMillis } = await client.segment({ sessionId, ...wish });
  // The first one loads the pack and encodes the frame.
  if (click === 0) continue;
  walls.push(performance.now() - startedAt);
  models.push(modelMillis);
}
const show = (values: number[]) =>
  `median ${quantile(values, 0.5).toFixed(0)}, p95 ${quantile(values, 0.95).toFixed(0)}`;
console.log(`click to mask on a warm frame, ms: ${show(walls)}; of that session.run: ${show(models)}`);
