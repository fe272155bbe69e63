import type { AudioStreamInfo } from '../../../../src-shared/domain/video-info.ts';
import type { MediaTools } from '../tools/media-tools.ts';
import { soundIsCopied } from './encode-command.ts';
import { ToolProcess } from './tool-process.ts';

/** The sound of a source, seen from the container that it goes into. */
export interface SoundTracks {
  /** Copied, or decoded and encoded anew. */
  readonly taken: readonly AudioStreamInfo[];
  /** Neither the container takes them nor can this ffmpeg decode them: a phone's spatial sound, for example. */
  readonly unreadable: readonly AudioStreamInfo[];
}

const LISTING_LIMIT = 1_000_000;

/** Asks ffmpeg what it decodes only where something has to be decoded. Errors: `ffmpeg-failed`. */
export async function soundTracks(
  tools: MediaTools,
  streams: readonly AudioStreamInfo[],
  container: 'mp4' | 'mov',
): Promise<SoundTracks> {
  if (streams.every((stream) => soundIsCopied(stream, container))) return { taken: streams, unreadable: [] };
  const decoded = await decodedSound(tools);
  const isTaken = (stream: AudioStreamInfo) => soundIsCopied(stream, container) || decoded.has(stream.codec);
  return { taken: streams.filter(isTaken), unreadable: streams.filter((stream) => !isTaken(stream)) };
}

/** Names of the sound codecs, as ffprobe gives them, that this ffmpeg decodes. */
async function decodedSound({ ffmpeg }: MediaTools): Promise<ReadonlySet<string>> {
  await using tool = new ToolProcess({ path: ffmpeg.path, args: ['-hide_banner', '-codecs'], stdin: 'ignore' });
  const text = await tool.readText(LISTING_LIMIT);
  return new Set([...text.matchAll(/^ D.A\S* +(\S+)/gm)].map(([, name]) => name!));
}
