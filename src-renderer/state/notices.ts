import type { EngineNote } from '../../src-shared/domain/engine-note.ts';
import { StudioError } from '../../src-shared/errors/studio-error.ts';
import { createTranslate, type Language, type MessageKey } from '../ui/i18n/messages.ts';
import type { Store } from './store.ts';
import type { Notice, StudioState } from './studio-state.ts';

const MOST_SHOWN = 4;
const SHORT_MILLIS = 6000;
/** Long enough to change one's mind. */
const WITH_ACTION_MILLIS = 15_000;

const TITLES = {
  user: 'error.user',
  environment: 'error.environment',
  resource: 'error.resource',
  conflict: 'error.conflict',
  cancelled: 'error.cancelled',
  bug: 'error.bug',
} as const satisfies Record<string, MessageKey>;

/**
 * What happened, what was kept, what to do: the engine's own sentence, which is in English, else what the code says; the details that are
 * copied have both.
 */
export function sentenceOf({ code, message }: Pick<StudioError, 'code' | 'message'>, language: Language): string {
  return language === 'en' && message !== '' ? message : createTranslate(language)(`code.${code}`);
}

/** Messages at the edge of the page. Errors stay until they are dismissed; the rest goes by itself. */
export class Notices {
  readonly #store: Store<StudioState>;
  #lastId = 0;

  constructor(store: Store<StudioState>) {
    this.#store = store;
  }

  show(notice: Omit<Notice, 'id'>): void {
    const id = ++this.#lastId;
    const others = this.#store.value.notices.filter((each) => !isSame(each, notice));
    this.#store.patch({ notices: [...others, { ...notice, id }].slice(-MOST_SHOWN) });
    if (notice.tone !== 'info' && (notice.tone !== 'success' || notice.path !== undefined)) return;
    setTimeout(() => this.dismiss(id), notice.action === undefined ? SHORT_MILLIS : WITH_ACTION_MILLIS);
  }

  /** Says what the engine notes, in the person's language. */
  note({ code, values }: EngineNote, tone: 'info' | 'warning'): void {
    const detail = createTranslate(this.#store.value.settings.language)(`note.${code}`, values);
    this.show({ tone, title: 'notice.fromEngine', detail });
  }

  dismiss(id: number): void {
    this.#store.patch({ notices: this.#store.value.notices.filter((notice) => notice.id !== id) });
  }

  /** Tells a failure in words; a stop on request is no failure. */
  fail(error: unknown): void {
    const known = StudioError.from(error);
    if (known.kind === 'cancelled') return;
    const detail = sentenceOf(known, this.#store.value.settings.language);
    const show = () => this.show({ tone: 'error', title: TITLES[known.kind], detail, error: known.toData() });
    if (known.code !== 'thread-died') show();
    // Calls fail just before the line is known to be down; then the banner says so already.
    else setTimeout(() => this.#store.value.connection === 'open' && show());
  }

  /** Runs something and tells its failure. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(error);
    }
  }
}

function isSame(notice: Notice, other: Omit<Notice, 'id'>): boolean {
  return notice.title === other.title && notice.detail === other.detail && notice.path === other.path;
}
