import { type DatasetFormatName, defaultDatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';
import type { ExportEvent, WriteEvent } from '../../src-shared/contract/results.ts';
import type { MessageKey } from '../ui/i18n/messages.ts';
import { type Desk, sessionOn } from './desk.ts';
import type { Marks, WriteJob } from './studio-state.ts';

export type ExportWish =
  | {
      readonly kind: 'video';
      readonly style: 'overlay' | 'outline' | 'box';
      readonly range: Marks;
      readonly overwrite: boolean;
    }
  | {
      readonly kind: 'dataset';
      readonly format: DatasetFormatName;
      readonly folder: string;
      readonly range: Marks;
      readonly overwrite: boolean;
    };

/** Writes files from the session on the desk: one at a time, with progress, a stop, and a notice that says where they lie. */
export class Exporting {
  readonly #desk: Desk;
  #stop: AbortController | null = null;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async start(wish: ExportWish): Promise<void> {
    const { store, client, notices } = this.#desk;
    if (store.value.job !== null) return;
    const { sessionPath } = sessionOn(this.#desk).state;
    const stop = new AbortController();
    this.#stop = stop;
    const { range, overwrite } = wish;
    const options = { signal: stop.signal };
    const events =
      wish.kind === 'video'
        ? client().render({ sessionPath, outPath: null, style: wish.style, range, overwrite }, options)
        : client().exportDataset(
            {
              sessionPath,
              outFolder: wish.folder,
              format: wish.format,
              range,
              overwrite,
              options: defaultDatasetOptions,
              dryRun: false,
            },
            options,
          );
    store.patch({ job: writeJob(wish.kind === 'video' ? 'job.rendering' : 'job.exporting'), dialog: null });
    await notices.guard(() => this.#follow(events));
    store.patch({ job: null });
  }

  cancel(): void {
    this.#stop?.abort();
  }

  async #follow(events: AsyncIterable<WriteEvent | ExportEvent>): Promise<void> {
    const { store, notices } = this.#desk;
    for await (const event of events) {
      const { job } = store.value;
      if (event.kind === 'progress') {
        if (job?.kind === 'write') store.patch({ job: { ...job, done: event.done, total: event.total } });
        continue;
      }
      if (event.kind === 'losses') {
        for (const detail of event.losses) notices.show({ tone: 'warning', title: 'notice.loss', detail });
        continue;
      }
      notices.show({ tone: 'success', title: 'notice.written', values: { files: event.files }, path: event.path });
      for (const detail of event.notes) notices.show({ tone: 'info', title: 'notice.fromEngine', detail });
    }
  }
}

function writeJob(label: MessageKey): WriteJob {
  return { kind: 'write', label, done: 0, total: 0, startedAtMillis: performance.now() };
}
