import type { OutputCodecName, RenderLook } from '../../src-shared/contract/render-look.ts';
import type { DatasetFormatFacts, ExportEvent, StillPicture, WriteEvent } from '../../src-shared/contract/results.ts';
import type { EngineNote } from '../../src-shared/domain/engine-note.ts';
import { frameIndex as toFrameIndex } from '../../src-shared/domain/ids.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { createTranslate } from '../ui/i18n/messages.ts';
import { type Desk, sessionOn } from './desk.ts';
import type { ExportOutput, ExportPhase, ExportWish } from './export-output.ts';
import { sentenceOf } from './notices.ts';
import type { StudioState } from './studio-state.ts';

const NO_EXPORTS: readonly ExportOutput[] = [];

/** A batch under way, else what the last one of the session on the desk came to. */
export const exportsShown = ({ writing, exports, session }: StudioState): readonly ExportOutput[] =>
  writing !== null || exports[0]?.sessionPath === session?.state.sessionPath ? exports : NO_EXPORTS;

/**
 * Writes files from the session on the desk, one output after the other, and keeps what came of each for the sheet. A batch goes on when its
 * session leaves the desk.
 */
export class Exporting {
  readonly #desk: Desk;
  #stop: AbortController | null = null;
  #lastId = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Starts a batch; what an earlier one left on the sheet goes. Failures stand beside their output and end only that. */
  async start(wishes: readonly ExportWish[]): Promise<void> {
    const { store } = this.#desk;
    if (store.value.job !== null || store.value.writing !== null || wishes.length === 0) return;
    const { sessionPath } = sessionOn(this.#desk).state;
    const outputs = wishes.map((wish) => waiting(++this.#lastId, sessionPath, wish));
    const stop = new AbortController();
    this.#stop = stop;
    store.patch({ exports: outputs, writing: startedJob(outputs[0]) });
    for (const { id } of outputs) {
      if (stop.signal.aborted) this.#change(id, { state: 'cancelled' });
      else await this.#write(id, stop.signal);
    }
    store.patch({ writing: null });
    this.#tell(sessionPath);
  }

  /** Writes a failed output again over what lies under its name. */
  async replace(id: number): Promise<void> {
    const output = this.#desk.store.value.exports.find((each) => each.id === id);
    if (output !== undefined) await this.start([{ ...output.wish, overwrite: true }]);
  }

  /** Nothing unfinished stays on disk. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** Back to an empty sheet; what was written stays. */
  forget(): void {
    this.#desk.store.patch({ exports: [] });
  }

  /** The picture that a video in this look has at a frame. */
  still(look: RenderLook, frameIndex: number, signal: AbortSignal): Promise<StillPicture> {
    const { sessionPath } = sessionOn(this.#desk).state;
    return this.#desk.client().renderStill({ sessionPath, frameIndex: toFrameIndex(frameIndex), ...look }, { signal });
  }

  /** What a dataset will not hold; nothing is written. */
  async losses(wish: Extract<ExportWish, { kind: 'dataset' }>, signal: AbortSignal): Promise<readonly EngineNote[]> {
    const { sessionPath } = sessionOn(this.#desk).state;
    const { kind: _, ...dataset } = wish;
    const input = { sessionPath, ...dataset, dryRun: true };
    for await (const event of this.#desk.client().exportDataset(input, { signal })) {
      if (event.kind === 'losses') return event.losses;
    }
    return [];
  }

  formats(): Promise<readonly DatasetFormatFacts[]> {
    return this.#desk.client().datasetFormats({});
  }

  codecs(): Promise<readonly OutputCodecName[]> {
    return this.#desk.client().outputCodecs({});
  }

  async #write(id: number, signal: AbortSignal): Promise<void> {
    const output = this.#change(id, { state: 'running', startedAtMillis: performance.now() });
    if (output === undefined) return;
    this.#desk.store.patch({ writing: startedJob(output) });
    try {
      for await (const event of this.#events(output, signal)) this.#take(id, event);
    } catch (error) {
      const known = StudioError.from(error);
      const state = known.kind === 'cancelled' ? 'cancelled' : 'failed';
      this.#change(id, { state, error: state === 'failed' ? known.toData() : null });
    }
  }

  #events({ wish, sessionPath }: ExportOutput, signal: AbortSignal): AsyncIterable<WriteEvent | ExportEvent> {
    const client = this.#desk.client();
    if (wish.kind === 'dataset') {
      const { kind: _, ...dataset } = wish;
      return client.exportDataset({ sessionPath, ...dataset, dryRun: false }, { signal });
    }
    const { look, codec, outPath, range, overwrite } = wish;
    return client.render({ sessionPath, outPath, codec, range, overwrite, ...look }, { signal });
  }

  #take(id: number, event: WriteEvent | ExportEvent): void {
    if (event.kind === 'losses') {
      this.#change(id, { losses: event.losses });
      return;
    }
    if (event.kind === 'progress') {
      const { done, total } = event;
      const phase: ExportPhase = 'phase' in event ? event.phase : done < total ? 'frames' : 'finishing';
      this.#change(id, { done, total, phase, bytes: 'bytes' in event ? event.bytes : null });
      const { writing } = this.#desk.store.value;
      if (writing !== null) this.#desk.store.patch({ writing: { ...writing, done, total } });
      return;
    }
    this.#change(id, { state: 'done', result: event, endedAtMillis: performance.now() });
  }

  #change(id: number, change: Partial<ExportOutput>): ExportOutput | undefined {
    const { store } = this.#desk;
    const exports = store.value.exports.map((each) => (each.id === id ? { ...each, ...change } : each));
    store.patch({ exports });
    return exports.find((each) => each.id === id);
  }

  /** The sheet shows what came of it; where it was put away, a notice does. */
  #tell(sessionPath: string): void {
    const { store, notices } = this.#desk;
    const { dialog, session, exports, settings } = store.value;
    const isSeen = dialog === 'export' && session?.state.sessionPath === sessionPath;
    for (const { result, error } of exports) {
      // The sheet is put away when the engine is back, and a failure of the line is told by nothing that outlives it.
      if (error?.code === 'thread-died') {
        const detail = sentenceOf(error, settings.language);
        notices.show({ tone: 'error', title: 'notice.exportStopped', detail, error });
      } else if (error !== null && !isSeen) notices.fail(StudioError.fromData(error));
      if (result === null || isSeen) continue;
      const written = { title: 'notice.written', values: { files: result.files }, path: result.path } as const;
      const isDoubtful = 'redaction' in result && result.redaction?.verdict === 'check';
      const detail = createTranslate(settings.language)('notice.checkRedaction');
      notices.show(isDoubtful ? { tone: 'warning', ...written, detail } : { tone: 'success', ...written });
    }
  }
}

function waiting(id: number, sessionPath: string, wish: ExportWish): ExportOutput {
  return {
    id,
    sessionPath,
    wish,
    state: 'waiting',
    phase: 'frames',
    done: 0,
    total: 0,
    bytes: null,
    startedAtMillis: 0,
    endedAtMillis: 0,
    losses: [],
    result: null,
    error: null,
  };
}

function startedJob({ sessionPath, wish }: ExportOutput) {
  return {
    sessionPath,
    label: wish.kind === 'video' ? 'job.rendering' : 'job.exporting',
    done: 0,
    total: 0,
    startedAtMillis: performance.now(),
  } as const;
}
