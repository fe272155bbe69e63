import {
  createYuvFrameReader,
  openVideoEncoder,
  type VideoCodecName,
  type VideoSource,
} from '../../src-main/core/video/index.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';

const never = new AbortController().signal;

/** Every frame of a source through the encoder, untouched. */
export async function copyThrough(
  source: VideoSource,
  outputPath: string,
  first = 0,
  last = source.table.frameCount - 1,
  codec?: VideoCodecName,
) {
  const range = { first: frameIndex(first), last: frameIndex(last) };
  await using encoder = await openVideoEncoder(source, { outputPath, range, codec });
  const reader = createYuvFrameReader(source);
  for await (const { data, pts } of reader.frames(range, never)) await encoder.write(data, pts);
  await encoder.finish();
  return encoder.result;
}
