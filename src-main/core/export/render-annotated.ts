import type { FrameRange } from '../../../src-shared/domain/prompt.ts';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import { annotateFrame, createAnnotateScratch } from './annotate/annotate-frame.ts';
import type { AnnotateStyle } from './annotate/annotate-style.ts';
import { annotatedObjects } from './annotated-objects.ts';
import { checkOutputFile } from './check-output.ts';
import { fileFailure } from './file-failure.ts';
import type { MaskReader, VideoEncoder, YuvFrameReader } from './ports.ts';

export interface RenderJob {
  readonly reader: YuvFrameReader;
  readonly masks: MaskReader;
  /** Called once, after the output path was found free; the job owns the encoder from then on. */
  readonly openEncoder: () => Promise<VideoEncoder>;
  /** Inclusive. */
  readonly range: FrameRange;
  readonly style: AnnotateStyle;
  readonly sourcePath: string;
  readonly outputPath: string;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (framesDone: number, framesTotal: number) => void;
}

export interface RenderSummary {
  readonly outputPath: string;
  readonly frames: number;
  /** Frames on which at least one object was drawn. */
  readonly framesWithObjects: number;
  /** Ids of the objects that were drawn at least once, ascending. */
  readonly objectIds: readonly number[];
}

/**
 * Reads every frame of the range, draws its masks and hands it to the encoder, one frame in memory at a time. The output appears
 * under its name only when all of it is there; on an error or an abort the encoder removes what it wrote.
 * Throws `output-exists`, `output-is-source`, `cancelled`, `session-mismatch`, `file-unreadable` (the source ended early),
 * `disk-full` and what reader and encoder throw.
 */
export async function renderAnnotated(job: RenderJob): Promise<RenderSummary> {
  throwIfAborted(job.signal);
  await checkOutputFile(job.sourcePath, job.outputPath, job.overwrite);
  const encoder = await job.openEncoder();
  try {
    const summary = await renderFrames(job, encoder);
    throwIfAborted(job.signal);
    await encoder.finish();
    return summary;
  } catch (error) {
    await encoder.abort();
    throwIfAborted(job.signal);
    throw fileFailure(error, job.outputPath, 'write');
  }
}

async function renderFrames(job: RenderJob, encoder: VideoEncoder): Promise<RenderSummary> {
  const { reader, range } = job;
  const { width, height, fullRange, matrix } = reader;
  const total = range.last - range.first + 1;
  const scratch = createAnnotateScratch(width, height);
  const drawnIds = new Set<number>();
  let framesWithObjects = 0;
  let done = 0;
  for await (const frame of reader.frames(range, job.signal)) {
    throwIfAborted(job.signal);
    // A mask and a frame of different index are never composited.
    if (frame.frameIndex !== range.first + done) {
      throw new StudioError('internal', 'bug', `Frame ${frame.frameIndex} came where ${range.first + done} was due.`);
    }
    const objects = annotatedObjects(job.masks, frame.frameIndex, reader);
    annotateFrame({ width, height, fullRange, matrix, data: frame.data }, objects, job.style, scratch);
    const present = objects.filter(({ mask }) => mask !== null && maskArea(mask) > 0);
    for (const { objectId } of present) drawnIds.add(objectId);
    if (present.length > 0) framesWithObjects++;
    await encoder.write(frame.data, frame.pts);
    done++;
    job.onProgress?.(done, total);
  }
  throwIfAborted(job.signal);
  if (done < total) {
    const message = `The source ended after ${done} of ${total} frames; no video was written, render a shorter range.`;
    throw new StudioError('file-unreadable', 'user', message, { details: { framesRead: done, framesTotal: total } });
  }
  return {
    outputPath: job.outputPath,
    frames: done,
    framesWithObjects,
    objectIds: [...drawnIds].sort((a, b) => a - b),
  };
}
