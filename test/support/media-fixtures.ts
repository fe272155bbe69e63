/** Small clips whose frames carry their number as a barcode, made with the ffmpeg at hand and kept in test/out. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PNG } from 'pngjs';
import type { MediaTools } from '../../src-main/core/video/index.ts';
import { barcodeFrame } from './barcode.ts';

export const FIXTURE_WIDTH = 160;
export const FIXTURE_HEIGHT = 96;

export interface MediaFixture {
  readonly name: string;
  /** Frames that an intact decode gives; null: as many as survive. */
  readonly frames: number | null;
  /** Barcode of frame 0; null: whatever it is, the next ones follow it. */
  readonly firstCode: number | null;
  readonly width?: number;
  readonly height?: number;
  /** false: frames were lost, so numbers may skip; they still increase. */
  readonly consecutive?: boolean;
  readonly make: (make: Maker, path: string) => void;
}

/** What a recipe works with. */
export interface Maker {
  /** Runs ffmpeg with barcode frames 0..frames-1 as input 0 (raw RGB at 25 fps) and the given arguments behind it. */
  encode(frames: number, args: readonly string[], path: string, size?: readonly [number, number]): void;
  run(args: readonly string[]): void;
  /** Path of another fixture, made first. */
  other(name: string): string;
}

const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '12', '-bf', '3', '-threads', '1'];
const SINE = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1.6'];
const hevc = (transfer: string) => [
  '-c:v',
  'libx265',
  '-preset',
  'ultrafast',
  '-pix_fmt',
  'yuv420p10le',
  '-tag:v',
  'hvc1',
  '-x265-params',
  `log-level=none:pools=none:colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc`,
  '-color_primaries',
  'bt2020',
  '-color_trc',
  transfer,
  '-colorspace',
  'bt2020nc',
];
const VFR = ['-vf', "settb=1/1000,setpts='N*40+mod(N*7\\,5)*6'", '-enc_time_base', '1/1000', '-vsync', 'passthrough'];

/** Ticks of which a double cannot hold some once they are multiplied by the timescale. */
const NANOSECONDS = [
  '-vf',
  'settb=1/1000000000,setpts=N*33366667',
  '-vsync',
  'passthrough',
  '-enc_time_base',
  '1/1000000000',
  '-video_track_timescale',
  '1000000000',
];

/** The 33-bit clock of a transport stream runs over 0.8 s after its start: ffmpeg counts the frames before that as negative. */
const WRAPPING = ['-muxdelay', '0', '-muxpreload', '0', '-output_ts_offset', '95442.9', '-f', 'mpegts'];

export const MEDIA_FIXTURES: readonly MediaFixture[] = [
  fixture('b-frames.mp4', 40, (m, p) => m.encode(40, [...SINE, ...H264, '-c:a', 'aac', '-movflags', '+faststart'], p)),
  fixture('open-gop-250.mp4', 300, (m, p) =>
    m.encode(300, [...H264, '-g', '250', '-x264-params', 'open-gop=1:scenecut=0'], p),
  ),
  fixture('open-gop-short.mp4', 60, (m, p) =>
    m.encode(60, [...H264, '-x264-params', 'open-gop=1:scenecut=0:keyint=15:min-keyint=15'], p),
  ),
  fixture('vfr.mp4', 40, (m, p) => m.encode(40, [...VFR, ...H264, '-video_track_timescale', '1000'], p)),
  fixture('vfr.mkv', 40, (m, p) => m.encode(40, [...VFR, ...H264], p)),
  { ...fixture('edit-list.mp4', null, editList), firstCode: null },
  fixture('nanoseconds.mp4', 150, (m, p) => m.encode(150, [...H264, ...NANOSECONDS], p)),
  fixture('offset.mp4', 40, (m, p) =>
    m.encode(
      40,
      [...SINE, ...H264, '-c:a', 'aac', '-output_ts_offset', '1.4333', '-video_track_timescale', '90000'],
      p,
    ),
  ),
  fixture('offset.mkv', 40, (m, p) => m.encode(40, [...SINE, ...H264, '-c:a', 'aac', '-output_ts_offset', '5.017'], p)),
  rotated(90),
  rotated(180),
  rotated(270),
  shownBy('mirrored-0.mp4', 'hflip', [-1, 0, 0, 1]),
  shownBy('mirrored-90.mp4', 'transpose=cclock,hflip', [0, -1, -1, 0]),
  shownBy('mirrored-180.mp4', 'vflip', [1, 0, 0, -1]),
  shownBy('mirrored-270.mp4', 'transpose=clock,hflip', [0, 1, 1, 0]),
  {
    ...fixture('odd-size.mkv', 30, (m, p) => m.encode(30, ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'], p, [175, 99])),
    width: 175,
    height: 99,
  },
  fixture('sar-4-3.mp4', 30, (m, p) => m.encode(30, ['-vf', 'setsar=4/3', ...H264], p)),
  fixture('ten-bit.mkv', 30, (m, p) =>
    m.encode(
      30,
      [
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-pix_fmt',
        'yuv420p10le',
        '-x265-params',
        'log-level=none:pools=none',
      ],
      p,
    ),
  ),
  fixture('hdr-pq.mp4', 25, (m, p) => m.encode(25, hevc('smpte2084'), p)),
  fixture('hdr-hlg.mp4', 25, (m, p) => m.encode(25, hevc('arib-std-b67'), p)),
  fixture('interlaced.mp4', 30, (m, p) => m.encode(30, [...H264, '-flags', '+ildct+ilme', '-x264-params', 'tff=1'], p)),
  fixture('two-audio.mp4', 40, (m, p) =>
    m.encode(
      40,
      [
        ...SINE,
        '-f',
        'lavfi',
        '-i',
        'sine=frequency=880:duration=1.6',
        '-map',
        '0',
        '-map',
        '1',
        '-map',
        '2',
        ...H264,
        '-c:a',
        'aac',
      ],
      p,
    ),
  ),
  fixture('late-audio.mp4', 40, (m, p) =>
    m.encode(40, ['-itsoffset', '0.7', '-f', 'lavfi', '-i', 'sine=duration=0.9', ...H264, '-c:a', 'aac'], p),
  ),
  fixture('opus.mkv', 40, (m, p) => m.encode(40, [...SINE, ...H264, '-c:a', 'libopus'], p)),
  fixture('pcm.mov', 40, (m, p) => m.encode(40, [...SINE, ...H264, '-c:a', 'pcm_s16le'], p)),
  fixture('mp3.mkv', 40, (m, p) => m.encode(40, [...SINE, ...H264, '-c:a', 'libmp3lame'], p)),
  { ...fixture('truncated.mp4', null, truncated), consecutive: false },
  { ...fixture('damaged.mkv', null, damaged), consecutive: false },
  fixture('stream.m2ts', 80, (m, p) => m.encode(80, [...SINE, ...H264, '-c:a', 'aac'], p)),
  fixture('clock-wraps.m2ts', 40, (m, p) => m.encode(40, [...SINE, ...H264, '-c:a', 'aac', ...WRAPPING], p)),
  fixture('vp9.webm', 30, (m, p) =>
    m.encode(30, ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-g', '10'], p),
  ),
  fixture('palette.gif', 30, (m, p) => m.encode(30, [], p)),
  fixture('mpeg4.avi', 40, (m, p) =>
    m.encode(40, [...SINE, '-c:v', 'mpeg4', '-q:v', '3', '-g', '12', '-c:a', 'libmp3lame'], p),
  ),
  fixture('mjpeg.avi', 30, (m, p) => m.encode(30, ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3'], p)),
  fixture('png-folder', 12, (_, p) => pictures(p, 12)),
  fixture('jpeg-folder', 12, (m, p) => {
    mkdirSync(p, { recursive: true });
    m.encode(12, ['-q:v', '2', '-start_number', '1'], join(p, 'frame-%d.jpg'));
  }),
];

/** Makes fixtures on demand; each is made once per build of ffmpeg and kept. */
export function mediaFixturePath(tools: MediaTools, name: string): string {
  const build = tools.ffmpeg.version.text.replaceAll(/[^\w.-]/g, '_');
  const folder = resolve(import.meta.dirname, '../out/media-fixtures', build);
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const recipe = MEDIA_FIXTURES.find((each) => each.name === name);
  if (recipe === undefined) throw new Error(`no fixture is named ${name}`);
  // A temporary name with the same extension, so that an interrupted run leaves nothing that looks finished.
  const temporary = join(folder, `making-${process.pid}-${name}`);
  try {
    recipe.make(maker(tools), temporary);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return path;
}

function maker(tools: MediaTools): Maker {
  const run = (args: readonly string[], input?: Buffer) => {
    const all = ['-hide_banner', '-v', 'error', '-y', ...args];
    execFileSync(tools.ffmpeg.path, all, { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  };
  return {
    run,
    other: (name) => mediaFixturePath(tools, name),
    encode(frames, args, path, [width, height] = [FIXTURE_WIDTH, FIXTURE_HEIGHT]) {
      const raw = Buffer.concat(Array.from({ length: frames }, (_, code) => barcodeFrame(code, width, height)));
      const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', '25', '-i', 'pipe:0'];
      run([...input, ...modernised(tools, args), path], raw);
    },
  };
}

/** `-vsync` is gone from recent builds. */
function modernised(tools: MediaTools, args: readonly string[]): readonly string[] {
  const recent = (tools.ffmpeg.version.major ?? 0) >= 6;
  return recent ? args.map((arg) => (arg === '-vsync' ? '-fps_mode' : arg)) : args;
}

function fixture(name: string, frames: number | null, make: MediaFixture['make']): MediaFixture {
  return { name, frames, firstCode: 0, make };
}

/** Cut by stream copy in the middle of a group of pictures: packets before the start remain and an edit list hides them. */
function editList(m: Maker, path: string): void {
  m.run(['-ss', '0.6', '-i', m.other('b-frames.mp4'), '-c', 'copy', path]);
}

function truncated(m: Maker, path: string): void {
  writeFileSync(path, readFileSync(m.other('b-frames.mp4')));
  truncateSync(path, Math.floor(readFileSync(path).length * 0.7));
}

function damaged(m: Maker, path: string): void {
  const bytes = Buffer.from(readFileSync(m.other('vfr.mkv')));
  bytes.fill(0x55, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.5) + 600);
  writeFileSync(path, bytes);
}

/** Upright when shown: the stored picture is turned back, and the track header asks for the turn. */
function rotated(degrees: 90 | 180 | 270): MediaFixture {
  const back = { 90: 'transpose=cclock', 180: 'hflip,vflip', 270: 'transpose=clock' }[degrees];
  const [cos, sin] = { 90: [0, 1], 180: [-1, 0], 270: [0, -1] }[degrees] as [number, number];
  return shownBy(`rotated-${degrees}.mp4`, back, [cos, sin, -sin, cos]);
}

/** `back` undoes what the track header asks for: [x y] is shown at [ax+cy bx+dy]. */
function shownBy(name: string, back: string, [a, b, c, d]: readonly [number, number, number, number]): MediaFixture {
  return fixture(name, 30, (m, path) => {
    m.encode(30, ['-vf', back, ...H264], path);
    const bytes = readFileSync(path);
    const matrix = bytes.indexOf('tkhd', 0, 'latin1') + 4 + 40;
    for (const [index, value] of [a, b, 0, c, d].entries()) bytes.writeInt32BE(value * 65536, matrix + index * 4);
    writeFileSync(path, bytes);
  });
}

/** Names without leading zeros, so that only a natural order is right; colours that no YUV conversion would keep. */
function pictures(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  for (let code = 0; code < count; code++) {
    const png = new PNG({ width: FIXTURE_WIDTH, height: FIXTURE_HEIGHT, colorType: 2 });
    const rgb = pictureOf(code);
    for (let pixel = 0; pixel < FIXTURE_WIDTH * FIXTURE_HEIGHT; pixel++) {
      png.data.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
      png.data[pixel * 4 + 3] = 255;
    }
    writeFileSync(join(folder, `frame-${code + 1}.png`), PNG.sync.write(png, { colorType: 2 }));
  }
}

/** What `png-folder` holds, bit for bit: the barcode with a coloured ripple on it. */
export function pictureOf(code: number): Uint8Array {
  const rgb = barcodeFrame(code, FIXTURE_WIDTH, FIXTURE_HEIGHT);
  return rgb.map((value, index) => (value === 255 ? 255 - ((index * 7) % 61) : (index * 13) % 61));
}

/** Folder for a test's own files; emptied first. */
export function scratchFolder(name: string): string {
  const path = resolve(import.meta.dirname, '../out', name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

/** The fixture folder is a cache: this removes it. */
export function removeMediaFixtures(): void {
  rmSync(dirname(resolve(import.meta.dirname, '../out/media-fixtures/x')), { recursive: true, force: true });
}
