/**
 * Objects that leave the picture and come back, through the engine:
 *
 *   python models/recipes/pebble/host.py absence --dump DIR     makes clips with known truth
 *   node test/bench/absence.ts DIR [--pack ID] [--policy studio|reference]
 *
 * The first mask is given. Prints what `host.py absence` prints of its own loop. Not a test: it needs a minute and a pack.
 */
import { parseArgs } from 'node:util';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { maskArea, maskIou, type RleMask } from '../../src-shared/mask/rle.ts';
import { all, finishedOf, openedSession, startEngine } from '../support/engine-host.ts';
import { Workspace } from '../support/run-cli.ts';
import { type DavisSequence, listSequences, readMask } from './davis-score.ts';

/** Shares of the frame: what still counts as visible, and what counts as the whole frame. */
const VISIBLE = 4e-4;
const FULL_FRAME = 0.9;
const FOUND_IOU = 0.5;
const FRAMES_TO_REPORT = 3;

const { values: wishes, positionals } = parseArgs({
  allowPositionals: true,
  options: { pack: { type: 'string', default: 'pebble' }, policy: { type: 'string', default: 'studio' } },
});
const [root] = positionals;
if (root === undefined) throw new Error('Name the folder that host.py absence --dump made.');

/** null: the clip does not ask that question. */
interface Outcome {
  readonly reported: boolean | null;
  readonly absentShare: number | null;
  readonly found: boolean;
  readonly fullFrames: number;
  readonly meanIou: number;
}

using workspace = new Workspace('absence');
await using engine = startEngine(workspace.path('home'));
const outcomes: Outcome[] = [];
for (const sequence of listSequences(root)) {
  const outcome = outcomeOf(sequence, await tracked(sequence));
  console.error(`${sequence.name}: ${JSON.stringify(outcome)}`);
  outcomes.push(outcome);
}
const reported = outcomes.flatMap((each) => each.reported ?? []);
const shown = [
  `reported absent within ${FRAMES_TO_REPORT} frames ${share(reported.map(Number))} of ${reported.length}`,
  `absent frames reported absent ${share(outcomes.flatMap((each) => each.absentShare ?? []))}`,
  `found again ${share(outcomes.map(({ found }) => Number(found)))} of ${outcomes.length}`,
  `full-frame masks ${outcomes.reduce((sum, { fullFrames }) => sum + fullFrames, 0)}`,
  `mean IoU where visible ${share(outcomes.map(({ meanIou }) => meanIou))}`,
];
console.log(`an object leaves and comes back: ${shown.join(', ')}`);

/** null: the object is absent. */
async function tracked({ name, imageFolder, annotations }: DavisSequence): Promise<readonly (RleMask | null)[]> {
  const { client } = engine;
  const { sessionId } = await openedSession(client, imageFolder, workspace.path(`${name}.masklet`));
  const about = { objectId: objectId(1), frameIndex: frameIndex(0) };
  await client.addPrompts({ sessionId, prompts: [{ kind: 'mask', ...about, mask: readMask(annotations[0]) }] });
  const run = {
    packId: wishes.pack,
    device: 'cpu',
    direction: 'forward' as const,
    range: { first: null, last: null },
    policy: wishes.policy as 'studio' | 'reference',
    memoryPolicy: null,
    resume: false,
  };
  finishedOf(await all(client.track({ sessionId, ...run })));
  const found: (RleMask | null)[] = [];
  for (let frame = 0; frame < annotations.length; frame++) {
    const { masks } = await client.frameMasks({ sessionId, frameIndex: frame });
    found.push(masks[0]?.mask ?? null);
  }
  await client.closeSession({ sessionId });
  return found;
}

function outcomeOf(sequence: DavisSequence, masks: readonly (RleMask | null)[]): Outcome {
  const truth = sequence.annotations.map(readMask);
  const pixels = truth[0].width * truth[0].height;
  const visible = truth.map((mask) => maskArea(mask) > VISIBLE * pixels);
  const areas = masks.map((mask) => (mask === null ? 0 : maskArea(mask)));
  const said = areas.map((area) => area > 0);
  const ious = masks.map((mask, frame) => (mask === null ? 0 : maskIou(mask, truth[frame])));
  const first = visible.indexOf(false);
  const last = visible.lastIndexOf(false);
  const asks = !visible.slice(first, first + FRAMES_TO_REPORT).includes(true);
  const absent = said.filter((_, frame) => !visible[frame]);
  return {
    reported: asks ? said.slice(first, first + FRAMES_TO_REPORT).includes(false) : null,
    absentShare: asks ? absent.filter((says) => !says).length / absent.length : null,
    found: ious.some((iou, frame) => frame > last && said[frame] && iou > FOUND_IOU),
    fullFrames: areas.filter((area) => area > FULL_FRAME * pixels).length,
    meanIou: mean(ious.filter((_, frame) => frame > 0 && visible[frame])),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function share(values: readonly number[]): string {
  return mean(values).toFixed(3);
}
