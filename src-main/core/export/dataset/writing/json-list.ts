import type { TextFile } from './text-file.ts';

/** Elements of a JSON array, one a line, written as they come; the brackets are the caller's. */
export class JsonList {
  readonly #file: TextFile;
  #started = false;

  constructor(file: TextFile) {
    this.#file = file;
  }

  add(value: unknown): Promise<void> {
    return this.addText(JSON.stringify(value));
  }

  /** Adds an element that is JSON text already. */
  addText(text: string): Promise<void> {
    const separator = this.#started ? ',\n' : '\n';
    this.#started = true;
    return this.#file.write(separator + text);
  }
}
