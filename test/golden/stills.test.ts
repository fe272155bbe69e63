import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PromptInput } from '../../src-shared/contract/schemas.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { emptyMask, maskIou, type RleMask } from '../../src-shared/mask/rle.ts';
import { openedSession, startEngine } from '../support/engine-host.ts';
import { ShellHere } from '../support/shell-here.ts';
import { readMask, type Still } from './still-fixtures.ts';

/** Stills under a tiny SAM 1 pack (models/recipes/stills.py): clicks, boxes and corrections, against transformers' own SamModel. */
const packFolder = join(import.meta.dirname, 'packs/sam1-tiny-own');
const stills = join(packFolder, 'goldens/stills');

const questions: readonly Still[] = JSON.parse(readFileSync(join(stills, 'stills.json'), 'utf8'));

describe('stills of a SAM 1 pack', () => {
  const workspace = new ShellHere('stills');
  let host: ReturnType<typeof startEngine>;
  let count = 0;
  beforeAll(() => {
    host = startEngine(workspace.path('home'));
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });

  test.each(questions.map((still) => [still.mask, still] as const))('%s', async (_, still) => {
    const { mask, iou } = await answer(still, packFolder);
    expect(maskIou(mask, goldenMask(still))).toBeGreaterThanOrEqual(0.995);
    expect(iou).toBeCloseTo(still.iou, 3);
  });

  test('a correction that does not see the mask before it fails', async () => {
    const still = questions.find(({ mask }) => mask === 'wide-corrected.png') as Still;
    const [first, second] = still.rounds;
    const together = { ...still, rounds: [{ points: [...first.points, ...second.points], box: first.box }] };
    expect((await answer(together, packFolder)).iou).not.toBeCloseTo(still.iou, 3);
  });

  test('a picture that is stretched instead of padded fails', async () => {
    const stretched = workspace.path('stretched');
    cpSync(packFolder, stretched, { recursive: true });
    const path = join(stretched, 'pack.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('longest-pad', 'stretch'));
    const still = questions.find(({ mask }) => mask === 'tall-box.png') as Still;
    expect(maskIou((await answer(still, stretched)).mask, goldenMask(still))).toBeLessThan(0.9);
  });

  test('the shell writes the same mask', async () => {
    const still = questions.find(({ mask }) => mask === 'tall-box-negative.png') as Still;
    const [{ points, box }] = still.rounds;
    const [x0, y0, x1, y1] = box as [number, number, number, number];
    const flags = [
      '--box',
      `${x0},${y0},${x1 - x0},${y1 - y0}`,
      ...points.flatMap(([x, y]) => ['--point', `${x},${y},-`]),
    ];
    const out = workspace.path('mask.png');
    const picture = join(stills, still.picture);
    const result = await workspace.run(['segment', picture, '--pack', packFolder, ...flags, '--out', out]);
    expect(result.status, result.stderr).toBe(0);
    expect(maskIou(readMask(out), goldenMask(still))).toBeGreaterThanOrEqual(0.995);
    expect((await workspace.run(['segment', picture, '--pack', packFolder, ...flags, '--out', out])).stderr).toContain(
      '[output-exists]',
    );
    expect(existsSync(join(workspace.folder, 'home/sessions'))).toBe(false);
  });

  async function answer(still: Still, pack: string): Promise<{ readonly mask: RleMask; readonly iou: number | null }> {
    const { client } = host;
    const path = workspace.path(`${++count}.masklet`);
    const { sessionId, state } = await openedSession(client, join(stills, still.picture), path);
    const request = { sessionId, frameIndex: 0, objectIds: null, packId: pack, device: 'cpu', keep: false };
    let mask: RleMask = emptyMask(state.video.width, state.video.height);
    let iou: number | null = null;
    for (const round of still.rounds) {
      await client.addPrompts({ sessionId, prompts: promptsOf(round) });
      const [told] = (await client.segment(request)).masks;
      mask = told.mask ?? mask;
      iou = told.scores.predictedIou;
    }
    await client.closeSession({ sessionId });
    return { mask, iou };
  }
});

function promptsOf({ points, box }: Still['rounds'][number]): PromptInput[] {
  const about = { objectId: objectId(1), frameIndex: frameIndex(0) };
  const clicks = points.map(([x, y, label]) => ({
    kind: 'point' as const,
    ...about,
    point: { x, y },
    include: label === 1,
  }));
  if (box === null) return clicks;
  const [x, y, right, bottom] = box;
  return [{ kind: 'box', ...about, box: { x, y, width: right - x, height: bottom - y } }, ...clicks];
}

function goldenMask(still: Still): RleMask {
  return readMask(join(stills, still.mask));
}
