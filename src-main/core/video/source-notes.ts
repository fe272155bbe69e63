import type { VideoInfo } from '../../../src-shared/domain/video-info.ts';
import { formatSecs } from '../../../src-shared/time/timebase.ts';
import type { StreamDescription } from './describe-stream.ts';
import type { FrameScan } from './ffmpeg/scan-frames.ts';
import type { Orientation } from './still-format.ts';
import type { FrameTableData } from './table/frame-table-data.ts';

/** The sentences a person should read about a source; empty for a plain one. */
export function sourceNotes(
  description: StreamDescription,
  scan: FrameScan,
  table: FrameTableData,
  timing: {
    readonly variableFrameRate: boolean;
    readonly truncated: VideoInfo['truncated'];
    readonly shortBySecs: number;
  },
): readonly string[] {
  const notes: string[] = [];
  const { colour, sampleAspectRatio: aspect, interlaced, bitDepth } = description;
  if (timing.truncated !== null)
    notes.push(
      `The file ends early: the first ${table.pts.length} frames (${formatSecs(timing.truncated.afterSecs)}) are good and are used; about ${formatSecs(timing.shortBySecs)} are missing.`,
    );
  else if (scan.complaintCount > 0)
    notes.push(
      `The file is damaged in places: the decoder complained ${scan.complaintCount} times; ${table.pts.length} frames are usable.`,
    );
  if (colour.hdr !== null)
    notes.push(
      `HDR (${colour.hdr === 'pq' ? 'PQ' : 'HLG'}) is tone-mapped to SDR for the model, the view and the exported video.`,
    );
  else if (bitDepth > 8) notes.push(`${bitDepth}-bit pictures are reduced to 8 bits.`);
  notes.push(...orientationNotes(description));
  if (interlaced) notes.push('The video is interlaced; frames are used as they are stored, both fields together.');
  if (timing.variableFrameRate) notes.push('The frame rate varies; every frame keeps its own time.');
  if (aspect.numerator !== aspect.denominator)
    notes.push(`Pixels are not square (${aspect.numerator}:${aspect.denominator}); coordinates count stored pixels.`);
  if (!table.trustworthy)
    notes.push('The file has no usable timestamps; frames are spaced evenly and found by counting from the start.');
  return notes;
}

/** What is done to every picture because its file asks for it; empty for upright ones. */
export function orientationNotes({ mirrored, rotation }: Orientation): readonly string[] {
  const turned = `The picture is turned by ${rotation} degrees, as the file asks.`;
  return [...(mirrored ? ['The picture is mirrored, as the file asks.'] : []), ...(rotation === 0 ? [] : [turned])];
}
