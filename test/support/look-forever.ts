/** Process entry of the kill test of passes that only look: reads a pipe that never ends, as the frame count and the search for cuts read a file. */
import { scanFrames } from '../../src-main/core/video/ffmpeg/scan-frames.ts';
import { findCuts, findMediaTools, openVideo } from '../../src-main/core/video/index.ts';

const [pass, endlessPath, clipPath, cacheDir] = process.argv.slice(2) as [string, string, string, string];
const tools = await findMediaTools();
if (pass === 'scan') await scanFrames(tools, { kind: 'file', path: endlessPath, streamIndex: 0, still: null }, {});
else {
  const clip = await openVideo(clipPath, { tools, cacheDir });
  await findCuts({ ...clip, info: { ...clip.info, path: endlessPath } }, new AbortController().signal);
}
