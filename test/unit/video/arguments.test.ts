import { describe, expect, it } from 'vitest';
import { exportMatrix } from '../../../src-main/core/video/colour/colour-path.ts';
import type { DecodePlan } from '../../../src-main/core/video/decode-plan.ts';
import { chooseEncoder } from '../../../src-main/core/video/ffmpeg/codec-arguments.ts';
import { decodeArguments } from '../../../src-main/core/video/ffmpeg/decode-command.ts';
import { type EncodeJob, encodeArguments } from '../../../src-main/core/video/ffmpeg/encode-command.ts';
import { probeArguments } from '../../../src-main/core/video/ffmpeg/probe-media.ts';
import { parseShowinfoLine, parseShowinfoTimebase } from '../../../src-main/core/video/ffmpeg/scan-frames.ts';
import { readSoundStarts } from '../../../src-main/core/video/ffmpeg/sound-starts.ts';
import { shellWord } from '../../../src-main/core/video/ffmpeg/tool-process.ts';
import type { MediaTools } from '../../../src-main/core/video/tools/media-tools.ts';
import { parseToolVersion, passthroughArguments } from '../../../src-main/core/video/tools/tool-version.ts';

const release = (text: string) =>
  parseToolVersion(`ffmpeg version ${text} Copyright (c) 2000-2024 the FFmpeg developers`)!;
const modern = release('7.1');
const plan: DecodePlan = {
  media: { kind: 'file', streamIndex: 2 },
  storedWidth: 640,
  storedHeight: 360,
  rotation: 90,
  colour: { matrix: 'bt601', fullRange: false, hdr: null },
  tags: { space: null, primaries: null, transfer: null },
  seek: 'key-frame',
};
const timing = {
  timebase: { numerator: 1, denominator: 12_800 },
  trustworthy: true,
  firstPts: -512,
  startPts: 5120,
  leadPts: null,
};
const input = { kind: 'file', path: '/a/-x.mp4', streamIndex: 2, still: null } as const;

describe('tool versions', () => {
  it.each([
    ['5.1.9-0+deb12u1', '-fps_mode'],
    ['5.0', '-vsync'],
    ['4.4.2', '-vsync'],
    ['n6.0', '-fps_mode'],
    ['8.0', '-fps_mode'],
  ])('%s takes %s', (text, option) => {
    expect(passthroughArguments(release(text))[0]).toBe(option);
  });

  it('tells git builds apart by their year', () => {
    const build = (year: number) =>
      parseToolVersion(`ffmpeg version N-47683-g0e8eb07980-static  Copyright (c) 2000-${year} the FFmpeg developers`)!;
    expect(passthroughArguments(build(2018))[0]).toBe('-vsync');
    expect(passthroughArguments(build(2024))[0]).toBe('-fps_mode');
    expect(parseToolVersion('node v24')).toBeNull();
  });
});

describe('decodeArguments', () => {
  const stretch = { first: 10, count: 5, seekTicks: 5000, lead: null };

  it('walls the input in and cuts by exact ticks', () => {
    const args = decodeArguments(modern, input, plan, stretch, timing, 'rgb24', null);
    expect(args).toContain('file:/a/-x.mp4');
    expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('file,pipe');
    expect(args[args.indexOf('-format_whitelist') + 1]).not.toMatch(/hls|concat|dash|image2|sdp/);
    expect(args[args.indexOf('-ss') + 1]).toBe('0.390625');
    expect(args[args.indexOf('-vf') + 1]).toBe(
      'trim=start_pts=5120,setpts=PTS-(-512),scale=640:360:in_color_matrix=bt601:in_range=tv:flags=bilinear,format=rgb24,transpose=clock',
    );
    expect(args.indexOf('-ss')).toBeLessThan(args.indexOf('-i'));
  });

  it('hands out one frame on the way when asked to', () => {
    const led = { ...stretch, first: 10, lead: 4 };
    const args = decodeArguments(modern, input, plan, led, { ...timing, leadPts: 2048 }, 'jpeg', null);
    expect(args[args.indexOf('-vf') + 1]).toMatch(/^select='eq\(pts\\,2048\)\+gte\(pts\\,5120\)',setpts=/);
    expect(args[args.indexOf('-frames:v') + 1]).toBe('6');
  });

  it('counts when timestamps are useless', () => {
    const args = decodeArguments(
      modern,
      input,
      plan,
      { ...stretch, seekTicks: null },
      { ...timing, trustworthy: false },
      'rgb24',
      null,
    );
    expect(args).not.toContain('-ss');
    expect(args[args.indexOf('-vf') + 1]).toMatch(/^select='gte\(n\\,10\)',setpts=N,/);
  });

  it('brings HDR through the table, for both formats', () => {
    const hdr = { ...plan, rotation: 0 as const, colour: { matrix: 'bt2020', fullRange: false, hdr: 'pq' } as const };
    const filters = (format: 'rgb24' | 'yuv420p') => {
      const args = decodeArguments(modern, input, hdr, stretch, timing, format, 'pq.cube');
      return args[args.indexOf('-vf') + 1]!;
    };
    expect(filters('rgb24')).toMatch(/format=rgb48le,lut3d=file=pq.cube,format=rgb24$/);
    expect(filters('yuv420p')).toMatch(
      /lut3d=file=pq.cube,scale=out_color_matrix=bt709:out_range=tv:flags=bilinear,format=yuv420p$/,
    );
    expect(exportMatrix(hdr)).toBe('bt709');
  });
});

it('where sound begins is read from its first packets, in any order', () => {
  const text = '#software: Lavf\n#tb 0: 1/48000\n#codec_id 0: aac\n#tb 1: 1/1000\n#tb 10: 1/2\n';
  const packets =
    '10,          3,          3,        1,        5, 0x1\n1,         -7,         21,       26,      144, 0x2\n';
  const first = '0,      -1024,      -1024,     1024,       21, 0x43250564, F=0x5, S=1\n';
  expect(readSoundStarts(text + packets + first, 2)).toEqual([-1024 / 48_000, 0.021]);
  expect(readSoundStarts(text + packets, 2)).toEqual([null, 0.021]);
  expect(readSoundStarts('', 1)).toEqual([null]);
});

describe('probe and encode', () => {
  it('guards ffprobe as well', () => {
    expect(probeArguments('x.mp4', null)).toEqual(
      expect.arrayContaining(['-format_whitelist', '-protocol_whitelist', 'file:x.mp4']),
    );
  });

  const job: EncodeJob = {
    encoder: { codec: 'h264', container: 'mp4', evenSides: true, args: () => ['-c:v', 'libx264'] },
    frameCount: 40,
    outputPath: '/o/x.mp4',
    timebase: { numerator: 1001, denominator: 30_000 },
    ptsOffset: 43,
    averageFps: 29.97,
    sampleAspectRatio: { numerator: 4, denominator: 3 },
    width: 175,
    height: 99,
    tags: { space: 'bt709', primaries: null, transfer: null },
    sound: {
      path: '/a/b.mkv',
      cut: null,
      delaySecs: 0,
      streams: [
        { index: 1, codec: 'opus', channels: 2, sampleRate: 48_000 },
        { index: 3, codec: 'pcm_s16le', channels: 2, sampleRate: 48_000 },
      ],
    },
    title: null,
  };

  it('restores the source ticks, pads odd sides and copies what MP4 takes', () => {
    const args = encodeArguments(modern, job);
    expect(args[args.indexOf('-vf') + 1]).toBe(
      'settb=1001/30000,setpts=PTS+(43),pad=176:100,fillborders=right=1:bottom=1:mode=smear,setsar=4/3,setparams=range=tv:colorspace=bt709',
    );
    expect(args[args.indexOf('-c:a:0') + 1]).toBe('copy');
    expect(args[args.indexOf('-c:a:1') + 1]).toBe('aac');
    expect(args).toContain('file:/o/x.mp4');
    expect(args).toContain('-copyts');
    const full = encodeArguments(modern, { ...job, encoder: { ...job.encoder, evenSides: false } });
    expect(full[full.indexOf('-vf') + 1]).not.toContain('pad=');
  });

  it('asks where copied sound begins, and of no other sound', () => {
    const args = encodeArguments(modern, job);
    const after = args.slice(args.indexOf('file:/o/x.mp4') + 1);
    expect(after.filter((_, at) => after[at - 1] === '-map')).toEqual(['1:1']);
    expect(after.at(-1)).toBe('pipe:1');
    const cut = { lengthSecs: 2, seekSecs: null };
    for (const sound of [null, { ...job.sound!, cut }, { ...job.sound!, streams: job.sound!.streams.slice(1) }])
      expect(encodeArguments(modern, { ...job, sound }).at(-1)).toBe('file:/o/x.mp4');
  });

  it('tells x265 to reorder nothing in clips that end before it could', async () => {
    const { args } = await chooseEncoder({} as MediaTools, 'hevc', { width: 160, height: 96 });
    const parametersOf = (frameCount: number) =>
      args({ averageFps: 25, frameCount }).find((each) => each.includes('fps='));
    expect([1, 2, 3].map((count) => parametersOf(count)!.includes('bframes=0'))).toEqual([true, true, false]);
  });

  it('moves a part to the start', () => {
    const cut = { lengthSecs: 2, seekSecs: 1.5 };
    const args = encodeArguments(modern, { ...job, sound: { ...job.sound!, delaySecs: -3.5, cut } });
    const optionOf = (option: string) => args[args.indexOf(option) + 1];
    expect([optionOf('-itsoffset'), optionOf('-ss'), optionOf('-t')]).toEqual(['-3.500000', '1.500000', '2.000000']);
    expect(optionOf('-copypriorss:a:0')).toBe('0');
    expect(optionOf('-filter:a:1')).toBe('atrim=start=0:end=2.000000');
  });
});

describe('what showinfo prints', () => {
  it.each([
    '[Parsed_showinfo_1 @ 0x5f2a] [info] n:   3 pts:   1536 pts_time:0.12    pos:     4096 fmt:yuv420p sar:1/1 s:2x2 i:P iskey:1 type:I checksum:0 plane_checksum:[0 0 0]',
    '[Parsed_showinfo_1 @ 0x5f2a] [info] n:   3 pts:   1536 pts_time:0.12    duration:    512 duration_time:0.04    fmt:yuv420p cl:left sar:1/1 s:2x2 i:P iskey:1 type:I checksum:0',
  ])('%s', (line) => {
    expect(parseShowinfoLine(line)).toEqual({ pts: 1536, keyFrame: true, interlaced: false });
  });

  it('reads missing and negative times, fields and the timebase', () => {
    const line = (pts: string) => `[Parsed_showinfo_1 @ 0x1] n:   0 pts:${pts} pts_time:NOPTS i:T iskey:0 type:B`;
    expect(parseShowinfoLine(line('NOPTS'))).toEqual({ pts: null, keyFrame: false, interlaced: true });
    expect(parseShowinfoLine(line(' -1024'))?.pts).toBe(-1024);
    expect(parseShowinfoTimebase('[Parsed_showinfo_1 @ 0x1] config in time_base: 1/12800, frame_rate: 25/1')).toEqual({
      numerator: 1,
      denominator: 12_800,
    });
    expect(parseShowinfoLine('frame=   40 fps=0.0')).toBeNull();
  });
});

describe('shellWord', () => {
  it('quotes what a shell would read', () => {
    expect(['a.mp4', "it's", '$(x)', ''].map(shellWord)).toEqual(['a.mp4', "'it'\\''s'", "'$(x)'", "''"]);
  });
});
