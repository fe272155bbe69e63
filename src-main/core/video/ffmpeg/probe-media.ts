import { z } from 'zod';
import type { StillFormat } from '../still-format.ts';
import type { MediaTools } from '../tools/media-tools.ts';
import { fileUrl, guardArguments, readerArguments } from './input-arguments.ts';
import { ToolProcess } from './tool-process.ts';

const text = z.string().optional();
const whole = z.number().int().optional();

const streamSchema = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  codec_tag_string: text,
  width: whole,
  height: whole,
  coded_width: whole,
  coded_height: whole,
  sample_aspect_ratio: text,
  pix_fmt: text,
  bits_per_raw_sample: text,
  color_range: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
  field_order: text,
  time_base: text,
  start_pts: whole,
  start_time: text,
  duration: text,
  nb_frames: text,
  avg_frame_rate: text,
  r_frame_rate: text,
  channels: whole,
  sample_rate: text,
  disposition: z.record(z.string(), z.number()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  side_data_list: z.array(z.object({ side_data_type: text, displaymatrix: text })).optional(),
});
const probeSchema = z.object({
  streams: z.array(streamSchema).default([]),
  chapters: z.array(z.unknown()).default([]),
  format: z
    .object({
      format_name: text,
      duration: text,
      start_time: text,
      tags: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

export type ProbedStream = z.infer<typeof streamSchema>;
export interface ProbedMedia extends z.infer<typeof probeSchema> {
  /** What ffprobe complained about while it read the headers; last 4 KB. */
  readonly complaints: string;
}

const PROBE_TIMEOUT_MILLIS = 60_000;
const PROBE_LIMIT_BYTES = 8_000_000;

export function probeArguments(path: string, still: StillFormat | null): readonly string[] {
  return [
    '-hide_banner',
    '-v',
    'error',
    ...guardArguments(),
    ...readerArguments(still),
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    '-show_entries',
    'chapter=id',
    '-i',
    fileUrl(path),
  ];
}

/** What ffprobe says about a file. Errors: `media-refused` for containers outside the list, `not-a-video` for the rest, `ffmpeg-failed`. */
export async function probeMedia(
  tools: MediaTools,
  path: string,
  still: StillFormat | null,
  signal?: AbortSignal,
): Promise<ProbedMedia> {
  await using tool = new ToolProcess(
    { path: tools.ffprobe.path, args: probeArguments(path, still), stdin: 'ignore' },
    { signal, timeoutMillis: PROBE_TIMEOUT_MILLIS },
  );
  const output = await tool.readText(PROBE_LIMIT_BYTES);
  const exit = await tool.ended;
  if (exit.code === 0) return { ...probeSchema.parse(JSON.parse(output)), complaints: exit.stderrTail };
  tool.refuseUnfinished(exit, path);
  // The tool has no other way to tell these apart than its words.
  if (/not on whitelist/i.test(exit.stderrTail))
    throw tool.failure(
      'media-refused',
      `${path} is a playlist or a container that Masklet Studio does not open, because such files can reach others; nothing was read from it. Give it a plain video file.`,
      exit,
    );
  if (/moov atom not found/.test(exit.stderrTail))
    throw tool.failure(
      'not-a-video',
      `${path} ends before its index: it was cut off while it was written or copied, and cannot be read. Copy it again from its source.`,
      exit,
    );
  throw tool.failure('not-a-video', `${path} is not a video that ffmpeg can read.`, exit);
}
