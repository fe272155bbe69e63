import { probeMedia } from '../ffmpeg/probe-media.ts';
import type { VideoSource } from '../video-source.ts';

/** What a source holds besides its picture and its sound. */
export interface SourceExtras {
  /** Not empty; null: it has none. */
  readonly title: string | null;
  readonly subtitleTracks: number;
  /** Timecode, telemetry and the like; chapters are not among them. */
  readonly dataTracks: number;
}

const NOTHING: SourceExtras = { title: null, subtitleTracks: 0, dataTracks: 0 };
/** A title goes to ffmpeg on its command line, which must stay short. */
const TITLE_CHARACTERS = 1000;
/** How MP4 and MOV tag the track that lists their chapters. */
const CHAPTER_LIST = 'text';

/** Asks the file itself, for it concerns nothing but a copy. Errors: those of `probeMedia`. */
export async function readExtras({ tools, info, plan }: VideoSource, signal?: AbortSignal): Promise<SourceExtras> {
  if (plan.media.kind !== 'file') return NOTHING;
  const { streams, format } = await probeMedia(tools, info.path, plan.media.still ?? null, signal);
  const [, title] = Object.entries(format?.tags ?? {}).find(([name]) => name.toLowerCase() === 'title') ?? [];
  const kept = [...(title ?? '').replaceAll('\0', '').trim()].slice(0, TITLE_CHARACTERS).join('');
  const count = (type: string) =>
    streams.filter((each) => each.codec_type === type && each.codec_tag_string !== CHAPTER_LIST).length;
  return { title: kept === '' ? null : kept, subtitleTracks: count('subtitle'), dataTracks: count('data') };
}
