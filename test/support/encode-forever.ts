/** Process entry of the encoder's kill test: writes some frames, says so, then keeps the encoder open for ever. */
import { createYuvFrameReader, findMediaTools, openVideo, openVideoEncoder } from '../../src-main/core/video/index.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';

const [path, outputPath, cacheDir] = process.argv.slice(2) as [string, string, string];
const source = await openVideo(path, { tools: await findMediaTools(), cacheDir });
const encoder = await openVideoEncoder(source, { outputPath });
const range = { first: frameIndex(0), last: frameIndex(source.table.frameCount - 1) };
for await (const { data, pts } of createYuvFrameReader(source).frames(range, new AbortController().signal))
  await encoder.write(data, pts);
console.log('written');
setInterval(() => {}, 60_000);
