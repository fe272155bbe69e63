import { analysisCache } from '../analysis-cache.ts';
import { decodeInputArguments, globalArguments } from '../ffmpeg/input-arguments.ts';
import { TINY_CROP, TINY_OUTPUT } from '../ffmpeg/tiny-output.ts';
import { ToolProcess } from '../ffmpeg/tool-process.ts';
import { passthroughArguments } from '../tools/tool-version.ts';
import type { VideoSource } from '../video-source.ts';
import { pickCuts } from './pick-cuts.ts';

/**
 * Frames that begin a new shot, ascending. One decode of the whole source at low priority, kept by content; folders of pictures have no
 * cuts. Errors: ffmpeg-failed, cancelled.
 */
export async function findCuts(source: VideoSource, signal: AbortSignal): Promise<Uint32Array<ArrayBuffer>> {
  if (source.table.frameCount < 2 || source.plan.media.kind === 'pictures') return new Uint32Array(0);
  const cache = analysisCache(source, 'cuts');
  const held = await cache.read();
  if (held !== null && held.length % 4 === 0) return new Uint32Array(held.buffer);
  const cuts = pickCuts(await sceneScores(source, signal));
  await cache.write(new Uint8Array(cuts.buffer));
  return cuts;
}

/** One a frame, in the order of the frame table: both come from the same decode from the start. */
async function sceneScores(source: VideoSource, signal: AbortSignal): Promise<Float32Array> {
  const { info, plan, table, tools } = source;
  const streamIndex = plan.media.kind === 'file' ? plan.media.streamIndex : 0;
  const input = { kind: 'file', path: info.path, streamIndex, still: null } as const;
  const filters = `scale=160:-2:flags=area,select='gte(scene\\,0)',metadata=print:key=lavfi.scene_score,${TINY_CROP}`;
  const output = ['-vf', filters, ...passthroughArguments(tools.ffmpeg.version), ...TINY_OUTPUT];
  const args = [...globalArguments('info'), ...decodeInputArguments(input, null), ...output];
  const scores = new Float32Array(table.frameCount);
  let count = 0;
  const onStderrLine = (line: string) => {
    const match = /\blavfi\.scene_score=([\d.]+)/.exec(line);
    if (match !== null && count < scores.length) scores[count++] = Number(match[1]);
  };
  const command = { path: tools.ffmpeg.path, args, stdin: 'ignore' } as const;
  await using tool = new ToolProcess(command, { signal, background: true, onStderrLine });
  tool.stdout.resume();
  const exit = await tool.ended;
  if (count === table.frameCount) return scores;
  throw tool.failure('ffmpeg-failed', 'The cuts of this video could not be found; everything else works.', exit);
}
