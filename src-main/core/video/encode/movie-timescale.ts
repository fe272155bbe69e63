import { open } from 'node:fs/promises';
import { type Box, boxesIn, readMovieBox } from './mp4-boxes.ts';

/** When each track begins and how long the picture is. */
export interface TrackTimes {
  /** Ticks a second of the video; the movie counts in a whole multiple of it. */
  readonly videoTimescale: number;
  /** Where the first frame is shown; only used when the track begins with an empty edit. */
  readonly videoStartTicks: number;
  /** From the first frame to the end of the last. */
  readonly videoLengthTicks: number;
  /** Where the first packet of each sound track is due, in track order; null: leave it as it is. */
  readonly soundStartSecs: readonly (number | null)[];
}

/** Finer than half a sample of any usual sound, while an hour still fits into 32 bits. */
const WANTED_TIMESCALE = 1_000_000;

const EMPTY_EDIT = -1;

/**
 * Rewrites the edit lists of an MP4 in place, in fine ticks. ffmpeg counts them in milliseconds (builds before 2021 have no
 * option for it), so a track that starts at 1.4333 s would start at 1.433 s; and older builds give the last frame no duration,
 * so that the edit ends before it and players drop it. ISO/IEC 14496-12 8.2.2, 8.3.2, 8.6.6. Returns false, changing nothing,
 * when a field would not fit.
 */
export async function setMovieTimescale(path: string, times: TrackTimes): Promise<boolean> {
  await using file = await open(path, 'r+');
  const moov = await readMovieBox(file);
  const patched = moov === null ? null : patchMoov(moov.bytes, times);
  if (moov === null || patched === null) return false;
  await file.write(patched, 0, patched.length, moov.at);
  return true;
}

/** `moov`: the whole box. Returns it changed, counting as finely as its length allows; null when nothing fits. */
export function patchMoov(moov: Buffer, times: TrackTimes): Buffer | null {
  const most = Math.max(1, Math.floor(WANTED_TIMESCALE / times.videoTimescale));
  for (let multiple = most; multiple >= 1; multiple = Math.floor(multiple / 2)) {
    const patched = Buffer.from(moov);
    if (patchAll(patched, times, multiple)) return patched;
  }
  return null;
}

function patchAll(moov: Buffer, times: TrackTimes, multiple: number): boolean {
  const timescale = times.videoTimescale * multiple;
  const boxes = boxesIn(moov);
  const header = boxes.find((box) => box.type === 'mvhd');
  if (header === undefined || timescale > 0xffff_ffff) return false;
  const wide = moov[header.start] === 1;
  const timescaleAt = header.start + (wide ? 20 : 12);
  const old = moov.readUInt32BE(timescaleAt);
  const scale = (ticks: number) => Math.round((ticks * timescale) / old);
  moov.writeUInt32BE(timescale, timescaleAt);
  const soundStarts = times.soundStartSecs.values();
  let longest = 0;
  for (const track of boxes.filter((box) => box.type === 'trak')) {
    const inside = boxes.filter((box) => box.start > track.start && box.end <= track.end);
    const handler = inside.find((box) => box.type === 'hdlr');
    const kind = handler && moov.toString('latin1', handler.start + 8, handler.start + 12);
    const startSecs = kind === 'soun' ? (soundStarts.next().value ?? null) : null;
    const exact =
      kind === 'vide'
        ? { start: times.videoStartTicks * multiple, length: times.videoLengthTicks * multiple }
        : { start: startSecs === null ? null : Math.round(startSecs * timescale), length: null };
    const length = patchTrack(moov, inside, scale, exact);
    if (length === null) return false;
    longest = Math.max(longest, length);
  }
  return rewrite(moov, timescaleAt + 4, wide, () => longest) !== null;
}

/** Ticks of the movie that are known better than ffmpeg wrote them. */
interface ExactEdits {
  readonly start: number | null;
  readonly length: number | null;
}

/** Length of the track in new ticks; null when a field does not fit. */
function patchTrack(
  moov: Buffer,
  boxes: readonly Box[],
  scale: (ticks: number) => number,
  exact: ExactEdits,
): number | null {
  const head = boxes.find((box) => box.type === 'tkhd');
  if (head === undefined) return null;
  const list = boxes.find((box) => box.type === 'elst');
  const edited = list === undefined ? undefined : patchEdits(moov, list, scale, exact);
  if (edited === null) return null;
  const wide = moov[head.start] === 1;
  return rewrite(moov, head.start + (wide ? 28 : 20), wide, (ticks) => edited ?? scale(ticks));
}

/** Sum of the edits in new ticks; null when a field does not fit. */
function patchEdits(moov: Buffer, list: Box, scale: (ticks: number) => number, exact: ExactEdits): number | null {
  const wide = moov[list.start] === 1;
  const count = moov.readUInt32BE(list.start + 4);
  let total = 0;
  for (let entry = 0; entry < count; entry++) {
    const at = list.start + 8 + entry * (wide ? 20 : 12);
    const mediaTime = wide ? Number(moov.readBigInt64BE(at + 8)) : moov.readInt32BE(at + 4);
    const known = mediaTime === EMPTY_EDIT ? exact.start : exact.length;
    const length = rewrite(moov, at, wide, known === null ? scale : () => known);
    if (length === null) return null;
    total += length;
  }
  return total;
}

/** Replaces one duration and returns it; all ones means "unknown" and stays. null when the new one does not fit. */
function rewrite(moov: Buffer, at: number, wide: boolean, change: (ticks: number) => number): number | null {
  if (wide) {
    const ticks = moov.readBigUInt64BE(at);
    if (ticks === 0xffff_ffff_ffff_ffffn) return 0;
    const changed = change(Number(ticks));
    moov.writeBigUInt64BE(BigInt(changed), at);
    return changed;
  }
  const ticks = moov.readUInt32BE(at);
  if (ticks === 0xffff_ffff) return 0;
  const changed = change(ticks);
  if (changed < 0 || changed > 0xffff_fffe) return null;
  moov.writeUInt32BE(changed, at);
  return changed;
}
