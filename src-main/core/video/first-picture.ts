import { resolve } from 'node:path';
import { toneMapFile } from './colour/tone-map-file.ts';
import { StreamBytes } from './ffmpeg/byte-source.ts';
import { firstPictureArguments } from './ffmpeg/decode-command.ts';
import { ToolProcess } from './ffmpeg/tool-process.ts';
import { NutReader } from './nut-reader.ts';
import { probeFile } from './open-file.ts';
import type { OpenVideoOptions } from './open-video-options.ts';

/**
 * The first frame of a video file as JPEG, of the size that is played, without knowing its frame table: something to look at while that is
 * read. Errors: those of `openVideo`; `disk-full`, `permission-denied` as in `decodeFrames`.
 */
export async function firstPicture(
  path: string,
  options: Pick<OpenVideoOptions, 'tools' | 'cacheDir' | 'signal'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { plan, input } = await probeFile(resolve(path), options);
  const toneMap = await toneMapFile(options.cacheDir, plan.colour.hdr);
  const args = firstPictureArguments(options.tools.ffmpeg.version, input, plan, toneMap?.name ?? null);
  const command = { path: options.tools.ffmpeg.path, args, cwd: toneMap?.folder, stdin: 'ignore' } as const;
  await using tool = new ToolProcess(command, { signal: options.signal });
  const packet = await new NutReader(new StreamBytes(tool.stdout)).next((size) => new Uint8Array(size));
  if (packet !== null) return packet.data as Uint8Array<ArrayBuffer>;
  throw tool.failure(
    'no-frames',
    `Not one frame of ${path} could be decoded; it is damaged or empty.`,
    await tool.ended,
  );
}
