import { cleanText } from './clean-text.ts';
import type { TokenizedPhrase, Tokenizer } from './tokenizer.ts';

/** Merges of CLIP's vocabulary: 49152 - 256 - 2 lines after the header (sam3/model/tokenizer_ve.py). */
const MAX_MERGES = 49_152 - 256 - 2;
const START = '<start_of_text>';
const END = '<end_of_text>';
const WORD_END = '</w>';
const pieces = /<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu;

/** Byte -> printable character, in the order that gives the first 256 ids. */
const byteCharacters: readonly (readonly [number, string])[] = orderedByteCharacters();
const characterOfByte: ReadonlyMap<number, string> = new Map(byteCharacters);
const encoder = new TextEncoder();

/**
 * CLIP's byte-pair encoding, exactly as SAM 3 uses it: start id, tokens, end id, then padding. A phrase that is too long keeps its
 * first tokens and ends with the end id. Source: OpenAI CLIP `SimpleTokenizer`, sam-pipeline 1.3.
 */
export class ClipTokenizer implements Tokenizer {
  readonly startId: number;
  readonly endId: number;
  readonly #contextLength: number;
  readonly #padId: number;
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #ids: ReadonlyMap<string, number>;

  /** `vocabulary`: text of `bpe_simple_vocab_16e6.txt` (a header line, then one merge a line) or of a shorter list of its form. */
  constructor(vocabulary: string, options: { readonly contextLength: number; readonly padId: number }) {
    const merges = vocabulary
      .split('\n')
      .slice(1, MAX_MERGES + 1)
      .map((line) => line.trimEnd())
      .filter((line) => line.includes(' '));
    const single = byteCharacters.map(([, character]) => character);
    const symbols = [
      ...single,
      ...single.map((character) => character + WORD_END),
      ...merges.map((merge) => merge.replace(' ', '')),
      START,
      END,
    ];
    this.#ranks = new Map(merges.map((merge, rank) => [merge, rank]));
    this.#ids = new Map(symbols.map((symbol, id) => [symbol, id]));
    this.startId = symbols.length - 2;
    this.endId = symbols.length - 1;
    this.#contextLength = options.contextLength;
    this.#padId = options.padId;
  }

  tokenize(phrase: string): TokenizedPhrase {
    const key = cleanText(phrase);
    const all = [this.startId, ...this.#tokens(key), this.endId];
    const length = Math.min(all.length, this.#contextLength);
    const ids = new Int32Array(this.#contextLength).fill(this.#padId);
    ids.set(all.slice(0, length));
    ids[length - 1] = this.endId;
    // The reference masks by value, not by position: id 0 (a bare "!" inside a word) is masked as well.
    const valid = Uint8Array.from(ids, (id, at) => (at < length && id !== 0 ? 1 : 0));
    return { key, ids, valid };
  }

  #tokens(text: string): number[] {
    const tokens: number[] = [];
    for (const [piece] of text.matchAll(pieces)) {
      for (const symbol of this.#merge(piece)) {
        const id = this.#ids.get(symbol);
        if (id !== undefined) tokens.push(id);
      }
    }
    return tokens;
  }

  /** Applies the merge of the lowest rank until none applies. */
  #merge(piece: string): readonly string[] {
    if (piece === START || piece === END) return [piece];
    let symbols = Array.from(encoder.encode(piece), (byte) => characterOfByte.get(byte) ?? '');
    symbols[symbols.length - 1] += WORD_END;
    while (symbols.length > 1) {
      let best = Number.POSITIVE_INFINITY;
      let pair = '';
      for (let at = 0; at + 1 < symbols.length; at++) {
        const candidate = `${symbols[at]} ${symbols[at + 1]}`;
        const rank = this.#ranks.get(candidate);
        if (rank === undefined || rank >= best) continue;
        best = rank;
        pair = candidate;
      }
      if (pair === '') break;
      symbols = merged(symbols, pair);
    }
    return symbols;
  }
}

function merged(symbols: readonly string[], pair: string): string[] {
  const result: string[] = [];
  for (let at = 0; at < symbols.length; at++) {
    if (at + 1 < symbols.length && `${symbols[at]} ${symbols[at + 1]}` === pair) {
      result.push(symbols[at] + symbols[at + 1]);
      at++;
    } else result.push(symbols[at]);
  }
  return result;
}

/** Printable Latin-1 stands for itself and comes first; the other bytes follow as U+0100, U+0101... */
function orderedByteCharacters(): [number, string][] {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const rest = bytes.filter((byte) => !printable(byte));
  return [
    ...bytes.filter(printable).map((byte): [number, string] => [byte, String.fromCharCode(byte)]),
    ...rest.map((byte, index): [number, string] => [byte, String.fromCharCode(0x100 + index)]),
  ];
}
