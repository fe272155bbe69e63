import { type FileHandle, open } from 'node:fs/promises';

export type CsvValue = string | number | null;

/** One RFC 4180 record: CRLF at the end, quotes where a value needs them, null is an empty field, numbers in full precision. */
export function csvRecord(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: CsvValue): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const FLUSH_CHARACTERS = 64 * 1024;

/** Appends records to a new file through a small buffer. */
export class CsvWriter implements AsyncDisposable {
  readonly #file: FileHandle;
  #pending = '';
  #closed = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string, header: readonly string[]): Promise<CsvWriter> {
    const writer = new CsvWriter(await open(path, 'wx'));
    writer.#pending = csvRecord(header);
    return writer;
  }

  async write(values: readonly CsvValue[]): Promise<void> {
    this.#pending += csvRecord(values);
    if (this.#pending.length >= FLUSH_CHARACTERS) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    await this.#file.writeFile(text);
  }
}
