import type { RedactionReport } from '../../../src-shared/contract/redaction-report.ts';
import { StudioError, throwIfAborted } from '../../../src-shared/errors/studio-error.ts';
import { maskArea } from '../../../src-shared/mask/rle.ts';
import { fileFailure } from '../base/file-failure.ts';
import type { ComposedShape } from './compose/compose-frame.ts';
import type { Look } from './compose/resolve-look.ts';
import type { Scene, SceneReader } from './compose/scene.ts';
import type { VideoEncoder } from './ports.ts';
import { type ComposeJob, Composer } from './render/composer.ts';
import { RedactionLog } from './render/redaction-log.ts';

export interface RenderJob extends ComposeJob {
  /** Called once, with what the pictures are like; refuses a place that may not be written. The job owns the encoder from then on. */
  readonly openEncoder: (shape: ComposedShape) => Promise<VideoEncoder>;
  readonly outputPath: string;
  /** `bytes`: of the output so far; null where that is not known. */
  readonly onProgress?: (framesDone: number, bytes: number | null) => void;
}

export interface RenderSummary {
  readonly outputPath: string;
  readonly frames: number;
  /** Frames on which at least one object was drawn. */
  readonly framesWithObjects: number;
  /** Ids of the objects that were drawn at least once, ascending. */
  readonly objectIds: readonly number[];
  /** Only for redaction. */
  readonly redaction: RedactionReport | null;
}

/**
 * Reads every frame of the range, composes it and hands it to the encoder; one frame is composed while the last is on its way
 * out. The output appears under its name only when all of it is there; on an error or an abort the encoder removes what it wrote.
 * Throws `output-exists`, `output-is-source`, `cancelled`, `session-mismatch`, `usage` (nothing to redact or to follow),
 * `file-unreadable` (the source ended early), `disk-full` and what reader and encoder throw.
 */
export async function renderAnnotated(job: RenderJob): Promise<RenderSummary> {
  throwIfAborted(job.signal);
  const composer = new Composer(job);
  const encoder = await job.openEncoder(composer.shape);
  try {
    const summary = await renderFrames(job, composer, encoder);
    throwIfAborted(job.signal);
    await encoder.finish();
    return summary;
  } catch (error) {
    await encoder.abort();
    throwIfAborted(job.signal);
    throw fileFailure(error, job.outputPath, 'write');
  }
}

async function renderFrames(job: RenderJob, composer: Composer, encoder: VideoEncoder): Promise<RenderSummary> {
  const { range } = job;
  const total = range.last - range.first + 1;
  const tally = new Tally(job.look, composer.scenes);
  let written: Promise<void> = Promise.resolve();
  let done = 0;
  for await (const frame of job.reader.frames(range, job.signal)) {
    throwIfAborted(job.signal);
    // A mask and a frame of different index are never composited.
    if (frame.frameIndex !== range.first + done) {
      throw new StudioError('internal', 'bug', `Frame ${frame.frameIndex} came where ${range.first + done} was due.`);
    }
    const scene = composer.scenes.at(frame.frameIndex);
    const { data } = composer.compose(frame, scene);
    tally.add(scene);
    await written;
    written = encoder.write(data, frame.pts);
    // A failure is met by the next `await written`; until then it must not count as unhandled.
    written.catch(() => {});
    done++;
    job.onProgress?.(done, encoder.bytesWritten ?? null);
  }
  await written;
  throwIfAborted(job.signal);
  if (done < total) {
    const message = `The source ended after ${done} of ${total} frames; no video was written, render a shorter range.`;
    throw new StudioError('file-unreadable', 'user', message, { details: { framesRead: done, framesTotal: total } });
  }
  return { outputPath: job.outputPath, frames: done, ...tally.summary() };
}

/** Counts what was drawn. */
class Tally {
  readonly #ids = new Set<number>();
  readonly #log: RedactionLog | null;
  #framesWithObjects = 0;

  constructor(look: Look, scenes: SceneReader) {
    this.#log = look.style === 'redact' ? new RedactionLog(look, scenes.objects) : null;
  }

  add({ objects, cover }: Scene): void {
    const present = objects.filter(({ mask }) => mask !== null && maskArea(mask) > 0);
    for (const { objectId } of present) this.#ids.add(objectId);
    if (present.length > 0) this.#framesWithObjects++;
    if (cover !== null) this.#log?.add(cover);
  }

  summary() {
    return {
      framesWithObjects: this.#framesWithObjects,
      objectIds: [...this.#ids].sort((a, b) => a - b),
      redaction: this.#log?.report() ?? null,
    };
  }
}
