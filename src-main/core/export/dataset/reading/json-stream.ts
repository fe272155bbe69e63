import { StudioError } from '../../../../../src-shared/errors/studio-error.ts';
import { textChunks } from './text-chunks.ts';

const MAX_DEPTH = 64;
/** One captured value: a track of a long video fits, a hostile file does not fill the memory. */
const MAX_VALUE_CHARACTERS = 128 * 1024 * 1024;

export interface JsonValue {
  /** The pattern that matched. */
  readonly path: string;
  readonly value: unknown;
}

/**
 * Reads the wanted values out of a JSON file of any size, in file order; the rest is skipped unparsed and unkept. A path is
 * written `images[]`, `videos[].width`, `[].annotations[].result[]`: keys joined by dots, `[]` for every element.
 * Throws `file-unreadable` for text that is not JSON or ends early, and for values that are absurdly large.
 */
export async function* readJson(path: string, wanted: readonly string[]): AsyncGenerator<JsonValue, void, undefined> {
  const scanner = new JsonScanner(path, wanted);
  for await (const chunk of textChunks(path)) yield* scanner.push(chunk);
  scanner.end();
}

interface Level {
  readonly isArray: boolean;
  /** Path of the container; null: too deep for any wanted path. */
  readonly path: string | null;
  key: string;
}

class JsonScanner {
  readonly #file: string;
  readonly #wanted: ReadonlySet<string>;
  readonly #levels: Level[] = [];
  #captured: string[] | null = null;
  #capturedLength = 0;
  #capturePath = '';
  #captureDepth = 0;
  #inString = false;
  #escaped = false;
  #inScalar = false;
  #awaitsKey = false;
  #key: string[] | null = null;
  #sawValue = false;

  constructor(file: string, wanted: readonly string[]) {
    this.#file = file;
    this.#wanted = new Set(wanted);
  }

  *push(text: string): Generator<JsonValue, void, undefined> {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === 92) this.#escaped = true;
        else if (code === 34) {
          this.#inString = false;
          if (this.#key !== null) {
            this.#key.push(text.slice(from, at));
            this.#nameKey(this.#key.join(''));
            this.#key = null;
          } else if (this.#captured !== null && this.#levels.length === this.#captureDepth) {
            yield this.#release(text.slice(from, at + 1));
          }
        }
        continue;
      }
      const isSpace = code === 32 || code === 10 || code === 13 || code === 9;
      const ends = isSpace || code === 44 || code === 93 || code === 125;
      if (this.#inScalar) {
        if (!ends) continue;
        this.#inScalar = false;
        if (this.#captured !== null && this.#levels.length === this.#captureDepth)
          yield this.#release(text.slice(from, at));
      }
      if (isSpace || code === 58) continue;
      if (code === 34 && this.#awaitsKey && this.#captured === null) {
        this.#inString = true;
        this.#key = [];
        from = at + 1;
      } else if (code === 44) {
        this.#awaitsKey = this.#top()?.isArray === false;
      } else if (code === 93 || code === 125) {
        this.#close(code === 93);
        if (this.#captured !== null && this.#levels.length === this.#captureDepth)
          yield this.#release(text.slice(from, at + 1));
      } else {
        if (this.#beginValue()) from = at;
        if (code === 34) this.#inString = true;
        else if (code === 123 || code === 91) this.#open(code === 91);
        else this.#inScalar = true;
      }
    }
    if (this.#key !== null) this.#key.push(text.slice(from));
    else if (this.#captured !== null) this.#keep(text.slice(from));
  }

  end(): void {
    if (this.#levels.length > 0 || this.#inString || !this.#sawValue) throw this.#invalid('it ends too early');
  }

  #top(): Level | undefined {
    return this.#levels[this.#levels.length - 1];
  }

  /** True when the value that starts here is wanted. */
  #beginValue(): boolean {
    this.#sawValue = true;
    if (this.#captured !== null) return false;
    const path = this.#pathHere();
    if (path === null || !this.#wanted.has(path)) return false;
    this.#captured = [];
    this.#capturedLength = 0;
    this.#capturePath = path;
    this.#captureDepth = this.#levels.length;
    return true;
  }

  #pathHere(): string | null {
    const top = this.#top();
    if (top === undefined) return '';
    if (top.path === null) return null;
    if (top.isArray) return `${top.path}[]`;
    return top.path === '' ? top.key : `${top.path}.${top.key}`;
  }

  #open(isArray: boolean): void {
    if (this.#levels.length >= MAX_DEPTH) throw this.#invalid('it is nested too deeply');
    const path = this.#captured === null ? this.#pathHere() : null;
    this.#levels.push({ isArray, path, key: '' });
    this.#awaitsKey = !isArray;
  }

  #close(isArray: boolean): void {
    const level = this.#levels.pop();
    if (level === undefined || level.isArray !== isArray) throw this.#invalid('its brackets do not match');
    this.#awaitsKey = false;
  }

  #nameKey(text: string): void {
    const top = this.#top();
    if (top !== undefined) top.key = text.includes('\\') ? String(this.#parse(`"${text}"`)) : text;
    this.#awaitsKey = false;
  }

  #keep(text: string): void {
    this.#capturedLength += text.length;
    if (this.#capturedLength > MAX_VALUE_CHARACTERS) throw this.#invalid('one of its values is absurdly large');
    this.#captured?.push(text);
  }

  #release(rest: string): JsonValue {
    this.#keep(rest);
    const text = (this.#captured ?? []).join('');
    this.#captured = null;
    return { path: this.#capturePath, value: this.#parse(text) };
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#invalid(error instanceof Error ? error.message : String(error));
    }
  }

  #invalid(reason: string): StudioError {
    return new StudioError(
      'file-unreadable',
      'user',
      `${this.#file} is not sound JSON: ${reason}; nothing was changed.`,
    );
  }
}
