import type { ProbedMedia } from './ffmpeg/probe-media.ts';

/** What a source holds besides its picture and its sound; concerns nothing but copies of it. */
export interface SourceExtras {
  /** Not empty; null: it has none. */
  readonly title: string | null;
  readonly subtitleTracks: number;
  /** Timecode, telemetry and the like; chapters are not among them. */
  readonly dataTracks: number;
  /** Whether it has chapters; extras cached by earlier versions lack it. */
  readonly chapters?: boolean;
}

export const NO_EXTRAS: SourceExtras = { title: null, subtitleTracks: 0, dataTracks: 0, chapters: false };
/** A title goes to ffmpeg on its command line, which must stay short. */
const TITLE_CHARACTERS = 1000;
/** How MP4 and MOV tag the track that lists their chapters. */
const CHAPTER_LIST = 'text';

export function describeExtras({ streams, format, chapters }: ProbedMedia): SourceExtras {
  const [, title] = Object.entries(format?.tags ?? {}).find(([name]) => name.toLowerCase() === 'title') ?? [];
  const kept = [...(title ?? '').replaceAll('\0', '').trim()].slice(0, TITLE_CHARACTERS).join('');
  const count = (type: string) =>
    streams.filter((each) => each.codec_type === type && each.codec_tag_string !== CHAPTER_LIST).length;
  return {
    title: kept === '' ? null : kept,
    subtitleTracks: count('subtitle'),
    dataTracks: count('data'),
    chapters: chapters.length > 0,
  };
}
