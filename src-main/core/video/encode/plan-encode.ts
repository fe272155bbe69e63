import { type EngineNote, engineNote } from '../../../../src-shared/domain/engine-note.ts';
import type { FrameRange } from '../../../../src-shared/domain/prompt.ts';
import { formatSecs, ticksToSecs } from '../../../../src-shared/time/timebase.ts';
import { type ExportMatrix, exportMatrix } from '../colour/colour-path.ts';
import type { ColourTags, DecodePlan } from '../decode-plan.ts';
import type { ChosenEncoder } from '../ffmpeg/codec-arguments.ts';
import { type EncodeJob, type SoundJob, soundIsCopied } from '../ffmpeg/encode-command.ts';
import type { SoundTracks } from '../ffmpeg/sound-tracks.ts';
import type { SourceExtras } from '../source-extras.ts';
import type { VideoSource } from '../video-source.ts';
import type { PictureShape } from './frame-pipe.ts';

/** What will be written, decided before the first frame. */
export interface EncodePlan {
  readonly job: EncodeJob;
  /** Ticks taken off the source's times: a part starts at 0, and so does a source that starts before 0. */
  readonly shiftTicks: number;
  /** What cannot be as in the source. */
  readonly notes: readonly EngineNote[];
}

/** Plans the annotated copy of a source or of a range of it (both ends inclusive). */
export function planEncode(
  source: VideoSource,
  range: FrameRange | undefined,
  outputPath: string,
  encoder: ChosenEncoder,
  shape: PictureShape,
  tracks: SoundTracks,
): EncodePlan {
  const { info, plan, table, extras } = source;
  const part = range !== undefined && isPart(range, table.frameCount) ? range : null;
  // A time before 0 is something that MP4 cannot say; it would cut these frames off.
  const shiftTicks = part === null ? Math.min(0, table.firstPts) : table.ptsOf(part.first);
  const job: EncodeJob = {
    encoder,
    outputPath,
    timebase: table.timebase,
    ptsOffset: part === null ? table.firstPts - shiftTicks : 0,
    averageFps: info.averageFps,
    frameCount: part === null ? table.frameCount : part.last - part.first + 1,
    sampleAspectRatio: info.sampleAspectRatio,
    width: shape.width,
    height: shape.height,
    tags: exportTags(plan),
    sound: soundJob(source, tracks, part, shiftTicks),
    title: extras.title,
  };
  const notes = [...encodeNotes(source, job, part === null ? shiftTicks : 0), ...leftOutNotes(extras, tracks)];
  return { job, shiftTicks, notes };
}

function isPart(range: FrameRange, frameCount: number): boolean {
  return range.first > 0 || range.last < frameCount - 1;
}

const MATRIX_TAGS: Readonly<Record<ExportMatrix, string>> = { bt601: 'smpte170m', bt709: 'bt709' };

/**
 * Tags of the source where its samples keep their meaning, else what they were converted to. The matrix is always named, also
 * where the source left it open: the pictures were drawn upon with the one that we assumed, so players must not guess another.
 */
function exportTags(plan: DecodePlan): ColourTags {
  const { tags, colour } = plan;
  if (colour.hdr !== null) return { space: 'bt709', primaries: 'bt709', transfer: 'bt709' };
  const kept = colour.matrix === 'bt601' || colour.matrix === 'bt709' ? tags.space : null;
  return { ...tags, space: kept ?? MATRIX_TAGS[exportMatrix(plan)] };
}

/** A seek starts this much early: sound may lie in the file well before the picture that it belongs to. */
const SEEK_MARGIN_SECS = 2;

function soundJob(
  source: VideoSource,
  { taken: streams }: SoundTracks,
  part: FrameRange | null,
  shiftTicks: number,
): SoundJob | null {
  const { info, table, plan, extras } = source;
  if (streams.length === 0 && extras.chapters === false) return null;
  const { path } = info;
  const secs = (ticks: number) => ticksToSecs(ticks, table.timebase);
  const delaySecs = secs(-shiftTicks);
  if (part === null) return { path, streams, cut: null, delaySecs };
  const start = table.ptsOf(part.first);
  const lengthSecs = secs(table.ptsOf(part.last) + table.durationOf(part.last) - start);
  const early = secs(start) - SEEK_MARGIN_SECS;
  // Transport streams seek by byte, and not exactly: they are read from their start.
  const seekSecs = plan.seek === 'key-frame' && early > Math.max(0, secs(table.firstPts)) ? early : null;
  return { path, streams, cut: { lengthSecs, seekSecs }, delaySecs };
}

function encodeNotes({ table }: VideoSource, job: EncodeJob, shiftTicks: number): readonly EngineNote[] {
  const notes: EngineNote[] = [];
  const { width, height } = job;
  if (job.encoder.evenSides && (width % 2 === 1 || height % 2 === 1))
    notes.push(engineNote('even-sides', { width: width + (width % 2), height: height + (height % 2) }));
  if (shiftTicks < 0)
    notes.push(engineNote('starts-before-zero', { time: formatSecs(ticksToSecs(-shiftTicks, table.timebase)) }));
  const container = job.encoder.container.toUpperCase();
  for (const stream of (job.sound?.streams ?? []).filter((each) => !soundIsCopied(each, job.encoder.container)))
    notes.push(engineNote('sound-recoded', { container, codec: stream.codec, stream: stream.index }));
  return notes;
}

function leftOutNotes(
  { subtitleTracks, dataTracks }: SourceExtras,
  { unreadable }: SoundTracks,
): readonly EngineNote[] {
  return [
    ...unreadable.map(({ index: stream, codec }) =>
      codec === 'unknown' ? engineNote('sound-unknown', { stream }) : engineNote('sound-unreadable', { stream, codec }),
    ),
    ...(subtitleTracks > 0 ? [engineNote('subtitles-left-out', { tracks: subtitleTracks })] : []),
    ...(dataTracks > 0 ? [engineNote('data-left-out', { tracks: dataTracks })] : []),
  ];
}
