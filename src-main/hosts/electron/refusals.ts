import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../core/base/make-folder.ts';

export type RefusedKind = 'request' | 'message' | 'navigation' | 'window' | 'permission' | 'link';

/** What the host refused, one line each in `security.log`. Text from outside is quoted and cut, so that no line can be forged. */
export class Refusals {
  readonly #path: string;

  constructor(logFolder: string) {
    this.#path = join(logFolder, 'security.log');
    try {
      makeFolder(logFolder);
    } catch {
      // The studio opens without a log too.
    }
  }

  add(kind: RefusedKind, what: unknown): void {
    const shown = JSON.stringify(String(what).slice(0, 300));
    try {
      appendFileSync(this.#path, `${new Date().toISOString()} ${kind} ${shown}\n`);
    } catch {
      // A full disk must not turn a refusal into a crash.
    }
  }
}
