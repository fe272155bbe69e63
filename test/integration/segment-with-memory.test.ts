import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameMask } from '../../src-shared/contract/results.ts';
import { all, openedSession, startEngine } from '../support/engine-host.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';

const packs = join(repositoryRoot, 'test/golden/packs');
const corrected = 3;
interface Step {
  readonly op: string;
  readonly frame: number;
  readonly points: readonly (readonly [number, number])[];
  readonly labels: readonly number[];
}
interface Result {
  readonly source: string;
  readonly frame: number;
  readonly score: number;
  readonly ious: readonly number[];
  readonly maskIndex: number;
}
const click = (frame: number, x: number, y: number, include: boolean) => ({
  kind: 'point' as const,
  objectId: 1,
  frameIndex: frame,
  point: { x, y },
  include,
});

describe.each(['sam21-tiny-own', 'edgetam-tiny-own', 'sam3-tiny-own'])('a click on a tracked frame, %s', (name) => {
  const workspace = new Workspace(`segment-memory-${name}`);
  const pack = { packId: join(packs, name), device: 'cpu' };
  let host: ReturnType<typeof startEngine>;
  const file = join(packs, name, 'goldens/trajectories/e-refine/trajectory.json');
  const { steps, results } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly steps: readonly Step[];
    readonly results: readonly Result[];
  };
  const golden = results.find(({ source, frame }) => source === 'prompt' && frame === corrected) as Result;
  const [first, second] = steps
    .filter(({ op }) => op === 'points')
    .map(({ frame, points: [[x, y]], labels: [label] }) => click(frame, x, y, label === 1));
  beforeAll(() => {
    host = startEngine(workspace.path('home'));
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });
  const open = async (session: string) =>
    (await openedSession(host.client, join(packs, 'video/frames'), workspace.path(`${session}.masklet`))).sessionId;
  const ask = async (sessionId: string): Promise<FrameMask> =>
    (await host.client.segment({ sessionId, frameIndex: corrected, objectIds: null, ...pack, keep: false })).masks[0];
  const track = (sessionId: string) => {
    const range = { first: 0, last: 4 };
    const policies = { policy: 'reference' as const, memoryPolicy: null, resume: false };
    return all(host.client.track({ sessionId, ...pack, ...policies, range, direction: 'forward' }));
  };

  it('is answered as the propagation after it will answer, also after the session was closed', async () => {
    const { client } = host;
    const sessionId = await open('tracked');
    await client.addPrompts({ sessionId, prompts: [first] });
    await track(sessionId);
    const before = (await client.sessionState({ sessionId })).prompts;
    const { kind: _, ...hover } = second;
    const [hovered] = (await client.preview({ sessionId, ...hover, ...pack })).masks;
    expect((await client.sessionState({ sessionId })).prompts).toEqual(before);
    await client.addPrompts({ sessionId, prompts: [second] });
    const now = await ask(sessionId);
    expect({ scores: hovered.scores, mask: hovered.mask }).toEqual({ scores: now.scores, mask: now.mask });
    // What the reference's own loop says about the same click (trajectory e).
    expect(now.scores.objectScoreLogit).toBeCloseTo(golden.score, 3);
    expect(now.scores.predictedIou).toBeCloseTo(golden.ious[golden.maskIndex], 3);
    expect(
      (await client.segment({ sessionId, frameIndex: corrected, objectIds: null, ...pack, keep: false })).modelMillis,
    ).toBe(0);
    await client.closeSession({ sessionId });

    const again = await open('tracked');
    expect(await ask(again)).toMatchObject({ scores: now.scores });
    await track(again);
    const { masks } = await client.frameMasks({ sessionId: again, frameIndex: corrected });
    expect(masks[0].scores).toEqual(now.scores);
    expect(masks[0].mask).toEqual(now.mask);

    // The same click on the same frame without a run before it: another answer, so the comparison above can fail.
    const bare = await open('bare');
    await client.addPrompts({ sessionId: bare, prompts: [second] });
    expect((await ask(bare)).scores).not.toEqual(now.scores);
    for (const sessionId of [again, bare]) await client.closeSession({ sessionId });
  });
});
