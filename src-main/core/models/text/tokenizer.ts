/** One phrase as the text encoder takes it. */
export interface TokenizedPhrase {
  /** Equal keys mean equal tokens: the cache key of the phrase's features. */
  readonly key: string;
  /** [contextLength]; unused positions hold the pad id. */
  readonly ids: Int32Array;
  /** [contextLength] 1 where the token counts. */
  readonly valid: Uint8Array;
}

/** Turns phrases into token ids; one kind per vocabulary. */
export interface Tokenizer {
  /** Throws `word-unknown` for a closed vocabulary, `prompt-invalid` for a phrase without words. */
  tokenize(phrase: string): TokenizedPhrase;
}
