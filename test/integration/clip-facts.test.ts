import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { laneBits } from '../../src-shared/domain/lane.ts';
import { all, openedSession, startEngine } from '../support/engine-host.ts';
import { scratchFolder } from '../support/media-fixtures.ts';

const folder = scratchFolder('clip-facts');
const home = join(folder, 'home');
const engine = startEngine(home);
const { client } = engine;
const RATE = 48_000;
let clip = '';
let sessionId = '';

/** Three shots that move, 20, 15 and 25 frames long; a tone from 1 s to 2 s; everything five seconds late in its container. */
beforeAll(async () => {
  const { ffmpeg } = await findMediaTools();
  clip = join(folder, 'three-shots.mkv');
  const shots = [
    'testsrc=s=160x96:r=25:d=0.8',
    'mandelbrot=s=160x96:r=25,trim=duration=0.6',
    'rgbtestsrc=s=160x96:r=25:d=1',
  ];
  const inputs = [...shots, 'sine=frequency=440:sample_rate=48000:duration=1'].flatMap((each) => [
    '-f',
    'lavfi',
    '-i',
    each,
  ]);
  const graph = '[0]setsar=1[a];[1]setsar=1[b];[2]setsar=1[c];[a][b][c]concat=n=3:v=1:a=0[v];[3]adelay=1000|1000[s]';
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le'];
  const output = ['-map', '[v]', '-map', '[s]', ...codecs, '-output_ts_offset', '5.017', '-y', clip];
  execFileSync(ffmpeg.path, ['-v', 'error', ...inputs, '-filter_complex', graph, ...output]);
  ({ sessionId } = await openedSession(client, clip, join(folder, 'shots.masklet')));
});
afterAll(() => engine[Symbol.asyncDispose]());

describe('what is found out about a clip in the background', () => {
  it('cuts, once for everybody who asks, and kept', async () => {
    const [cuts, again] = await Promise.all([client.cuts({ sessionId }), client.cuts({ sessionId })]);
    expect([...cuts.frames]).toEqual([20, 35]);
    expect(again).toEqual(cuts);
    const kept = readdirSync(join(home, 'cache', 'analysis'));
    expect(kept.filter((name) => name.endsWith('.cuts'))).toHaveLength(1);
  });

  it('the waveform: silence, then the tone', async () => {
    const parts = await all(client.soundPeaks({ sessionId }));
    const peaks = parts.flatMap(({ peaks: part }) => [...part]);
    expect(peaks.length).toBeGreaterThanOrEqual(200);
    expect(Math.max(...peaks.slice(0, 95))).toBeLessThan(3);
    expect(Math.min(...peaks.slice(105, 195))).toBeGreaterThan(15);
    // From the cache it comes in one piece, and is the same.
    const held = await all(client.soundPeaks({ sessionId }));
    expect(held.map(({ first, peaks: part }) => [first, [...part]])).toEqual([[0, peaks]]);
  });

  it('sound to the sample, from any place, silence around it', async () => {
    for (const firstSample of [0, RATE / 2]) {
      const { samples } = await client.sound({ sessionId, firstSample, count: RATE });
      expect(samples).toHaveLength(RATE * 2);
      const first = samples.findIndex((value) => Math.abs(value) > 200) / 2;
      // The tone starts at zero and takes a few samples to be heard.
      if (firstSample === 0) expect(first).toBeLessThan(0);
      else expect(Math.abs(first - RATE / 2)).toBeLessThan(60);
    }
    const after = await client.sound({ sessionId, firstSample: 4 * RATE, count: 100 });
    expect([...after.samples].every((value) => value === 0)).toBe(true);
  });

  it('lanes as bytes, from the first tracked frame to the last', async () => {
    const square = { objectId: objectId(1), frameIndex: frameIndex(7), box: { x: 20, y: 20, width: 40, height: 40 } };
    await client.addPrompts({ sessionId, prompts: [{ kind: 'box', ...square }] });
    const part = (first: number, last: number) =>
      client.objectLane({ sessionId, objectId: objectId(1), first: frameIndex(first), last: frameIndex(last) });
    const empty = await part(0, 20);
    expect(empty.states).toHaveLength(0);
    const wish = { sessionId, objectIds: null, packId: null, device: 'cpu', keep: true };
    const { masks } = await client.segment({ ...wish, frameIndex: frameIndex(7) });
    const lane = await part(0, 20);
    expect(lane.first).toBe(7);
    expect([...lane.states]).toEqual([masks[0].mask === null ? laneBits.absent : laneBits.present]);
    expect(lane.confidences[0]).toBeGreaterThan(0);
    expect((await part(8, 20)).states).toHaveLength(0);
  });

  it('nothing of the kind for a clip that was closed', async () => {
    await client.closeSession({ sessionId });
    await expect(client.cuts({ sessionId })).rejects.toMatchObject({ code: 'session-missing' });
    expect(existsSync(clip)).toBe(true);
  });
});
