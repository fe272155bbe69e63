import { open } from 'node:fs/promises';
import type { Rational } from '../../../../src-shared/time/timebase.ts';
import { boxesIn, readMovieBox } from './mp4-boxes.ts';

/** When the pictures of a file are shown, ascending, in ticks of `timebase`. */
export interface PictureTimes {
  readonly timebase: Rational;
  readonly pts: Float64Array;
}

const EMPTY_EDIT = -1;

/**
 * Times of the first video track of an MP4 or MOV, as players take them from its tables (ISO/IEC 14496-12 8.6); null when the file is
 * incomplete. ffprobe says the same (there is a test), but on a short clip its start is a twentieth of the whole rendering.
 */
export async function readPictureTimes(path: string): Promise<PictureTimes | null> {
  await using file = await open(path, 'r');
  const moov = (await readMovieBox(file))?.bytes;
  if (moov === undefined) return null;
  const boxes = boxesIn(moov);
  const startOf = (type: string, within = { start: 0, end: moov.length }) =>
    boxes.find((box) => box.type === type && box.start > within.start && box.end <= within.end)?.start;
  const track = boxes.find((box) => {
    const handler = box.type === 'trak' ? startOf('hdlr', box) : undefined;
    return handler !== undefined && moov.toString('latin1', handler + 8, handler + 12) === 'vide';
  });
  const [movieHeader, mediaHeader, durations] = [startOf('mvhd'), startOf('mdhd', track), startOf('stts', track)];
  if (track === undefined || movieHeader === undefined || mediaHeader === undefined || durations === undefined)
    return null;
  const denominator = timescaleAt(moov, mediaHeader);
  const edits = startOf('elst', track);
  const shift = edits === undefined ? 0 : shiftOf(moov, edits, denominator / timescaleAt(moov, movieHeader));
  const lengths = runsAt(moov, durations);
  const offsets = startOf('ctts', track);
  const delays = offsets === undefined ? null : runsAt(moov, offsets);
  const pts = new Float64Array(lengths.length);
  let decoded = shift;
  for (let at = 0; at < pts.length; at++) {
    pts[at] = decoded + (delays?.[at] ?? 0);
    decoded += lengths[at]!;
  }
  return { timebase: { numerator: 1, denominator }, pts: pts.sort() };
}

/** Of `mvhd` and `mdhd` alike. */
function timescaleAt(moov: Buffer, header: number): number {
  return moov.readUInt32BE(header + (moov[header] === 1 ? 20 : 12));
}

/** A table of (count, value), written out: `stts` and `ctts` alike. */
function runsAt(moov: Buffer, table: number): readonly number[] {
  const values: number[] = [];
  const runs = moov.readUInt32BE(table + 4);
  for (let run = 0; run < runs; run++) {
    const at = table + 8 + 8 * run;
    const value = moov.readInt32BE(at + 4);
    for (let count = moov.readUInt32BE(at); count > 0; count--) values.push(value);
  }
  return values;
}

/** Ticks that the edit list adds: the empty edit before the pictures, less where they begin in the track. */
function shiftOf(moov: Buffer, list: number, ticksOfMovie: number): number {
  const wide = moov[list] === 1;
  const count = moov.readUInt32BE(list + 4);
  let empty = 0;
  for (let entry = 0; entry < count; entry++) {
    const at = list + 8 + entry * (wide ? 20 : 12);
    const mediaTime = wide ? Number(moov.readBigInt64BE(at + 8)) : moov.readInt32BE(at + 4);
    if (mediaTime !== EMPTY_EDIT) return Math.round(empty * ticksOfMovie) - mediaTime;
    empty += wide ? Number(moov.readBigUInt64BE(at)) : moov.readUInt32BE(at);
  }
  return Math.round(empty * ticksOfMovie);
}
