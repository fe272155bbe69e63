import { StudioError } from '../../src-shared/errors/studio-error.ts';
import type { Desk } from './desk.ts';
import { sentenceOf } from './notices.ts';

/** What this machine and its packs can do: examined once a start, and again whenever device or pack change. */
export class Machine {
  readonly #desk: Desk;
  #asked = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async examine(): Promise<void> {
    const { client, store, notices } = this.#desk;
    await notices.guard(async () => {
      // The pack is tried first: it is what a person waits for, and the providers' self-tests take a while.
      const packs = await client().listPacks({});
      store.patch({ packs: packs.filter(({ kind }) => kind !== 'backbone') });
      await this.test();
      store.patch({ doctor: await client().doctor({}) });
    });
  }

  /** Opens the chosen pack on the chosen device and times one frame; a refusal is kept, in words. Only the newest answer counts. */
  async test(): Promise<void> {
    const { client, store } = this.#desk;
    const { packId, device } = store.value.settings;
    const asked = ++this.#asked;
    store.patch({ selfTest: { kind: 'running' } });
    try {
      const { provider, millisPerFrame, notes, packId: opened } = await client().testModel({ packId, device });
      if (asked !== this.#asked) return;
      store.patch({ selfTest: { kind: 'passed', packId: opened, provider, millisPerFrame, notes } });
    } catch (error) {
      if (asked === this.#asked)
        store.patch({
          selfTest: { kind: 'failed', reason: sentenceOf(StudioError.from(error), store.value.settings.language) },
        });
    }
  }
}
