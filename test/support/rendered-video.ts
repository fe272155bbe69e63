/** What an annotated video must share with its source, read by ffprobe and compared without mercy. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaTools } from '../../src-main/core/video/index.ts';

/** Shown frames of the first moving picture and what its header says. */
export interface PictureFacts {
  /** Seconds of one tick of its timebase. */
  readonly tickSecs: number;
  /** Presentation time of every frame that a player shows, in order. */
  readonly secs: readonly number[];
  readonly header: Readonly<Record<string, unknown>>;
  readonly turned: boolean;
}

/** One sound track: when each packet is due and what it holds. */
export interface SoundFacts {
  readonly codec: string;
  readonly tickSecs: number;
  readonly packets: readonly { readonly secs: number; readonly hash: string }[];
}

interface ProbedPackets {
  readonly streams: readonly { index: number; codec_name?: string; time_base: string }[];
  readonly packets: readonly { stream_index: number; pts?: number; data: string }[];
}

export function pictureFacts(tools: MediaTools, path: string): PictureFacts {
  const header = 'codec_name,width,height,pix_fmt,sample_aspect_ratio,time_base';
  const colour = 'color_range,color_space,color_primaries,color_transfer';
  const entries = `stream=${header},${colour}:stream_side_data=rotation:frame=best_effort_timestamp`;
  const read = probe(tools, ['-select_streams', 'v:0', '-show_entries', entries, path]) as {
    streams: (Record<string, unknown> & { time_base: string; side_data_list?: unknown[] })[];
    frames: { best_effort_timestamp?: number }[];
  };
  const stream = read.streams[0]!;
  const tickSecs = secondsOf(stream.time_base);
  const secs = read.frames.map((frame) => (frame.best_effort_timestamp ?? Number.NaN) * tickSecs);
  const turned = JSON.stringify(stream.side_data_list ?? []).includes('rotation');
  return { tickSecs, secs, header: stream, turned };
}

export function soundFacts(tools: MediaTools, path: string): readonly SoundFacts[] {
  const entries = 'stream=index,codec_name,time_base:packet=stream_index,pts,data';
  const read = probe(tools, ['-select_streams', 'a', '-show_data', '-show_entries', entries, path]) as ProbedPackets;
  return read.streams.map(({ index, codec_name: codec = 'unknown', time_base }) => {
    const tickSecs = secondsOf(time_base);
    const packets = read.packets
      .filter((packet) => packet.stream_index === index)
      .map(({ pts, data }) => ({ secs: (pts ?? Number.NaN) * tickSecs, hash: payloadHash(codec, data) }));
    return { codec, tickSecs, packets };
  });
}

/** null when every frame is there at its time; else the first difference. `limitSecs`: how far apart still is the same. */
export function timeDifference(
  expected: readonly number[],
  actual: readonly number[],
  limitSecs: number,
): string | null {
  if (expected.length !== actual.length) return `${actual.length} instead of ${expected.length}`;
  const at = expected.findIndex((secs, index) => !(Math.abs(actual[index]! - secs) <= limitSecs));
  return at === -1 ? null : `number ${at} is at ${actual[at]} s instead of ${expected[at]} s`;
}

/** null when both tracks hold the same packets at the same times: to the tick on one clock, within one tick of the coarser of two. */
export function soundDifference(expected: SoundFacts, actual: SoundFacts): string | null {
  if (expected.codec !== actual.codec) return `codec ${actual.codec} instead of ${expected.codec}`;
  const secsOf = ({ packets }: SoundFacts) => packets.map(({ secs }) => secs);
  const oneClock = expected.tickSecs === actual.tickSecs;
  const limitSecs = oneClock ? expected.tickSecs / 2 : Math.max(expected.tickSecs, actual.tickSecs) * 1.001;
  const late = timeDifference(secsOf(expected), secsOf(actual), limitSecs);
  if (late !== null) return late;
  const other = expected.packets.findIndex(({ hash }, index) => hash !== actual.packets[index]!.hash);
  return other === -1 ? null : `number ${other} holds other bytes`;
}

/** The same facts on a clock that is `secs` later. */
export function delayed(facts: SoundFacts, secs: number): SoundFacts {
  return { ...facts, packets: facts.packets.map((packet) => ({ ...packet, secs: packet.secs + secs })) };
}

/** Hash of every byte of a file or of the files of a folder, with their times of change. */
export function fingerprint(path: string): string {
  const paths = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const hash = createHash('sha256');
  for (const each of paths) hash.update(`${each} ${statSync(each).mtimeMs}\n`).update(readFileSync(each));
  return hash.digest('hex');
}

/** The index stands before the pictures, so that a player may start before it has all of the file. */
export function isFastStart(path: string): boolean {
  const bytes = readFileSync(path);
  return bytes.indexOf('moov') < bytes.indexOf('mdat');
}

/** AAC of a transport stream carries an ADTS header per packet, which MP4 keeps once in its index: not part of the sound. */
function payloadHash(codec: string, dump: string): string {
  const bytes = Buffer.from(
    dump
      .split('\n')
      .map((line) => line.slice(10, 50).replaceAll(' ', ''))
      .join(''),
    'hex',
  );
  const isAdts = codec === 'aac' && bytes.length > 7 && bytes[0] === 0xff && (bytes[1]! & 0xf6) === 0xf0;
  const head = isAdts ? (bytes[1]! & 1 ? 7 : 9) : 0;
  return createHash('sha256').update(bytes.subarray(head)).digest('hex');
}

function probe(tools: MediaTools, args: readonly string[]): unknown {
  // See `ToolProcess`: the static build loads the system's character tables and crashes on transport streams.
  const env = { ...process.env, GCONV_PATH: '/nonexistent' };
  const all = ['-v', 'quiet', '-of', 'json', ...args];
  return JSON.parse(execFileSync(tools.ffprobe.path, all, { encoding: 'utf8', maxBuffer: 1 << 28, env }));
}

function secondsOf(timebase: string): number {
  const [numerator, denominator] = timebase.split('/').map(Number);
  return numerator! / denominator!;
}
