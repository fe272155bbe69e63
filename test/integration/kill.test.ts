import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSessionReader } from '../../src-main/core/store/index.ts';
import { findMediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { all, openedSession, startEngine } from '../support/engine-host.ts';
import { mediaFixturePath } from '../support/media-fixtures.ts';
import { Workspace } from '../support/run-cli.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

const KILLS = 20;
const FRAMES = 300;
/** Sessions that are killed, go on, and are killed again; each ends as one that nobody killed. */
const SESSIONS = 4;
/** Part of the clip, around its second key frame at 250: as good a try, in less time. */
const RANGE = '160:279';
const TRACKED = 120;
const PROMPTS = ['--point', '1:200:80,48', '--box', '2:210:20,20,60,40', '--point', '2:260:50,40'];

describe('kill -9', () => {
  const workspace = new Workspace('kill');
  let video = '';
  let pack = '';
  let uninterrupted = '';
  let renderMs = 0;
  let engine: ReturnType<typeof startEngine>;

  const track = (session: string, ...more: string[]) => [
    'track',
    video,
    '--session',
    session,
    '--pack',
    pack,
    '--json',
    '--range',
    RANGE,
    ...PROMPTS,
    ...more,
  ];

  beforeAll(async () => {
    engine = startEngine(workspace.path('home'));
    video = mediaFixturePath(await findMediaTools(), 'open-gop-250.mp4');
    pack = writeTinyPack(workspace.path('tiny'));
    uninterrupted = workspace.path('whole.masklet');
    const result = await workspace.run(track(uninterrupted));
    expect(result.status, result.stderr).toBe(0);
    expect(result.lines.filter(({ type }) => type === 'frame').length).toBeGreaterThanOrEqual(TRACKED);
    const started = performance.now();
    const rendered = await workspace.run(['render', uninterrupted, '--out', workspace.path('whole.mp4')]);
    renderMs = performance.now() - started;
    expect(rendered.status, rendered.stderr).toBe(0);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  });

  /** What `track --resume` asks of the engine. */
  async function resumeByEngine(sessionPath: string): Promise<void> {
    const { client } = engine;
    const { sessionId } = await openedSession(client, video, sessionPath);
    const [first, last] = RANGE.split(':').map(Number);
    const wish = { packId: pack, device: 'cpu', direction: 'both', policy: 'studio', memoryPolicy: null } as const;
    await all(client.track({ sessionId, range: { first: first!, last: last! }, resume: true, ...wish }));
    await client.closeSession({ sessionId });
  }

  it.each(Array.from({ length: SESSIONS }, (_, index) => index))(
    `of track, ${KILLS / SESSIONS} times, session %i: what was reported is there, runs go on, and the last ends the same`,
    async (index) => {
      const session = workspace.path(`killed-${index}.masklet`);
      const reported = new Set<number>();
      let continued = 0;
      for (let kill = index; kill < KILLS; kill += SESSIONS) {
        // A run goes on at the last snapshot, so it is killed at a place and not after so many frames: it would never get on.
        const until = Math.floor((kill * (TRACKED - 8)) / (KILLS - 1));
        const run = await killAt(workspace, track(session, ...(existsSync(session) ? ['--resume'] : [])), until);
        expect(run.killed, 'it was at work').toBe(true);
        if (run.resumedFrames > 0) continued++;
        for (const frame of run.frames) reported.add(frame);
        if (!existsSync(session)) {
          expect([...reported]).toEqual([]);
          continue;
        }
        using reader = openSessionReader(session);
        for (const frame of reported)
          expect(reader.masks.at(frameIndex(frame)).length, `frame ${frame}`).toBeGreaterThan(0);
        expect(reader.verify()).toEqual([]);
      }
      if (index === 0) {
        const resumed = await workspace.run(track(session, '--resume'));
        expect(resumed.status, resumed.stderr).toBe(0);
      } else await resumeByEngine(session);
      expect(continued, 'runs that did not start over').toBeGreaterThan(0);
      expect(masksOf(session)).toEqual(masksOf(uninterrupted));
    },
  );

  it.each(Array.from({ length: KILLS }, (_, index) => index))(
    'of render, number %i: whole under the final name, or not there',
    async (index) => {
      const out = workspace.path(`render-${index}`, 'out.mp4');
      mkdirSync(dirname(out));
      const child = workspace.start(['render', uninterrupted, '--out', out]);
      const closed = once(child, 'close');
      // Spread over start-up, encoding and the final check; the moment need not be exact to be a fair try.
      await setTimeout((renderMs * (index + 1)) / KILLS);
      child.kill('SIGKILL');
      await closed;
      await setTimeout(300);
      if (existsSync(out)) {
        const source = await openVideo(out, { tools: await findMediaTools(), cacheDir: workspace.path('cache') });
        expect(source.info.frameCount).toBe(FRAMES);
      } else expect(readdirSync(dirname(out)).filter((name) => name === basename(out))).toEqual([]);
    },
  );
});

/** Starts, and kills when `until` frames of the run are reported as done; tells which were committed, and how many the run found done. */
async function killAt(workspace: Workspace, args: readonly string[], until: number) {
  const child = workspace.start(args);
  const closed = once(child, 'close');
  const frames: number[] = [];
  let resumedFrames = 0;
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as { type: string; frameIndex: number; framesDone: number; resumedFrames: number };
      if (event.type === 'frame') frames.push(event.frameIndex);
      if (event.type === 'started') resumedFrames = event.resumedFrames;
      if ((event.type === 'started' && until === 0) || event.framesDone >= until) child.kill('SIGKILL');
    }
  });
  const [, signal] = await closed;
  return { frames, resumedFrames, killed: signal === 'SIGKILL' };
}

/** Every stored mask as text, so that two sessions can be compared whole. */
function masksOf(session: string): string[] {
  using reader = openSessionReader(session);
  const rows: string[] = [];
  for (const { id } of reader.objects.all()) {
    for (const { frameIndex: frame, mask, scores } of reader.masks.of(id, null)) {
      rows.push(
        `${id}:${frame}:${mask === null ? '-' : Buffer.from(mask.bytes).toString('base64')}:${JSON.stringify(scores)}`,
      );
    }
  }
  return rows;
}
