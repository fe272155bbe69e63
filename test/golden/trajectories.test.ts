import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPackRuntime, type PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { settingsFor } from '../../src-main/core/tracking/index.ts';
import {
  type Deviation,
  hasFixtures,
  packsFolder,
  readTrajectory,
  replay,
  trajectoryNames,
} from './trajectory-fixtures.ts';
import { mistaken, mistakenFrames, mutations, readMistakes } from './trajectory-mistakes.ts';

if (!hasFixtures) console.log('Trajectory goldens skipped: ../shared/fixtures is not here.');

/** The fixtures' READMEs; mask IoU as issue 3 asks. */
const tolerance = { logits: 2e-2, score: 2e-2, iou: 5e-3, minMaskIou: 0.995 };
/**
 * A tie, not drift: at image size one pixel of object 2's prompted mask (frame 5) is 1.0e-5 from 0 on logits up to 21, closer than float32
 * sums come (1.4e-4 here), and memory takes that mask binarised. So a run ends 1.5e-4 away or 3.1e-2, nothing between, with masks at IoU
 * 0.9997. Relative noise of 6e-8 in the features moves a run from one to the other (to 1.5e-4 in 3 draws of 3 with all graph optimisations,
 * in 1 of 3 with none); threads and optimisations alone do not. The trajectory's mistake moves logits by 1032.
 */
const tied: Readonly<Record<string, number>> = { 'sam3-tiny d-two-objects': 5e-2 };
const packIds = ['sam21-tiny', 'edgetam-tiny', 'sam3-tracker-tiny', 'sam3-tiny'] as const;

describe.skipIf(!hasFixtures).each(packIds)('%s', (packId) => {
  let model: PackRuntime;
  beforeAll(async () => {
    model = await openPackRuntime(await readPack(join(packsFolder, packId)), { threads: 1 });
  });
  afterAll(async () => {
    await model?.[Symbol.asyncDispose]();
  });

  test.each(trajectoryNames(packId))('%s', async (name) => {
    const worst = await replay(model, readTrajectory(packId, name));
    const logits = tied[`${packId} ${name}`] ?? tolerance.logits;
    expect(complaints(worst, logits), JSON.stringify(worst)).toEqual([]);
  });

  test('the reference policy chooses the settings of the fixtures by itself', async () => {
    for (const name of trajectoryNames(packId).filter((each) => /^[eh]-/.test(each))) {
      const { settings } = readTrajectory(packId, name);
      const { refineAsCond, refineUsesMemory, clearAround } = settingsFor('reference', model.spec);
      expect({ refineAsCond, refineUsesMemory, clearAround }).toEqual({
        refineAsCond: settings.refineAsCond,
        refineUsesMemory: settings.refineUsesMemory,
        clearAround: settings.clearAround,
      });
    }
  });

  // Mistakes that this pack can see at all: the others are listed in mutations.json for information.
  const visible = readMistakes(packId).filter(
    ({ maxLogitDiff, framesBelow99 }) => framesBelow99 > 0 || maxLogitDiff > tolerance.logits,
  );
  test.each(visible)('$trajectory fails with $mistake', async ({ trajectory: name, mistake }) => {
    const mutation = mutations[mistake];
    if (mutation === undefined) throw new Error(`no such mistake here: ${mistake}`);
    const trajectory = readTrajectory(packId, name);
    const frames = mistakenFrames(trajectory, model.spec.imageSize, mutation);
    const noticed = (worst: Deviation) => complaints(worst).length > 0;
    const worst = await replay(mistaken(model, mutation), trajectory, frames, noticed);
    expect(complaints(worst), JSON.stringify(worst)).not.toEqual([]);
  });
});

function complaints(worst: Deviation, logits = tolerance.logits): readonly string[] {
  const wrong: string[] = [];
  if (worst.minMaskIou < tolerance.minMaskIou) wrong.push('mask IoU');
  if (!(worst.logits <= logits)) wrong.push('logits');
  if (!(worst.score <= tolerance.score)) wrong.push('score');
  if (!(worst.iou <= tolerance.iou)) wrong.push('predicted IoU');
  return wrong;
}
