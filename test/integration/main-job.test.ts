import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SampleTruth, trueMask, unpackTruth } from '../../resources/sample/truth-file.ts';
import { openSessionReader } from '../../src-main/core/store/index.ts';
import { findMediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { emptyMask, maskBox, maskIou } from '../../src-shared/mask/rle.ts';
import { type CliResult, LAUNCHER, repositoryRoot } from '../support/run-cli.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

const SAMPLE = join(repositoryRoot, 'resources/sample/tumble.mp4');

describe('the main job on the sample clip with the built-in pack', () => {
  const workspace = new ShellHere('main-job');
  let demo: CliResult;
  let truth: SampleTruth;

  beforeAll(async () => {
    truth = unpackTruth(readFileSync(join(repositoryRoot, 'resources/sample/tumble.truth.json.gz')));
    demo = await workspace.runApart(['demo', '--out', 'demo', '--json']);
  });
  afterAll(() => workspace[Symbol.asyncDispose]());

  it('ends well and says what it made', () => {
    expect(demo.stderr).not.toContain('masklet:');
    expect(demo.status).toBe(0);
    const made = demo.lines.flatMap(({ type, path }) =>
      type === 'written' || type === 'session' ? [String(path)] : [],
    );
    expect(made).toHaveLength(3);
    for (const path of made) expect(existsSync(path), path).toBe(true);
    expect(readdirSync(workspace.path('demo')).sort()).toEqual(['demo.masklet', 'demo_sheet.png', 'demo_tracked.mp4']);
  });

  it('puts the masks on the right things, with a mean IoU of at least 0.9', () => {
    // The clicks name the blue box; the phrases find the star and the ball, whatever numbers they get.
    const best = (phrase: string, name: string) => Math.max(...foundIds(phrase).map((id) => meanIou(id, name)));
    const scores = [meanIou(1, 'box'), best('yellow thing', 'star'), best('red thing', 'ball')];
    for (const score of scores) expect(score).toBeGreaterThan(0.85);
    expect(scores.reduce((sum, score) => sum + score, 0) / scores.length).toBeGreaterThanOrEqual(0.9);
  });

  it('has no part of a mask where the thing cannot be, though something alike is there (frame 36)', () => {
    using session = openSessionReader(workspace.path('demo/demo.masklet'));
    const thing = truth.things.find(({ name }) => name === 'box')!;
    for (let index = 0; index < truth.frameCount; index++) {
      const [mask, expected] = [
        session.masks.get(frameIndex(index), objectId(1))?.mask ?? null,
        trueMask(truth, thing, index),
      ];
      if (mask === null || expected === null) continue;
      expect(maskBox(mask)?.width ?? 0, `frame ${index}`).toBeLessThan((maskBox(expected)?.width ?? 0) + 60);
    }
  });

  it('would notice masks on the wrong thing or on the wrong frame', () => {
    expect(meanIou(1, 'star')).toBeLessThan(0.3);
    expect(meanIou(1, 'box', 12)).toBeLessThan(0.8);
  });

  it('keeps frames and sound of the source in the MP4', async () => {
    const tools = await findMediaTools();
    const options = { tools, cacheDir: workspace.path('cache') };
    const source = await openVideo(SAMPLE, options);
    const made = await openVideo(workspace.path('demo/demo_tracked.mp4'), options);
    expect(made.info.frameCount).toBe(source.info.frameCount);
    expect([made.info.width, made.info.height]).toEqual([source.info.width, source.info.height]);
    expect(made.info.audio.map(({ codec, sampleRate }) => [codec, sampleRate])).toEqual(
      source.info.audio.map(({ codec, sampleRate }) => [codec, sampleRate]),
    );
    const seconds = (video: typeof source) =>
      [...video.table.data.pts].map((pts) => (pts * video.info.timebase.numerator) / video.info.timebase.denominator);
    expect(seconds(made)).toEqual(seconds(source));
  });

  function foundIds(phrase: string): number[] {
    using session = openSessionReader(workspace.path('demo/demo.masklet'));
    const concept = session.concepts.all().find((each) => each.phrase === phrase);
    return session.objects
      .all()
      .flatMap(({ id, conceptId }) => (concept !== undefined && conceptId === concept.id ? [id] : []));
  }

  /** Mean over the frames on which the thing can be seen; an absent mask there counts 0. `shift` compares with another frame's truth. */
  function meanIou(id: number, name: string, shift = 0): number {
    using session = openSessionReader(workspace.path('demo/demo.masklet'));
    const thing = truth.things.find((each) => each.name === name);
    if (thing === undefined) throw new Error(`no ${name} in the truth`);
    const scores: number[] = [];
    for (let index = 0; index + shift < truth.frameCount; index++) {
      const expected = trueMask(truth, thing, index + shift);
      if (expected === null) continue;
      const mask =
        session.masks.get(frameIndex(index), objectId(id))?.mask ?? emptyMask(expected.width, expected.height);
      scores.push(maskIou(mask, expected));
    }
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }
});

describe('a session over its life', () => {
  const workspace = new ShellHere('life');
  let track: (...more: string[]) => string[];
  beforeAll(() => {
    const pack = writeTinyPack(workspace.path('tiny'));
    track = (...more) => [
      'track',
      SAMPLE,
      '--session',
      workspace.path('s.masklet'),
      '--pack',
      pack,
      '--range',
      '0:39',
      ...more,
    ];
  });
  afterAll(() => workspace[Symbol.asyncDispose]());

  it('runs only what is new: a second object leaves the rows of the first alone, the same wish again does nothing', async () => {
    expect((await workspace.run(track('--point', '1:0:466,526'))).status).toBe(0);
    const before = rowsOf(1);
    expect(before).toHaveLength(40);
    const second = await workspace.run(track('--box', '2:5:1020,431,200,200', '--json'));
    expect(second.lines.find(({ type }) => type === 'started')).toMatchObject({ objectIds: [2] });
    expect(rowsOf(1)).toEqual(before);
    const again = await workspace.run(track('--json'));
    expect(again.lines.some(({ type }) => type === 'up-to-date')).toBe(true);
  });

  it('a refinement re-runs that object alone', async () => {
    const before = rowsOf(1);
    const refined = await workspace.run(track('--point', '2:20:1100,500', '--json'));
    expect(refined.lines.find(({ type }) => type === 'started')).toMatchObject({ objectIds: [2] });
    expect(rowsOf(1)).toEqual(before);
  });

  it('writes png, davis and csv with frames.csv, and refuses to write over them', async () => {
    for (const format of ['png', 'davis', 'csv']) {
      const out = workspace.path(`out-${format}`);
      const args = ['export', workspace.path('s.masklet'), '--format', format, '--out', out, '--range', '0:39'];
      const result = await workspace.run(args);
      expect(result.status, result.stderr).toBe(0);
      expect(readFileSync(join(out, 'frames.csv'), 'utf8').trim().split('\n')).toHaveLength(41);
      expect((await workspace.run(args)).stderr).toContain('[output-exists]');
    }
    expect(readdirSync(workspace.path('out-png', '1'))).toHaveLength(40);
  });

  it('is listed with its facts', async () => {
    const result = await workspace.run(['sessions', workspace.folder, '--json']);
    const [listing] = (result.lines[0] as { sessions: Record<string, unknown>[] }).sessions;
    expect(listing).toMatchObject({
      state: 'ok',
      objectCount: 2,
      frameCount: 200,
      trackedFrameCount: 40,
      videoMissing: false,
    });
  });

  it('stops on Ctrl-C with what it has, and goes on with --resume', async () => {
    const session = workspace.path('interrupted.masklet');
    const pack = workspace.path('tiny');
    const args = ['track', SAMPLE, '--session', session, '--pack', pack, '--point', '1:0:466,526', '--json'];
    const child = workspace.start(args);
    let frames = 0;
    let asked = false;
    child.stdout?.on('data', (bytes: Buffer) => {
      frames += bytes.toString().split('"type":"frame"').length - 1;
      if (frames >= 1 && !asked) asked = child.kill('SIGINT');
    });
    const status = await new Promise((done) => child.once('close', done));
    expect(status).toBe(130);
    const resumed = await workspace.runApart([...args, '--resume']);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(resumed.lines.find(({ type }) => type === 'started')).toMatchObject({ resumedFrames: expect.any(Number) });
    using reader = openSessionReader(session);
    expect(reader.masks.framesTracked()).toBe(200);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('takes a %s to its launcher as its own', async (signal) => {
    const session = workspace.path(`${signal}.masklet`);
    const pack = workspace.path('tiny');
    const args = ['track', SAMPLE, '--session', session, '--pack', pack, '--point', '1:0:466,526', '--json'];
    const child = workspace.start(args, {}, undefined, LAUNCHER);
    let said = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      if (said === '') child.kill(signal);
      said += bytes;
    });
    // Its pipes close when the last process that has them is gone.
    const ended = await new Promise((done) => child.once('close', (status, by) => done(by ?? status)));
    expect(ended).toBe(signal === 'SIGHUP' ? 'SIGHUP' : 130);
    expect(said).not.toContain('"type":"session"');
  });

  it.each([
    ['a closed stdout', [0]],
    ['a second Ctrl-C', ['SIGINT', 130]],
  ] as const)('ends on %s, though a model is running, and keeps what it said', async (what, expected) => {
    const session = workspace.path(`${what.replaceAll(' ', '-')}.masklet`);
    const child = workspace.start(['track', SAMPLE, '--session', session, '--point', '1:0:466,526', '--json']);
    const end = new Promise((done) => child.once('exit', (status, signal) => done(signal ?? status)));
    await new Promise<void>((done) =>
      child.stdout?.on('data', (bytes: Buffer) => bytes.includes('"type":"frame"') && done()),
    );
    if (what === 'a closed stdout') child.stdout?.destroy();
    const again = what === 'a second Ctrl-C' ? setInterval(() => child.kill('SIGINT'), 20) : undefined;
    expect(expected).toContain(await end);
    clearInterval(again);
    using reader = openSessionReader(session);
    expect(reader.masks.framesTracked()).toBeGreaterThan(0);
  });

  function rowsOf(id: number): string[] {
    using session = openSessionReader(workspace.path('s.masklet'));
    return session.masks
      .of(objectId(id), null)
      .map(({ frameIndex: index, mask, scores, runId }) =>
        JSON.stringify([index, mask === null ? null : Buffer.from(mask.bytes).toString('base64'), scores, runId]),
      );
  }
});
