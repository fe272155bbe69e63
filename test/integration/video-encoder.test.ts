import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readPictureTimes } from '../../src-main/core/video/encode/read-picture-times.ts';
import {
  createYuvFrameReader,
  decodeFrames,
  findMediaTools,
  type MediaTools,
  openVideo,
  openVideoEncoder,
  type VideoSource,
} from '../../src-main/core/video/index.ts';
import { engineNote } from '../../src-shared/domain/engine-note.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { readBarcode } from '../support/barcode.ts';
import { copyThrough } from '../support/copy-through.ts';
import { mediaFixturePath, scratchFolder } from '../support/media-fixtures.ts';
import { soundFacts } from '../support/rendered-video.ts';

const folder = scratchFolder('video-encoder');
const never = new AbortController().signal;
let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});

const openPath = (path: string) => openVideo(path, { tools, cacheDir: join(folder, 'cache') });
const opened = (name: string) => openPath(mediaFixturePath(tools, name));

/** Hash of each sound packet's bytes, per stream, as stored. */
function soundHashes(path: string): string[][] {
  const args = ['-v', 'error', '-show_packets', '-show_data_hash', 'md5', '-select_streams', 'a', '-of', 'json', path];
  const env = { ...process.env, GCONV_PATH: '/nonexistent' };
  const { packets } = JSON.parse(
    execFileSync(tools.ffprobe.path, args, { encoding: 'utf8', maxBuffer: 1 << 26, env }),
  ) as {
    packets: { stream_index: number; data_hash: string }[];
  };
  const streams = [...new Set(packets.map((packet) => packet.stream_index))].sort((a, b) => a - b);
  return streams.map((index) => packets.filter((each) => each.stream_index === index).map((each) => each.data_hash));
}

/** Times of the pictures as ffprobe reads them. */
function packetTimes(path: string) {
  const entries = ['-select_streams', 'v:0', '-show_entries', 'packet=pts:stream=time_base', '-of', 'json'];
  const { packets, streams } = JSON.parse(
    execFileSync(tools.ffprobe.path, ['-v', 'error', ...entries, path], { encoding: 'utf8' }),
  ) as { packets: { pts: number }[]; streams: { time_base: string }[] };
  const [numerator, denominator] = streams[0]!.time_base.split('/').map(Number);
  return { timebase: { numerator, denominator }, pts: Float64Array.from(packets, ({ pts }) => pts).sort() };
}

async function codesOf(source: VideoSource): Promise<(number | null)[]> {
  const found: (number | null)[] = [];
  for await (const { pixels } of decodeFrames(source, { first: 0, last: source.table.frameCount - 1 }))
    found.push(readBarcode(pixels, source.info.width, source.info.height));
  return found;
}

/** What reaches the encoder in another way; every fixture is rendered and looked at from outside in render-clips. */
const SOURCES = [
  'b-frames.mp4',
  'vfr.mp4',
  'vfr.mkv',
  'edit-list.mp4',
  'offset.mp4',
  'offset.mkv',
  'rotated-90.mp4',
  'odd-size.mkv',
  'hdr-pq.mp4',
  'two-audio.mp4',
  'late-audio.mp4',
  'opus.mkv',
  'pcm.mov',
  'mp3.mkv',
  'truncated.mp4',
  'png-folder',
];

describe.each(SOURCES)('%s through the encoder', (name) => {
  it('keeps every frame, its time and its sound', async () => {
    const source = await opened(name);
    const outputPath = join(folder, `${name}.out.mp4`);
    const result = await copyThrough(source, outputPath);
    const copy = await openPath(outputPath);
    expect(copy.table.frameCount).toBe(source.table.frameCount);
    const secsOf = (of: VideoSource, index: number) =>
      (of.table.ptsOf(index) * of.info.timebase.numerator) / of.info.timebase.denominator;
    const tickSecs = source.info.timebase.numerator / source.info.timebase.denominator;
    for (let index = 0; index < source.table.frameCount; index++)
      expect(Math.abs(secsOf(copy, index) - secsOf(source, index))).toBeLessThanOrEqual(tickSecs * 1.001);
    expect(await codesOf(copy)).toEqual(await codesOf(source));
    expect(copy.info).toMatchObject({
      codec: 'h264',
      pixelFormat: 'yuv420p',
      rotation: 0,
      hdr: null,
    });
    expect(copy.info.sampleAspectRatio).toEqual(source.info.sampleAspectRatio);
    expect([copy.info.width, copy.info.height]).toEqual([result.width, result.height]);
    expect(copy.info.audio).toHaveLength(source.info.audio.length);
    expect(await readPictureTimes(outputPath)).toEqual(packetTimes(outputPath));
    expect(readFileSync(outputPath).indexOf('moov')).toBeLessThan(readFileSync(outputPath).indexOf('mdat'));
  });
});

it('reads no times from a file that ends early', async () => {
  const whole = readFileSync(join(folder, 'vfr.mp4.out.mp4'));
  const path = join(folder, 'cut.mp4');
  writeFileSync(path, whole.subarray(0, whole.length - 1));
  expect(await readPictureTimes(path)).toBeNull();
});

describe('sound', () => {
  it.each(['b-frames.mp4', 'offset.mp4', 'two-audio.mp4', 'late-audio.mp4', 'opus.mkv', 'mp3.mkv', 'offset.mkv'])(
    'of %s is copied packet by packet',
    (name) => {
      const copied = soundHashes(join(folder, `${name}.out.mp4`));
      expect(copied).toEqual(soundHashes(mediaFixturePath(tools, name)));
      expect(copied.length).toBeGreaterThan(0);
    },
  );

  it.each([
    'b-frames.mp4',
    'offset.mp4',
    'offset.mkv',
    'late-audio.mp4',
    'stream.m2ts',
    'clock-wraps.m2ts',
    'opus.mkv',
  ])('of a part of %s is the part that belongs to it', async (name) => {
    const source = await opened(name);
    const outputPath = join(folder, `${name}.part.mp4`);
    await copyThrough(source, outputPath, 20, 29);
    const startSecs = (source.table.ptsOf(20) * source.info.timebase.numerator) / source.info.timebase.denominator;
    const [whole] = soundFacts(tools, source.info.path);
    const [part] = soundFacts(tools, outputPath);
    const due = whole!.packets.filter(({ secs }) => secs >= startSecs && secs < startSecs + 0.4);
    expect(part!.packets.map(({ hash }) => hash)).toEqual(due.map(({ hash }) => hash));
    for (const [index, { secs }] of part!.packets.entries())
      expect(Math.abs(secs - (due[index]!.secs - startSecs))).toBeLessThan(0.0021);
  });

  it('that is re-encoded is cut as well', async () => {
    const source = await opened('pcm.mov');
    const outputPath = join(folder, 'pcm-part.mp4');
    await copyThrough(source, outputPath, 20, 29);
    const [part] = soundFacts(tools, outputPath);
    expect(part!.packets.length / (44_100 / 1024)).toBeCloseTo(0.4, 0);
    expect(part!.packets.at(-1)!.secs).toBeLessThan(0.4);
  });

  it('that MP4 refuses is re-encoded, and that is said', async () => {
    const source = await opened('pcm.mov');
    const { notes } = await copyThrough(source, join(folder, 'pcm-again.mp4'));
    expect(notes).toEqual([engineNote('sound-recoded', { container: 'MP4', codec: 'pcm_s16le', stream: 1 })]);
  });
});

describe('what is beside picture and sound', () => {
  const title = 'A "title" = with \'signs\'; 标题';
  /** A few frames with subtitles, a timecode and, where asked for, sound and chapters. */
  function make(name: string, more: readonly string[] = []): string {
    const path = join(folder, name);
    const subtitles = join(folder, 'beside.srt');
    writeFileSync(subtitles, '1\n00:00:00,000 --> 00:00:00,300\nhello\n');
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=10:duration=0.4', '-i', subtitles];
    const codecs = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:s', name.endsWith('.mkv') ? 'srt' : 'mov_text'];
    const args = ['-v', 'error', '-y', ...picture, ...more, '-map', '0', '-map', '1', ...codecs];
    execFileSync(tools.ffmpeg.path, [...args, '-metadata', `title=${title}`, path]);
    return path;
  }

  /** Title, kinds of the streams in order, and the number of chapters. */
  function facts(path: string) {
    const args = [
      '-v',
      'error',
      '-show_entries',
      'format_tags=title:stream=codec_type',
      '-show_chapters',
      '-of',
      'json',
    ];
    const { format, streams, chapters } = JSON.parse(
      execFileSync(tools.ffprobe.path, [...args, path], { encoding: 'utf8' }),
    ) as { format: { tags?: { title?: string } }; streams: { codec_type: string }[]; chapters: unknown[] };
    return { title: format.tags?.title, kinds: streams.map((each) => each.codec_type), chapters: chapters.length };
  }

  it('the title is kept; subtitles and data are left out with a note', async () => {
    const chapters = join(folder, 'chapters.txt');
    writeFileSync(chapters, ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=one\n');
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=0.4', '-i', chapters, '-map', '2', '-map_chapters', '3'];
    const path = make('beside.mp4', [...sound, '-c:a', 'aac', '-timecode', '01:00:00:00']);
    const before = facts(path);
    expect(before.kinds.filter((kind) => kind === 'data')).toHaveLength(2);
    const outputPath = join(folder, 'beside-out.mp4');
    const { notes } = await copyThrough(await openPath(path), outputPath);
    // The list of chapters is no track that is lost: it is written anew.
    expect(notes).toEqual([
      engineNote('subtitles-left-out', { tracks: 1 }),
      engineNote('data-left-out', { tracks: 1 }),
    ]);
    const after = facts(outputPath);
    expect(after).toMatchObject({ title, chapters: 1 });
    expect(after.kinds).not.toContain('subtitle');
  });

  it.each(['sound', 'no sound'])('chapters are those of the source, moved for a part, with %s', async (sound) => {
    const chapters = join(folder, 'three.txt');
    const marks = [
      [0, 150],
      [150, 350],
      [350, 400],
    ].map(([start, end]) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=from ${start}\n`);
    writeFileSync(chapters, `;FFMETADATA1\n${marks.join('')}`);
    const heard = sound === 'sound' ? ['-f', 'lavfi', '-i', 'sine=duration=0.4', '-c:a', 'aac'] : [];
    const path = join(folder, `${sound}.mp4`);
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=10:duration=0.4'];
    const inputs = ['-i', chapters, ...picture, ...heard.slice(0, 4)];
    const args = [...inputs, '-map_chapters', '0', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...heard.slice(4)];
    execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...args, path]);
    const chaptersOf = (made: string) => {
      const text = execFileSync(tools.ffprobe.path, ['-v', 'error', '-show_chapters', '-of', 'json', made]);
      type Chapter = { start_time: string; tags: { title: string } };
      const read = JSON.parse(String(text)) as { chapters: readonly Chapter[] };
      return read.chapters.map(({ start_time, tags }) => `${tags.title} at ${Number(start_time)}`);
    };
    const source = await openPath(path);
    const whole = ['from 0 at 0', 'from 150 at 0.15', 'from 350 at 0.35'];
    for (const [out, codec] of [['all.mp4', undefined] as const, ['all.mov', 'prores'] as const]) {
      const made = join(folder, `${sound}-${out}`);
      await copyThrough(source, made, 0, 3, codec);
      expect(chaptersOf(made)).toEqual(whole);
    }
    const part = join(folder, `${sound}-part.mp4`);
    await copyThrough(source, part, 2, 2);
    expect(chaptersOf(part)).toEqual(['from 150 at 0']);
  });

  it('also of a part, of Matroska and without sound', async () => {
    const outputPath = join(folder, 'beside-part.mp4');
    const { notes } = await copyThrough(await openPath(make('beside.mkv')), outputPath, 1, 2);
    expect(notes).toEqual([engineNote('subtitles-left-out', { tracks: 1 })]);
    expect(facts(outputPath)).toEqual({ title, kinds: ['video'], chapters: 0 });
  });
});

describe('colours', () => {
  /** Mean difference between a source as we see it and its export as any player does that believes tags. */
  async function meanDifference(name: string, make: readonly string[], shownAs = 'auto'): Promise<number> {
    const path = join(folder, name);
    const pattern = 'testsrc2=size=1280x720:rate=5:duration=0.4';
    execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', '-f', 'lavfi', '-i', pattern, ...make, path]);
    const source = await openPath(path);
    const outputPath = join(folder, `${name}.out.mp4`);
    await copyThrough(source, outputPath);
    const shown = [
      '-vf',
      `scale=in_color_matrix=${shownAs}`,
      '-frames:v',
      '1',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-',
    ];
    const options = { maxBuffer: 1 << 24 };
    const pixels = execFileSync(tools.ffmpeg.path, ['-v', 'error', '-i', outputPath, ...shown], options);
    for await (const { pixels: ours } of decodeFrames(source, { first: 0, last: 0 }))
      return ours.reduce((sum, value, index) => sum + Math.abs(value - pixels[index]!), 0) / ours.length;
    throw new Error('no frame');
  }
  const H264 = ['-c:v', 'libx264', '-crf', '12', '-pix_fmt'];

  it.each([
    ['untagged.mp4', [...H264, 'yuv420p']],
    ['full-range.mp4', [...H264, 'yuvj420p']],
    ['rgb.mkv', ['-c:v', 'ffv1', '-pix_fmt', 'bgr0']],
  ])('of %s are the same for a player as for us', async (name, make) => {
    expect(await meanDifference(name, make)).toBeLessThan(4);
  });

  it('would differ with the other matrix', async () => {
    expect(await meanDifference('other-matrix.mp4', [...H264, 'yuv420p'], 'bt601')).toBeGreaterThan(5);
  });
});

describe('the file under the final name', () => {
  it('is a part when a part was asked for, from time 0', async () => {
    const source = await opened('b-frames.mp4');
    const outputPath = join(folder, 'part.mp4');
    await copyThrough(source, outputPath, 10, 19);
    const part = await openPath(outputPath);
    expect(await codesOf(part)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(part.table.firstPts).toBe(0);
  });

  it('is never the source, and never replaced unasked', async () => {
    const source = await opened('b-frames.mp4');
    await expect(openVideoEncoder(source, { outputPath: source.info.path, overwrite: true })).rejects.toMatchObject({
      code: 'output-is-source',
    });
    const taken = join(folder, 'taken.mp4');
    writeFileSync(taken, 'mine');
    await expect(openVideoEncoder(source, { outputPath: taken })).rejects.toMatchObject({ code: 'output-exists' });
    expect(readFileSync(taken, 'utf8')).toBe('mine');
  });

  it('does not exist after an abort, nor does the temporary one', async () => {
    const source = await opened('b-frames.mp4');
    const outputPath = join(folder, 'aborted.mp4');
    const encoder = await openVideoEncoder(source, { outputPath });
    const reader = createYuvFrameReader(source);
    for await (const { data, pts } of reader.frames({ first: frameIndex(0), last: frameIndex(5) }, never))
      await encoder.write(data, pts);
    await encoder.abort();
    expect(existsSync(outputPath)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is one of two that were written to its name at the same time, whole', async () => {
    const source = await opened('b-frames.mp4');
    const outputPath = join(folder, 'twice.mp4');
    const ends = await Promise.allSettled([copyThrough(source, outputPath), copyThrough(source, outputPath)]);
    expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
    // Both may end in the same moment.
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'output-exists' });
    expect((await openPath(outputPath)).info.frameCount).toBe(source.info.frameCount);
    expect(readdirSync(folder).filter((name) => name.includes('twice'))).toEqual(['twice.mp4']);
  });

  it.skipIf(process.platform === 'win32')('never appears when the process that writes it is killed', async () => {
    const outputPath = join(folder, 'killed.mp4');
    const entry = resolve(import.meta.dirname, '../support/encode-forever.ts');
    const source = mediaFixturePath(tools, 'b-frames.mp4');
    const child = spawn(process.execPath, [entry, source, outputPath, join(folder, 'cache')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const temporary = readdirSync(folder).filter((name) => name.startsWith('.killed'));
    expect(temporary).toHaveLength(1);
    // The orphan sees its pipe end and finishes, under the temporary name only.
    const orphanGone = () =>
      !execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`file:${join(folder, temporary[0]!)}`);
    await vi.waitUntil(orphanGone, { timeout: 60_000, interval: 100 });
    expect(existsSync(outputPath)).toBe(false);
    // The next one to that name clears it, but nothing of a process that lives.
    const living = join(folder, `.killed.mp4.partial-${process.ppid}.mp4`);
    writeFileSync(living, 'in use');
    await copyThrough(await openPath(source), outputPath);
    expect(readdirSync(folder).filter((name) => name.includes('killed'))).toEqual([basename(living), 'killed.mp4']);
  });

  it.skipIf(process.platform === 'win32')('says what an ffmpeg without its encoder can write instead', async () => {
    const source = await opened('b-frames.mp4');
    const poor = join(folder, 'ffmpeg-without-x264');
    // The same ffmpeg, which knows libx264 under no name and lists it neither.
    const script = `#!/bin/sh
for word do shift; [ "$word" = libx264 ] && word=libnothing; set -- "$@" "$word"; done
case "$*" in *-encoders*) '${tools.ffmpeg.path}' "$@" | grep -v libx264 ;; *) exec '${tools.ffmpeg.path}' "$@" ;; esac
`;
    writeFileSync(poor, script, { mode: 0o755 });
    const without = { ...source, tools: { ...tools, ffmpeg: { ...tools.ffmpeg, path: poor } } } as VideoSource;
    const outputPath = join(folder, 'not-written.mp4');
    await expect(copyThrough(without, outputPath)).rejects.toMatchObject({
      code: 'encoder-missing',
      message: expect.stringMatching(/without libx264.*cannot write h264; choose .*vp9/),
    });
    expect(readdirSync(folder).filter((name) => name.includes('not-written'))).toEqual([]);
  });

  it('appears only when every frame came back from it', async () => {
    const source = await opened('b-frames.mp4');
    const outputPath = join(folder, 'full.mp4');
    const encoder = await openVideoEncoder(source, { outputPath });
    // No frame at all: ffmpeg makes nothing that could be verified.
    await expect(encoder.finish()).rejects.toMatchObject({ code: 'ffmpeg-failed' });
    expect(existsSync(outputPath)).toBe(false);
  });
});
