import type { AudioStreamInfo } from '../../../../src-shared/domain/video-info.ts';
import { parseRational, ticksToSecs } from '../../../../src-shared/time/timebase.ts';

/**
 * A second output of an encoding ffmpeg whose input 1 has these streams: one line of text on stdout for the first packet of each, with its
 * time in the file that is written. Asking for it anew took a process of its own.
 */
export function soundStartOutput(copied: readonly AudioStreamInfo[]): readonly string[] {
  if (copied.length === 0) return [];
  const maps = copied.flatMap(({ index }) => ['-map', `1:${index}`]);
  return [...maps, '-c', 'copy', '-frames:a', '1', '-f', 'framecrc', 'pipe:1'];
}

/**
 * What that output says: seconds for each of `count` streams, null for one without packets. Lines are `#tb 0: 1/48000` and
 * `0, dts, pts, ...`, the first number that of the stream.
 */
export function readSoundStarts(text: string, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, stream) => {
    const timebase = parseRational(new RegExp(`^#tb ${stream}: (\\d+/\\d+)`, 'm').exec(text)?.[1] ?? '');
    const pts = new RegExp(`^${stream}, *-?\\d+, *(-?\\d+),`, 'm').exec(text)?.[1];
    return timebase === null || pts === undefined ? null : ticksToSecs(Number(pts), timebase);
  });
}
