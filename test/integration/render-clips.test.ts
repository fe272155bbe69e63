import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools, type MediaTools } from '../../src-main/core/video/index.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { all, finishedOf, openedSession, startEngine } from '../support/engine-host.ts';
import { MEDIA_FIXTURES, mediaFixturePath } from '../support/media-fixtures.ts';
import {
  delayed,
  fingerprint,
  isFastStart,
  type PictureFacts,
  pictureFacts,
  soundDifference,
  soundFacts,
  timeDifference,
} from '../support/rendered-video.ts';
import { repositoryRoot, Workspace } from '../support/run-cli.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

const CLIPS = join(repositoryRoot, '../shared/media/clips');
/** One of each kind: rates of 24, 23.976, 25, 29.97, 30 and 59.94, with and without sound and colour tags, two sizes. */
const KINDS = [
  '01_dog.mp4',
  '03_skateboarder.mp4',
  '07_snowboarder.mp4',
  '08_driving.mp4',
  '12_hideandseek.mp4',
  '19_cyclist.mp4',
  'bedroom.mp4',
];
const there = existsSync(CLIPS) ? readdirSync(CLIPS).filter((name) => name.endsWith('.mp4')) : [];
const allWhole = process.env.MASKLET_ALL_CLIPS === '1';
const clips = allWhole ? there : KINDS.filter((name) => there.includes(name));
if (there.length === 0)
  console.log('render-clips: ../shared/media/clips is absent, so only generated fixtures are rendered');
else if (clips.length < there.length)
  console.log(
    `render-clips: two seconds of ${clips.length} of ${there.length} real clips are rendered, MASKLET_ALL_CLIPS=1 renders all`,
  );

/** Sound that MP4 refuses, by fixture: it is re-encoded and the notes say so. */
const REENCODED: Readonly<Record<string, string>> = { 'pcm.mov': 'pcm_s16le' };

/** Cut or damaged sources: their good part is tracked, and the shell's exit status says so. */
const PARTIAL: ReadonlySet<string> = new Set(['truncated.mp4', 'damaged.mkv']);

const workspace = new Workspace('render-clips');
let tools: MediaTools;
let pack: string;
/** Tracks and renders without a shell for each, but for damaged sources and one real clip, where the shell's status and words count. */
let engine: ReturnType<typeof startEngine>;
beforeAll(async () => {
  tools = await findMediaTools();
  engine = startEngine(workspace.path('home'));
  pack = writeTinyPack(workspace.path('tiny'));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

describe('track, then render, of a generated fixture', () => {
  // Every turn is composed in render-turned and decoded in video-frames; here one of each kind is enough.
  const names = MEDIA_FIXTURES.map(({ name }) => name).filter(
    (name) => !/rotated-(180|270)|mirrored-(0|180|270)/.test(name),
  );
  it.each(names)('%s', async (name) => {
    const path = mediaFixturePath(tools, name);
    const session = workspace.path(`${name}.masklet`);
    if (PARTIAL.has(name)) await trackByShell(path, session, 3);
    else await trackByEngine(path, session);
    await expectSameVideo(path, session);
  });
});

/**
 * Ten frames are tracked, which reach the render like any others; all frames are rendered. Of the kinds it is the first two seconds,
 * as a copy cuts them; with MASKLET_ALL_CLIPS=1 every clip, whole.
 */
describe.skipIf(clips.length === 0)('track, then render, of a real clip', () => {
  it.each(clips)('%s', async (name) => {
    const path = allWhole ? join(CLIPS, name) : firstSeconds(join(CLIPS, name));
    const session = workspace.path(`${name}.masklet`);
    if (name === clips[0]) await trackByShell(path, session, 0, ['--range', '0:9']);
    else await trackByEngine(path, session, 9);
    await expectSameVideo(path, session);
  });
});

describe('the comparison', () => {
  const tick = 1 / 12_800;
  const secs = [0, 512, 1024, 1536].map((ticks) => ticks * tick);
  const sound = (hash: string, shift = 0) => ({
    codec: 'aac',
    tickSecs: 1 / 48_000,
    packets: [
      { secs: -1024 / 48_000, hash: 'a' },
      { secs: (shift + 0) / 48_000, hash },
    ],
  });

  it('notices a lost frame and times one tick off', () => {
    expect(timeDifference(secs, secs, tick / 2)).toBeNull();
    const shifted = secs.map((each) => each + tick);
    expect(timeDifference(secs, shifted, tick / 2)).toContain('number 0');
    expect(timeDifference(secs, secs.slice(1), tick / 2)).toBe('3 instead of 4');
    expect(timeDifference(secs, secs.with(1, Number.NaN), tick / 2)).toContain('number 1');
  });

  it('notices sound that is one tick late, missing, or other', () => {
    expect(soundDifference(sound('b'), sound('b'))).toBeNull();
    expect(soundDifference(sound('b'), sound('c'))).toBe('number 1 holds other bytes');
    expect(soundDifference(sound('b'), sound('b', 1))).toContain('number 1 is at');
    expect(soundDifference(sound('b'), { ...sound('b'), packets: [] })).toBe('0 instead of 2');
    expect(soundDifference(sound('b'), { ...sound('b'), codec: 'mp3' })).toContain('codec');
  });
});

async function expectSameVideo(path: string, session: string): Promise<void> {
  const before = fingerprint(path);
  const { made, notes } = await rendered(session);
  expect(fingerprint(path), 'the source was changed').toBe(before);
  const source = sourceFacts(path);
  const result = pictureFacts(tools, made);
  // MP4 cannot say a time before 0: picture and sound are moved together, and the notes say so.
  const lateSecs = Math.max(0, -source.secs[0]!);
  const expected = source.secs.map((secs) => secs + lateSecs);
  expect(timeDifference(expected, result.secs, source.tickSecs / 2)).toBeNull();
  expect(notes.some((note) => note.includes('before time 0'))).toBe(lateSecs > 0);
  expectHeader(basename(path), source, result);
  expect(isFastStart(made)).toBe(true);
  expectSameSound(path, made, notes, lateSecs);
  rmSync(made);
}

function firstSeconds(path: string): string {
  const cut = workspace.path(basename(path));
  execFileSync(tools.ffmpeg.path, ['-v', 'error', '-i', path, '-t', '2', '-c', 'copy', cut]);
  return cut;
}

async function trackByShell(path: string, session: string, status: number, flags: readonly string[] = []) {
  const wish = ['--session', session, '--pack', pack, '--point', '1:0:9,9', ...flags];
  const tracked = await workspace.run(['track', path, ...wish]);
  expect(tracked.stderr).toContain('Tracked 1 object');
  expect(tracked.status).toBe(status);
}

/** `last`: frame; null: to the end. */
async function trackByEngine(path: string, session: string, last: number | null = null): Promise<void> {
  const { client } = engine;
  const { sessionId } = await openedSession(client, path, session);
  const click = { kind: 'point', objectId: 1, frameIndex: 0, point: { x: 9, y: 9 }, include: true } as const;
  await client.addPrompts({ sessionId, prompts: [click], coordinates: 'pixels' });
  const wish = { packId: pack, device: 'cpu', direction: 'both', policy: 'studio', memoryPolicy: null } as const;
  const range = { first: null, last: last === null ? null : frameIndex(last) };
  const events = await all(client.track({ sessionId, range, resume: false, ...wish }));
  expect(finishedOf(events)).toMatchObject({ objectCount: 1 });
  await client.closeSession({ sessionId });
}

async function rendered(session: string): Promise<{ made: string; notes: readonly string[] }> {
  const made = `${session}.out.mp4`;
  const look = renderLookSchema.parse({ style: 'overlay' });
  const range = { first: null, last: null };
  const wish = { sessionPath: session, outPath: made, range, overwrite: false, codec: null };
  const written = (await all(engine.client.render({ ...look, ...wish }))).at(-1);
  if (written?.kind !== 'written') throw new Error(`the rendering ended with ${written?.kind}`);
  return { made, notes: written.notes.map(({ text }) => text) };
}

/** A folder of pictures plays at 25 pictures a second. */
function sourceFacts(path: string): PictureFacts {
  if (!statSync(path).isDirectory()) return pictureFacts(tools, path);
  const names = readdirSync(path);
  const facts = pictureFacts(tools, join(path, names[0]!));
  return { ...facts, tickSecs: 1 / 25, secs: names.map((_, index) => index / 25) };
}

function expectHeader(name: string, source: PictureFacts, result: PictureFacts): void {
  const turned = /(rotated|mirrored)-(90|270)/.test(name);
  const even = (side: unknown) => Number(side) + (Number(side) % 2);
  const sides = [even(source.header.width), even(source.header.height)];
  const aspect = (facts: PictureFacts) => String(facts.header.sample_aspect_ratio ?? '1:1').replace('N/A', '1:1');
  expect(result.header).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', color_range: 'tv' });
  expect([result.header.width, result.header.height]).toEqual(turned ? sides.reverse() : sides);
  expect(result.turned).toBe(false);
  expect(aspect(result)).toBe(aspect(source).replace('0:1', '1:1'));
  expectColour(source.header, result.header);
}

/** Tags are the source's, or say what was assumed where it has none. */
function expectColour(source: PictureFacts['header'], result: PictureFacts['header']): void {
  const tag = (facts: PictureFacts['header'], name: string) => facts[name] ?? 'unknown';
  const untagged = tag(source, 'color_space') === 'unknown';
  const converted = /rgb|gbr|pal8|gray|bgr/.test(String(source.pix_fmt)) || /^bt2020/.test(String(source.color_space));
  const assumed = Number(source.height) >= 720 ? 'bt709' : 'smpte170m';
  if (converted) expect(result).toMatchObject({ color_space: 'bt709' });
  else expect(sameMatrix(tag(result, 'color_space'))).toBe(untagged ? assumed : sameMatrix(tag(source, 'color_space')));
  if (converted) return;
  for (const name of ['color_primaries', 'color_transfer']) expect(tag(result, name)).toBe(tag(source, name));
}

/** BT.601 has two names with the same numbers. */
function sameMatrix(name: unknown): unknown {
  return name === 'bt470bg' ? 'smpte170m' : name;
}

function expectSameSound(path: string, made: string, notes: readonly string[], lateSecs: number): void {
  const source = statSync(path).isDirectory() ? [] : soundFacts(tools, path);
  const result = soundFacts(tools, made);
  expect(result).toHaveLength(source.length);
  const refused = REENCODED[basename(path)];
  if (refused !== undefined) {
    expect(notes).toEqual([expect.stringContaining(refused)]);
    expect(result.map(({ codec }) => codec)).toEqual(source.map(() => 'aac'));
    return;
  }
  for (const [index, track] of source.entries())
    expect(soundDifference(delayed(track, lateSecs), result[index]!)).toBeNull();
}
