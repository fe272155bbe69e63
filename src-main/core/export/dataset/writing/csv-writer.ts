import { TextFile } from './text-file.ts';

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

/** Appends records to a new file. */
export class CsvWriter implements AsyncDisposable {
  readonly #file: TextFile;

  private constructor(file: TextFile) {
    this.#file = file;
  }

  static async create(path: string, header: readonly string[]): Promise<CsvWriter> {
    const writer = new CsvWriter(await TextFile.create(path));
    await writer.write(header);
    return writer;
  }

  write(values: readonly CsvValue[]): Promise<void> {
    return this.#file.write(csvRecord(values));
  }

  finish(): Promise<void> {
    return this.#file.finish();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file[Symbol.asyncDispose]();
  }
}
