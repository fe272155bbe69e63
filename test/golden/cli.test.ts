import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Workspace } from '../support/run-cli.ts';
import { ShellHere } from '../support/shell-here.ts';
import { replayConceptThroughShell } from './cli-concepts.ts';
import { replayThroughShell } from './cli-trajectories.ts';
import { hasFixtures, packsFolder, readTrajectory } from './trajectory-fixtures.ts';

/** As a stranger would: `masklet track FOLDER --pack PACK --policy reference ...`, once or several times, then `masklet export`. */
const ownRoot = join(import.meta.dirname, 'packs');
const workspace = new ShellHere('golden-cli');
afterAll(() => workspace[Symbol.asyncDispose]());

const cases = [
  ['sam21-tiny-own', 'b-box-negative'],
  ['sam21-tiny-own', 'c-mask'],
  ['sam21-tiny-own', 'd-two-objects'],
  ['sam21-tiny-own', 'e-refine'],
  ['sam21-tiny-own', 'f-reverse'],
  ['edgetam-tiny-own', 'e-refine'],
  ['sam3-tiny-own', 'e-refine'],
] as const;

describe('the shell gives the masks of the reference', () => {
  test.each(cases)('%s, %s', async (pack, name) => {
    const trajectory = readTrajectory(pack, name, ownRoot);
    const { minMaskIou, worst } = await replayThroughShell(workspace, trajectory, join(ownRoot, pack), ownRoot);
    expect(minMaskIou, worst).toBeGreaterThanOrEqual(0.995);
  });

  test('a process for each command: what was tracked before comes from the session alone', async () => {
    const trajectory = readTrajectory('sam21-tiny-own', 'e-refine', ownRoot);
    using apart = new Workspace('golden-cli-apart');
    const { minMaskIou, worst } = await replayThroughShell(apart, trajectory, join(ownRoot, 'sam21-tiny-own'), ownRoot);
    expect(minMaskIou, worst).toBeGreaterThanOrEqual(0.995);
  });

  test('and would notice a correction that forgets what was tracked before it', async () => {
    const trajectory = readTrajectory('sam21-tiny-own', 'e-refine', ownRoot);
    // Another policy in the first run: its memory does not fit, so the second begins anew.
    let line = 0;
    const forgetful = (flags: readonly string[]) => (line++ === 0 ? [...flags, '--memory', 'standard'] : flags);
    const folder = join(ownRoot, 'sam21-tiny-own');
    const { minMaskIou } = await replayThroughShell(workspace, trajectory, folder, ownRoot, forgetful);
    expect(minMaskIou).toBeLessThan(0.9);
  });

  test.each([
    ['backward', 1],
    ['forward', 6],
  ])(
    'tracked %s it starts where the range does, whichever side of the prompts that is',
    async (direction, prompted) => {
      const folder = join(ownRoot, 'sam21-tiny-own');
      const session = workspace.path(`start-${direction}.masklet`);
      const args = ['track', join(ownRoot, 'video/frames'), '--pack', folder, '--session', session, '--json'];
      const prompt = ['--point', `1:${prompted}:48,32`, '--direction', direction, '--range', '0:7'];
      const result = await workspace.run([...args, ...prompt, '--policy', 'reference']);
      expect(result.status, result.stderr).toBe(0);
      const events = result.stdout.trim().split('\n');
      expect(JSON.parse(events.find((line) => line.includes('"finished"'))!).framesDone).toBe(8);
    },
  );

  test.skipIf(!hasFixtures).each([
    ['sam21-tiny', 'g-middle-both'],
    ['edgetam-tiny', 'd-two-objects'],
    ['sam3-tracker-tiny', 'e-refine'],
    ['sam3-tracker-tiny', 'j2-memory-selection-reverse'],
  ])('shared fixtures: %s, %s', async (pack, name) => {
    const trajectory = readTrajectory(pack, name);
    const { memorySelection } = trajectory.settings;
    const flagged = (flags: readonly string[]) => (memorySelection ? [...flags, '--memory', 'selective'] : flags);
    const folder = join(packsFolder, pack);
    const { minMaskIou, worst } = await replayThroughShell(workspace, trajectory, folder, packsFolder, flagged);
    expect(minMaskIou, worst).toBeGreaterThanOrEqual(0.995);
  });
});

/** Against a loop in Python that shares nothing with the engine (models/recipes/recipe/concept_loop.py). */
describe('phrases and exemplars through the shell', () => {
  const concepts = join(ownRoot, 'sam3-tiny-own/goldens/concepts');
  /** Random scores never pass the published thresholds, so the pack gets those that the golden was made with. */
  const placeFor = (name: string) => {
    const place = { pack: workspace.path(`sam3-${name}`), frames: join(ownRoot, 'video/frames') };
    cpSync(join(ownRoot, 'sam3-tiny-own'), place.pack, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(place.pack, 'pack.json'), 'utf8'));
    const { rules } = JSON.parse(readFileSync(join(concepts, name, 'concept.json'), 'utf8'));
    writeFileSync(join(place.pack, 'pack.json'), JSON.stringify({ ...manifest, detector: rules }));
    return place;
  };

  test.each(readdirSync(concepts))('%s', async (name) => {
    const { masks, minMaskIou, worst } = await replayConceptThroughShell(
      workspace,
      join(concepts, name),
      placeFor(name),
    );
    expect(masks).toBeGreaterThan(0);
    expect(minMaskIou, worst).toBeGreaterThanOrEqual(0.995);
  });

  test('and would notice objects that remember every frame instead of the good ones', async () => {
    const standard = ['--memory', 'standard'];
    const { minMaskIou } = await replayConceptThroughShell(
      workspace,
      join(concepts, 'two-phrases'),
      placeFor('two-phrases'),
      standard,
    );
    expect(minMaskIou).toBeLessThan(0.98);
  });
});
