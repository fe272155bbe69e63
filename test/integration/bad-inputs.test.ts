import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import {
  folder,
  headOnly,
  hugeHeader,
  mixedFolder,
  newerSession,
  noise,
  playlist,
  png,
  tamperedPack,
  withBrokenManifest,
  writeFile,
} from '../support/bad-files.ts';
import { mediaFixturePath } from '../support/media-fixtures.ts';
import { finished } from '../support/run-cli.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

/** One bad input: what is prepared, what is typed, and what must come back. */
interface Case {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly args: (place: Place) => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A word the sentence must hold, so that it names the thing. */
  readonly says?: RegExp;
}

interface Place {
  readonly video: string;
  readonly pack: string;
  readonly session: string;
  /** A path inside the workspace. */
  readonly at: (name: string) => string;
}

/** The user id that owns nothing on Linux and macOS runners. */
const NOBODY = 65534;
const POINT = ['--point', '1:0:80,48'];

const cases: readonly Case[] = [
  {
    title: 'a missing video',
    status: 1,
    code: 'file-missing',
    args: ({ at }) => ['info', at('none.mp4')],
    says: /none\.mp4/,
  },
  {
    title: 'an empty file',
    status: 1,
    code: 'not-a-video',
    args: ({ at }) => ['info', writeFile(at('empty.mp4'))],
    says: /empty/,
  },
  {
    title: 'text renamed to mp4',
    status: 1,
    code: 'not-a-video',
    args: ({ at }) => ['info', writeFile(at('text.mp4'), 'hello '.repeat(999))],
  },
  {
    title: 'random bytes',
    status: 1,
    code: 'not-a-video',
    args: ({ at }) => ['info', writeFile(at('noise.mkv'), noise(50_000))],
  },
  {
    title: 'a video without frames',
    status: 1,
    code: 'no-frames',
    args: ({ at }) => ['info', headOnly(at('head.mkv'), at('clip.mp4'))],
  },
  { title: 'sound without picture', status: 1, code: 'no-video-stream', args: ({ at }) => ['info', at('sound.m4a')] },
  {
    title: 'an absurd picture size',
    status: 1,
    code: 'media-too-large',
    args: ({ at }) => ['info', hugeHeader(at('huge.avi'))],
  },
  {
    title: 'a picture size that no tool even repeats',
    status: 1,
    code: 'media-too-large',
    args: ({ at }) => ['info', hugeHeader(at('huger.avi'), 60_000, 60_000)],
    says: /60000x60000/,
  },
  {
    title: 'a playlist that reaches other files',
    status: 1,
    code: 'media-refused',
    args: ({ at, video }) => ['info', playlist(at('list.m3u8'), video)],
  },
  {
    title: 'a playlist renamed to mp4',
    status: 1,
    code: 'media-refused',
    args: ({ at, video }) => ['info', playlist(at('list.mp4'), video)],
  },
  {
    title: 'a concat list renamed to mp4',
    status: 1,
    code: 'media-refused',
    args: ({ at, video }) => ['info', writeFile(at('concat.mp4'), `ffconcat version 1.0\nfile '${video}'\n`)],
  },
  { title: 'a network address', status: 1, code: 'file-missing', args: () => ['info', 'http://127.0.0.1:9/clip.mp4'] },
  {
    title: 'a folder without pictures',
    status: 1,
    code: 'no-frames',
    args: ({ at }) => ['info', folder(at('nothing'))],
  },
  {
    title: 'pictures of different sizes',
    status: 1,
    code: 'media-refused',
    args: ({ at }) => ['info', mixedFolder(at('mixed'))],
    says: /b\.png/,
  },
  {
    title: 'a prompt left of the picture',
    status: 2,
    code: 'prompt-outside-frame',
    args: track(['--point', '1:0:-5,10']),
  },
  {
    title: 'a prompt below the picture',
    status: 2,
    code: 'prompt-outside-frame',
    args: track(['--point', '1:0:10,96']),
    says: /160x96/,
  },
  {
    title: 'a box that leaves the picture',
    status: 2,
    code: 'prompt-outside-frame',
    args: track(['--box', '1:0:100,50,90,20']),
    says: /reaches outside the picture of 160x96/,
  },
  {
    title: 'a prompt after the last frame',
    status: 2,
    code: 'frame-out-of-range',
    args: track(['--point', '1:40:80,48']),
    says: /0 to 39/,
  },
  {
    title: 'a range after the last frame',
    status: 2,
    code: 'range-invalid',
    args: track([...POINT, '--range', '0:99']),
  },
  {
    title: 'a prompt outside the range',
    status: 2,
    code: 'range-invalid',
    args: track([...POINT, '--range', '10:20']),
  },
  {
    title: 'no prompt at all, for which no model is opened',
    status: 2,
    code: 'no-prompts',
    args: track(({ at }) => ['--pack', tamperedPack(at('unneeded'))]),
  },
  { title: 'a malformed point', status: 2, code: 'usage', args: track(['--point', 'one:two']), says: /OBJ:FRAME:X,Y/ },
  { title: 'an unknown flag', status: 2, code: 'usage', args: track(['--colour', 'red']) },
  {
    title: 'an unknown word',
    status: 2,
    code: 'word-unknown',
    args: track(['--text', 'zeppelin']),
    says: /zeppelin.*SAM 3/s,
  },
  {
    title: 'a mask of another size',
    status: 2,
    code: 'prompt-invalid',
    args: track(({ at }) => ['--mask', `1:0:${png(at('m.png'), 20, 20, 255)}`]),
    says: /20x20/,
  },
  {
    title: 'an empty mask',
    status: 2,
    code: 'prompt-invalid',
    args: track(({ at }) => ['--mask', `1:0:${png(at('z.png'), 160, 96, 0)}`]),
  },
  {
    title: 'a mask that is no PNG',
    status: 2,
    code: 'prompt-invalid',
    args: track(({ at }) => ['--mask', `1:0:${writeFile(at('no.png'), 'no')}`]),
  },
  {
    title: 'an unknown pack',
    status: 1,
    code: 'pack-missing',
    args: track([...POINT, '--pack', 'unknown-pack']),
    says: /pebble/,
  },
  {
    title: 'a pack with a broken manifest',
    status: 1,
    code: 'pack-invalid',
    args: track(({ at }) => [...POINT, '--pack', withBrokenManifest(at('broken'))]),
  },
  {
    title: 'a tampered graph',
    status: 1,
    code: 'pack-hash-mismatch',
    args: track(({ at }) => [...POINT, '--pack', tamperedPack(at('tampered'))]),
    says: /mask_decoder/,
  },
  {
    title: 'a pack that cannot track',
    status: 1,
    code: 'pack-cannot-track',
    args: track(({ at }) => [
      ...POINT,
      '--pack',
      writeTinyPack(at('still'), { without: ['memory_encoder', 'memory_attention'] }),
    ]),
  },
  { title: 'an unknown device', status: 2, code: 'usage', args: track([...POINT, '--device', 'abacus']) },
  {
    title: 'a device that is not here',
    status: 1,
    code: 'provider-unavailable',
    args: track([...POINT, '--device', 'coreml']),
  },
  {
    title: 'a session from a newer version',
    status: 1,
    code: 'session-newer',
    args: ({ at, session }) => ['render', newerSession(at('new.masklet'), session)],
  },
  {
    title: 'a session that is none',
    status: 1,
    code: 'session-not-a-session',
    args: ({ at }) => ['render', writeFile(at('text.masklet'), 'hello')],
  },
  { title: 'a missing session', status: 1, code: 'session-missing', args: ({ at }) => ['render', at('gone.masklet')] },
  {
    title: 'a session of another video',
    status: 1,
    code: 'session-mismatch',
    args: ({ at, session, pack }) => ['track', at('other.mp4'), '--session', session, '--pack', pack, ...POINT],
  },
  {
    title: 'an output that exists',
    status: 1,
    code: 'output-exists',
    args: ({ at, session }) => ['render', session, '--out', writeFile(at('there.mp4'), 'x')],
  },
  {
    title: 'an output over the source',
    status: 1,
    code: 'output-is-source',
    args: ({ session, video }) => ['render', session, '--out', video, '--overwrite'],
  },
  {
    title: 'an export folder that is not empty',
    status: 1,
    code: 'output-exists',
    args: ({ at, session }) => ['export', session, '--format', 'csv', '--out', folder(at('full'), 'x.txt')],
  },
  {
    title: 'a broken ffmpeg setting',
    status: 1,
    code: 'ffmpeg-missing',
    args: ({ video }) => ['info', video],
    env: { FFMPEG_BIN: '/nowhere/ffmpeg' },
  },
];

function track(more: readonly string[] | ((place: Place) => readonly string[])): Case['args'] {
  return (place) => {
    const flags = typeof more === 'function' ? more(place) : more;
    const pack = flags.includes('--pack') ? [] : ['--pack', place.pack];
    return [
      'track',
      place.video,
      '--session',
      place.at(`s${Math.random().toString(36).slice(2)}.masklet`),
      ...pack,
      ...flags,
    ];
  };
}

describe('bad input', () => {
  const workspace = new ShellHere('bad-inputs');
  const at = (name: string) => workspace.path(name);
  let place: Place;

  beforeAll(async () => {
    const tools = await findMediaTools();
    const video = at('clip.mp4');
    copyFileSync(mediaFixturePath(tools, 'b-frames.mp4'), video);
    copyFileSync(mediaFixturePath(tools, 'offset.mp4'), at('other.mp4'));
    const sound = ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac', at('sound.m4a')];
    execFileSync(tools.ffmpeg.path, sound);
    place = { video, at, pack: writeTinyPack(at('tiny')), session: at('good.masklet') };
    const made = await workspace.run(['track', video, '--session', place.session, '--pack', place.pack, ...POINT]);
    expect(made.stderr).toContain('Tracked 1 object');
    expect(made.status).toBe(0);
  });
  afterAll(() => workspace[Symbol.asyncDispose]());

  it.each(cases)('$title: one sentence, $code, exit $status', async ({ args, status, code, env, says }) => {
    const result = await workspace.run(args(place), env);
    const errors = result.stderr.split('\n').filter((line) => line.startsWith('masklet: '));
    expect(errors, result.stderr).toHaveLength(1);
    expect(errors[0]).toMatch(/^masklet: \S.*[.;!?].* \[[a-z-]+\]$|^masklet: \S.* \[[a-z-]+\]$/);
    expect(errors[0]).toContain(`[${code}]`);
    if (says !== undefined) expect(errors[0]).toMatch(says);
    expect(result.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
    expect(result.status).toBe(status);
  });

  it('a session that another process writes: locked, named, exit 1', async () => {
    const holder = new Database(place.session);
    holder.close();
    const first = workspace.start([
      'track',
      place.video,
      '--session',
      place.session,
      '--pack',
      place.pack,
      '--point',
      '2:0:20,20',
      '--json',
    ]);
    await new Promise<void>((resolve) => first.stdout?.once('data', () => resolve()));
    first.kill('SIGSTOP');
    const second = await workspace.run([
      'track',
      place.video,
      '--session',
      place.session,
      '--pack',
      place.pack,
      ...POINT,
    ]);
    first.kill('SIGCONT');
    await new Promise((resolve) => first.once('close', resolve));
    expect(second.stderr).toContain('[session-locked]');
    expect(second.status).toBe(1);
  });

  it('a truncated video: the good part is used, and the result is partial', async () => {
    const tools = await findMediaTools();
    const result = await workspace.run(['info', mediaFixturePath(tools, 'truncated.mp4')]);
    expect(result.stdout).toContain('ends early');
    expect(result.status).toBe(3);
    const session = at('cut.masklet');
    const boxes = writeFile(at('boxes.txt'), '1,1,10,10,30,20,1,1,1\n');
    const video = mediaFixturePath(tools, 'truncated.mp4');
    for (const args of [
      ['track', video, '--session', session, '--pack', place.pack, '--range', '0:1', ...POINT],
      ['segment', video, '--pack', place.pack, '--point', '5,5', '--out', at('cut.png')],
      ['render', session, '--out', at('cut.mp4')],
      ['export', session, '--format', 'csv', '--out', at('cut')],
      ['import', boxes, '--format', 'mot', '--video', video, '--session', at('again.masklet')],
    ]) {
      const { status, stderr } = await workspace.run(args);
      expect(stderr, args[0]).toMatch(/The source ends early, after .*; the good part is \w+\.\n/);
      expect(status, args[0]).toBe(3);
    }
  });

  it('a picture of one pixel is tracked or refused in one sentence', async () => {
    const one = at('one');
    mkdirSync(one);
    png(join(one, '0.png'), 1, 1, 200);
    png(join(one, '1.png'), 1, 1, 200);
    const result = await workspace.run([
      'track',
      one,
      '--session',
      at('one.masklet'),
      '--pack',
      place.pack,
      '--point',
      '1:0:0,0',
    ]);
    expect(result.status, result.stderr).toBe(0);
  });

  it('a folder that may not be read', async () => {
    const closed = folder(at('closed'), 'frame.png');
    chmodSync(closed, 0);
    chmodSync(workspace.folder, 0o755);
    chmodSync(folder(at('home')), 0o777);
    // Root may read everything, so it steps down for this one; the copies inside npm packages run for their owner only.
    const tools = await findMediaTools();
    copyFileSync(tools.ffmpeg.path, at('ffmpeg-for-all'));
    copyFileSync(tools.ffprobe.path, at('ffprobe-for-all'));
    for (const tool of ['ffmpeg-for-all', 'ffprobe-for-all']) chmodSync(at(tool), 0o755);
    const env = { FFMPEG_BIN: at('ffmpeg-for-all'), FFPROBE_BIN: at('ffprobe-for-all') };
    const child = workspace.start(['info', closed], env, process.getuid?.() === 0 ? NOBODY : undefined);
    const result = await finished(child);
    chmodSync(closed, 0o700);
    expect(result.stderr).toContain('[file-unreadable]');
    expect(result.status).toBe(1);
  });

  it('a full disk: nothing under the final name, earlier frames safe', async (context) => {
    const small = at('small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      context.skip('needs the right to mount a small file system');
    }
    try {
      const render = await workspace.run(['render', place.session, '--out', join(small, 'out.mp4')]);
      expect(render.stderr).toContain('[disk-full]');
      expect(render.status).toBe(1);
      const csv = await workspace.run(['export', place.session, '--format', 'png', '--out', join(small, 'masks')]);
      expect(csv.stderr).toContain('[disk-full]');
      const session = await workspace.run([
        'track',
        place.video,
        '--session',
        join(small, 's.masklet'),
        '--pack',
        place.pack,
        ...POINT,
      ]);
      expect(session.stderr).toContain('[disk-full]');
      expect(session.status).toBe(1);
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
