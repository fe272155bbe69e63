import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import type { WordsText } from '../manifest.ts';
import type { TokenizedPhrase, Tokenizer } from './tokenizer.ts';

/** Words that carry no meaning of their own; skipped unless the pack knows them. */
const articles: ReadonlySet<string> = new Set(['a', 'an', 'the']);

/** A closed vocabulary: lower case, split on spaces and hyphens, synonyms, a final plural "s". */
export class WordsTokenizer implements Tokenizer {
  readonly #packId: string;
  readonly #text: WordsText;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #synonyms: ReadonlyMap<string, string>;

  constructor(packId: string, text: WordsText) {
    this.#packId = packId;
    this.#text = text;
    const entries: readonly (readonly [string, number])[] = Array.isArray(text.words)
      ? text.words.map((word, index) => [word, index + 1] as const)
      : Object.entries(text.words);
    this.#ids = new Map(entries);
    this.#synonyms = new Map(Object.entries(text.synonyms));
  }

  tokenize(phrase: string): TokenizedPhrase {
    const words = phrase
      .toLowerCase()
      .split(/[\s\p{Pd}]+/u)
      .map((word) => word.replace(/^[.,;:!?"']+|[.,;:!?"']+$/g, ''))
      .filter((word) => word !== '' && (!articles.has(word) || this.#ids.has(word)));
    const { contextLength, padId } = this.#text;
    if (words.length === 0 || words.length > contextLength) {
      throw new StudioError(
        'prompt-invalid',
        'user',
        `The phrase "${phrase}" has ${words.length} words; give between 1 and ${contextLength}, such as "${this.#someWords(2)}".`,
        { details: { phrase } },
      );
    }
    const found = words.map((word) => this.#idOf(word, phrase));
    const ids = new Int32Array(contextLength).fill(padId);
    ids.set(found);
    const valid = new Uint8Array(contextLength).fill(1, 0, found.length);
    return { key: found.join(' '), ids, valid };
  }

  #idOf(word: string, phrase: string): number {
    const forms = word.endsWith('s') ? [word, word.slice(0, -1)] : [word];
    for (const form of forms) {
      const id = this.#ids.get(this.#synonyms.get(form) ?? form) ?? this.#ids.get(form);
      if (id !== undefined) return id;
    }
    throw new StudioError(
      'word-unknown',
      'user',
      `The model pack "${this.#packId}" does not know the word "${word}"; it knows ${this.#knownWords()}; for any phrase install a SAM 3 pack.`,
      { details: { word, phrase, pack: this.#packId } },
    );
  }

  #knownWords(): string {
    const { groups } = this.#text;
    if (groups === undefined) return [...this.#ids.keys()].join(', ');
    return Object.entries(groups)
      .map(([heading, words]) => `${heading}: ${words.join(', ')}`)
      .join('; ');
  }

  #someWords(count: number): string {
    return [...this.#ids.keys()].slice(0, count).join(' ');
  }
}
