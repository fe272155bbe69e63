import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ClipTokenizer } from '../../src-main/core/models/index.ts';

const folder = resolve(import.meta.dirname, '../../../shared/fixtures/tokenizer');
const present = existsSync(folder);
if (!present) console.log('Tokenizer goldens skipped: ../shared/fixtures is not here.');

interface TokenCase {
  readonly text: string;
  readonly ids: readonly number[];
  readonly valid: readonly number[];
}

describe.skipIf(!present)('CLIP tokenizer against the reference', () => {
  const read = () => {
    const vocabulary = gunzipSync(readFileSync(resolve(folder, 'bpe_simple_vocab_16e6.txt.gz'))).toString('utf8');
    const tokens = JSON.parse(readFileSync(resolve(folder, 'tokens.json'), 'utf8'));
    return { vocabulary, tokens, cases: tokens.cases as readonly TokenCase[] };
  };

  test('every string gives the same ids and the same mask', () => {
    const { vocabulary, tokens, cases } = read();
    const tokenizer = new ClipTokenizer(vocabulary, tokens);
    expect([tokenizer.startId, tokenizer.endId]).toEqual([tokens.startId, tokens.endId]);
    const wrong = cases.flatMap(({ text, ids, valid }) => {
      const found = tokenizer.tokenize(text);
      const same = ids.join() === [...found.ids].join() && valid.join() === [...found.valid].join();
      return same ? [] : [{ text, ids: ids.join(), found: [...found.ids].join() }];
    });
    expect(cases.length).toBe(100);
    expect(wrong).toEqual([]);
  });

  test('a vocabulary with its merges in another order gives other ids', () => {
    const { vocabulary, tokens, cases } = read();
    const lines = vocabulary.split('\n');
    lines.splice(1, 2000, ...lines.slice(1, 2001).reverse());
    const tokenizer = new ClipTokenizer(lines.join('\n'), tokens);
    const wrong = cases.filter(({ text, ids }) => [...tokenizer.tokenize(text).ids].join() !== ids.join());
    expect(wrong.length).toBeGreaterThan(0);
  });
});
