import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { probeMedia } from '../../src-main/core/video/ffmpeg/probe-media.ts';
import {
  decodeFrames,
  findCuts,
  findMediaTools,
  listCapabilities,
  type MediaTools,
  openVideo,
  readFrame,
  soundPeaks,
} from '../../src-main/core/video/index.ts';
import type { ErrorCode } from '../../src-shared/errors/studio-error.ts';
import { FIXTURE_HEIGHT, mediaFixturePath, scratchFolder } from '../support/media-fixtures.ts';

const folder = scratchFolder('video-bad-input');
const cacheDir = join(folder, 'cache');
let tools: MediaTools;

beforeAll(async () => {
  tools = await findMediaTools();
});

const inFolder = (name: string) => join(folder, name);
function write(name: string, content: string | Buffer): string {
  writeFileSync(inFolder(name), content);
  return inFolder(name);
}
function fixtureBytes(name: string): Buffer {
  return Buffer.from(readFileSync(mediaFixturePath(tools, name)));
}

/** Each case makes its input and returns the path to open. */
const CASES: readonly (readonly [string, ErrorCode, () => string])[] = [
  ['a missing file', 'file-missing', () => inFolder('nothing-here.mp4')],
  ['an empty file', 'not-a-video', () => write('empty.mp4', '')],
  ['text renamed .mp4', 'not-a-video', () => write('text.mp4', 'hello\nworld\n'.repeat(100))],
  [
    'random bytes',
    'not-a-video',
    () => write('random.mp4', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255))),
  ],
  [
    'an m3u8 renamed .mp4',
    'media-refused',
    () =>
      write(
        'list.mp4',
        `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${mediaFixturePath(tools, 'b-frames.mp4')}\n#EXT-X-ENDLIST\n`,
      ),
  ],
  [
    'a concat list renamed .mp4',
    'media-refused',
    () => write('concat.mp4', `ffconcat version 1.0\nfile '${mediaFixturePath(tools, 'b-frames.mp4')}'\n`),
  ],
  [
    'a DASH manifest',
    'media-refused',
    () => write('dash.mp4', '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>'),
  ],
  ['sound only', 'no-video-stream', soundOnly],
  ['an mp4 that ends before its index', 'not-a-video', cutBeforeIndex],
  ['an mp4 with an index and no data', 'no-frames', () => write('headless.mp4', withoutMediaData())],
  ['absurd sizes in the header', 'media-too-large', absurdSize],
  ['an empty folder', 'no-frames', emptyFolder],
  ['pictures of mixed sizes', 'media-refused', mixedPictures],
  ['a folder with a file that only looks like a picture', 'media-refused', fakePicture],
];

function emptyFolder(): string {
  mkdirSync(inFolder('empty-folder'), { recursive: true });
  return inFolder('empty-folder');
}
function soundOnly(): string {
  const path = inFolder('sound.mp4');
  execFileSync(tools.ffmpeg.path, [
    '-v',
    'error',
    '-y',
    '-i',
    mediaFixturePath(tools, 'b-frames.mp4'),
    '-vn',
    '-c',
    'copy',
    path,
  ]);
  return path;
}
function cutBeforeIndex(): string {
  const bytes = fixtureBytes('pcm.mov');
  return write('cut.mov', bytes.subarray(0, bytes.indexOf('moov') - 4));
}
function withoutMediaData(): Buffer {
  const bytes = fixtureBytes('b-frames.mp4');
  return bytes.fill(0, bytes.indexOf('mdat') + 4);
}
/** The PNG header claims 60000 x 60000; in a folder, so that our own reader sees it first. */
function absurdSize(): string {
  const path = inFolder('absurd');
  mkdirSync(path, { recursive: true });
  const bytes = Buffer.from(readFileSync(join(mediaFixturePath(tools, 'png-folder'), 'frame-1.png')));
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  writeFileSync(join(path, '1.png'), bytes);
  return path;
}
function mixedPictures(): string {
  const path = inFolder('mixed');
  mkdirSync(path, { recursive: true });
  const from = mediaFixturePath(tools, 'png-folder');
  copyFileSync(join(from, 'frame-1.png'), join(path, '1.png'));
  const bytes = Buffer.from(readFileSync(join(from, 'frame-2.png')));
  bytes.writeUInt32BE(FIXTURE_HEIGHT + 2, 20);
  writeFileSync(join(path, '2.png'), bytes);
  return path;
}
function fakePicture(): string {
  const path = inFolder('fake');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, '1.png'), 'not a picture');
  return path;
}

describe('opening', () => {
  it.each(CASES)('%s: %s', async (_, code, make) => {
    const path = make();
    const error = await openVideo(path, { tools, cacheDir }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'StudioError', code });
    const { message } = error as Error;
    expect(message).toMatch(/^[^\n]+\.$/);
    expect(message).toContain(path);
  });

  it('refuses playlists in the demuxer too, behind our own look at the file', async () => {
    const path = write(
      'behind.m3u8',
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${mediaFixturePath(tools, 'b-frames.mp4')}\n#EXT-X-ENDLIST\n`,
    );
    await expect(probeMedia(tools, path, null)).rejects.toMatchObject({ code: 'media-refused' });
  });

  it('that is stopped says so, however early it is stopped', async () => {
    const path = mediaFixturePath(tools, 'b-frames.mp4');
    for (const millis of [1, 5]) {
      const stop = new AbortController();
      const probing = probeMedia(tools, path, null, stop.signal);
      setTimeout(() => stop.abort(), millis);
      await expect(probing).rejects.toMatchObject({ kind: 'cancelled' });
    }
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('an unreadable file', async () => {
    const path = write('secret.mp4', 'x');
    chmodSync(path, 0);
    await expect(openVideo(path, { tools, cacheDir })).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  it.skipIf(process.platform === 'win32')('a tool that is killed while it reads is no short video', async () => {
    const path = write('whole.mp4', fixtureBytes('b-frames.mp4'));
    const killed = (tool: 'ffmpeg' | 'ffprobe') => {
      const script = `#!/bin/sh\n'${tools[tool].path}' "$@" 2>&1 | head -n 80 >&${tool === 'ffmpeg' ? 2 : 1}\nkill -9 $$\n`;
      const killedPath = inFolder(`killed-${tool}`);
      writeFileSync(killedPath, script, { mode: 0o755 });
      return { ...tools, [tool]: { ...tools[tool], path: killedPath } };
    };
    for (const tool of ['ffmpeg', 'ffprobe'] as const) {
      await expect(openVideo(path, { tools: killed(tool), cacheDir })).rejects.toMatchObject({
        code: 'ffmpeg-failed',
        message: expect.stringContaining(path),
      });
    }
    expect((await openVideo(path, { tools, cacheDir })).info.frameCount).toBe(40);
  });

  it('looks again at a file that ended early', async () => {
    const path = mediaFixturePath(tools, 'truncated.mp4');
    const counted = async () => {
      let frames = 0;
      await openVideo(path, { tools, cacheDir, onProgress: (count) => (frames = count) });
      return frames;
    };
    expect(await counted()).toBeGreaterThan(10);
    expect(await counted()).toBe(0);
    // Not for ever: it may have been on its way, or something failed while it was read.
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_001);
    expect(await counted()).toBeGreaterThan(10);
    vi.restoreAllMocks();
  });

  it('works for one pixel', async () => {
    const path = inFolder('one.mkv');
    const one = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-s',
      '1x1',
      '-r',
      '25',
      '-i',
      'pipe:0',
      '-c:v',
      'ffv1',
      '-pix_fmt',
      'bgr0',
    ];
    execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...one, path], {
      input: Buffer.from([10, 20, 30, 200, 100, 50]),
    });
    const source = await openVideo(path, { tools, cacheDir });
    expect(source.info).toMatchObject({ width: 1, height: 1, frameCount: 2 });
    expect([...(await readFrame(source, 1)).pixels]).toEqual([200, 100, 50]);
  });

  it('works for names that look like options, protocols or shell words', async () => {
    for (const name of ['-i.mp4', "it's $(here).mp4", 'http:x.mp4', '\u202eright.mp4', 'a%03d.mp4']) {
      copyFileSync(mediaFixturePath(tools, 'vfr.mp4'), inFolder(name));
      const source = await openVideo(inFolder(name), { tools, cacheDir: join(folder, `cache-${name.length}`) });
      expect(source.table.frameCount).toBe(40);
    }
  });
});

describe('an opened source', () => {
  it('refuses frames that it does not have', async () => {
    const source = await openVideo(mediaFixturePath(tools, 'vfr.mp4'), { tools, cacheDir });
    await expect(readFrame(source, 40)).rejects.toMatchObject({ code: 'frame-out-of-range' });
    await expect(decodeFrames(source, { first: 5, last: 4 }).next()).rejects.toMatchObject({
      code: 'frame-out-of-range',
    });
  });

  it('notices that its file changed or went away', async () => {
    const path = inFolder('changing.mp4');
    copyFileSync(mediaFixturePath(tools, 'vfr.mp4'), path);
    const source = await openVideo(path, { tools, cacheDir });
    copyFileSync(mediaFixturePath(tools, 'b-frames.mp4'), path);
    await expect(readFrame(source, 3)).rejects.toMatchObject({ code: 'media-changed' });
    await expect(
      readFrame({ ...source, info: { ...source.info, path: inFolder('gone.mp4') } }, 3),
    ).rejects.toMatchObject({
      code: 'media-missing',
    });
  });

  it('names the picture that cannot be decoded', async () => {
    const path = inFolder('one-bad-picture');
    mkdirSync(path, { recursive: true });
    const from = mediaFixturePath(tools, 'png-folder');
    for (const number of [1, 2, 3]) copyFileSync(join(from, `frame-${number}.png`), join(path, `${number}.png`));
    writeFileSync(join(path, '2.png'), readFileSync(join(path, '2.png')).fill(0x7f, 45));
    const source = await openVideo(path, { tools, cacheDir });
    const run = async () => {
      for await (const frame of decodeFrames(source, { first: 0, last: 2 })) expect(frame.frameIndex).toBe(0);
    };
    await expect(run()).rejects.toMatchObject({ code: 'ffmpeg-failed', message: expect.stringContaining('2.png') });
  });
});

describe('a cache that cannot be written', () => {
  // A file where its folder should be: not even root can write there.
  const inTheWay = () => join(write('cache-in-the-way', ''), 'cache');

  it('costs time, not the video', async () => {
    const source = await openVideo(mediaFixturePath(tools, 'b-frames.mp4'), { tools, cacheDir: inTheWay() });
    expect((await readFrame(source, 20)).frameIndex).toBe(20);
    await expect(findCuts(source, new AbortController().signal)).resolves.toBeInstanceOf(Uint32Array);
    const peaks = [];
    for await (const part of soundPeaks(source, new AbortController().signal)) peaks.push(part);
    expect(peaks.length).toBeGreaterThan(0);
  });

  it('is named where HDR needs it', async () => {
    const cacheFolder = inTheWay();
    const source = await openVideo(mediaFixturePath(tools, 'hdr-pq.mp4'), { tools, cacheDir: cacheFolder });
    await expect(readFrame(source, 0)).rejects.toMatchObject({
      code: 'permission-denied',
      message: expect.stringMatching(/^[^\n]*HDR[^\n]*\.$/),
      details: { path: join(cacheFolder, 'tone-map') },
    });
  });
});

describe.skipIf(process.platform === 'win32')('an ffmpeg whose parent is killed', () => {
  it.each(['scan', 'cuts'])('ends, though it has more to read: %s', async (pass) => {
    const stream = inFolder('stream.h264');
    const copied = ['-i', mediaFixturePath(tools, 'open-gop-short.mp4'), '-c', 'copy', '-f', 'h264', stream];
    execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...copied]);
    const endless = inFolder(`endless-${pass}`);
    execFileSync('mkfifo', [endless]);
    const entry = resolve(import.meta.dirname, '../support/look-forever.ts');
    const clip = mediaFixturePath(tools, 'vfr.mp4');
    const child = spawn(process.execPath, [entry, pass, endless, clip, cacheDir], { stdio: 'inherit' });
    const bytes = readFileSync(stream);
    // Opens once the tool does.
    await using pipe = await open(endless, 'w');
    // Far more than the system holds for a pipe: the tool is reading, and would go on as long as it is fed.
    for (let copies = 0; copies * bytes.length < 300_000; copies++) await pipe.write(bytes);
    child.kill('SIGKILL');
    const feedOn = async () => {
      for (;;) await pipe.write(bytes);
    };
    await expect(feedOn()).rejects.toMatchObject({ code: 'EPIPE' });
  });
});

describe('tools', () => {
  it('says where each was found', async () => {
    expect(tools.ffmpeg.source).toMatch(/^(environment|ffmpeg-static|path|npm-package)$/);
    expect(tools.ffprobe.version.text).not.toBe('');
  });

  it('falls back to the npm copies when nothing else is there', async () => {
    const found = await findMediaTools({}, { PATH: '' });
    expect(['npm-package', 'ffmpeg-static']).toContain(found.ffmpeg.source);
    expect(found.ffprobe.source).toBe('npm-package');
  });

  it('refuses a chosen tool that does not work', async () => {
    await expect(findMediaTools({ ffmpegPath: '/nowhere/ffmpeg' }, {})).rejects.toMatchObject({
      code: 'ffmpeg-missing',
    });
    await expect(findMediaTools({}, { FFPROBE_BIN: process.execPath })).rejects.toMatchObject({
      code: 'ffprobe-missing',
    });
  });

  it.skipIf(process.platform === 'win32')(
    'asks a program once, and again when another one took its place',
    async () => {
      const [program, asked, cache] = [inFolder('counting-ffmpeg'), inFolder('asked.txt'), inFolder('tool-cache')];
      const version = async (text: string) => {
        const { ffmpeg } = await findMediaTools({ ffmpegPath: program }, process.env, cache);
        expect(ffmpeg.version.text).toBe(text);
        return readFileSync(asked, 'utf8').length;
      };
      const write = (text: string) =>
        writeFileSync(program, `#!/bin/sh\nprintf . >> '${asked}'\necho 'ffmpeg version ${text} made by us'\n`, {
          mode: 0o755,
        });
      write('7.1');
      expect([await version('7.1'), await version('7.1')]).toEqual([1, 1]);
      write('7.1.1');
      expect([await version('7.1.1'), await version('7.1.1')]).toEqual([2, 2]);
      for (const name of readdirSync(join(cache, 'tools'))) writeFileSync(join(cache, 'tools', name), 'spoilt');
      expect([await version('7.1.1'), await version('7.1.1')]).toEqual([3, 3]);
      await findMediaTools({ ffmpegPath: program });
      expect(readFileSync(asked, 'utf8')).toHaveLength(4);
    },
  );

  it('takes a bare name from the PATH, wherever it is run from', async () => {
    const { ffmpeg, ffprobe } = tools;
    const env = {
      PATH: [inFolder('nothing-here'), dirname(ffmpeg.path), dirname(ffprobe.path)].join(delimiter),
      FFMPEG_BIN: basename(ffmpeg.path),
    };
    const found = await findMediaTools({ ffprobePath: basename(ffprobe.path) }, env);
    expect(found.ffmpeg).toEqual({ ...ffmpeg, source: 'environment' });
    expect(found.ffprobe).toEqual({ ...ffprobe, source: 'setting' });
    await expect(findMediaTools({}, { ...env, FFMPEG_BIN: 'no-such-ffmpeg' })).rejects.toMatchObject({
      code: 'ffmpeg-missing',
    });
  });

  it('has everything the product needs', async () => {
    expect((await listCapabilities(tools)).missing).toEqual([]);
  });
});
