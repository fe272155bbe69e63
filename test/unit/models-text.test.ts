import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ClipTokenizer, loadTokenizer, readPack, WordsTokenizer } from '../../src-main/core/models/index.ts';
import { cleanText, repairText } from '../../src-main/core/models/text/clean-text.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

/** A header and five merges, made by hand. */
const merges = ['#version: tiny', 'd o', 'do g</w>', 'c a', 'ca t</w>', 'do g'].join('\n');
const first = 512;
const ids = (text: string, contextLength = 8) => {
  const { ids: found, valid } = new ClipTokenizer(merges, { contextLength, padId: 0 }).tokenize(text);
  return { ids: [...found], valid: [...valid] };
};
const [start, end] = [first + 5, first + 6];
/** Id of a character that ends a word. */
const last = (char: string) => 256 + char.charCodeAt(0) - 0x21;

describe('CLIP byte pairs', () => {
  test('merges by rank, ends each word, pads with zero', () => {
    expect(ids('Dog  CAT').ids).toEqual([start, first + 1, first + 3, end, 0, 0, 0, 0]);
    expect(ids('dogs').ids).toEqual([start, first + 4, last('s'), end, 0, 0, 0, 0]);
    expect(ids('').ids).toEqual([start, end, 0, 0, 0, 0, 0, 0]);
  });

  test('splits contractions, digits and punctuation', () => {
    expect(ids("dog's").ids.slice(0, 4)).toEqual([start, first + 1, "'".charCodeAt(0) - 0x21, last('s')]);
    expect(ids('42').ids.slice(0, 4)).toEqual([start, last('4'), last('2'), end]);
    expect(ids('dog!').ids.slice(0, 4)).toEqual([start, first + 1, last('!'), end]);
  });

  test('a phrase that is too long keeps its beginning and its end token', () => {
    const { ids: found, valid } = ids('dog dog dog dog', 4);
    expect(found).toEqual([start, first + 1, first + 1, end]);
    expect(valid).toEqual([1, 1, 1, 1]);
  });

  test('id 0 counts for nothing, as in the reference', () => {
    expect(ids('!!').ids.slice(0, 4)).toEqual([start, 0, last('!'), end]);
    expect(ids('!!').valid).toEqual([1, 0, 1, 1, 0, 0, 0, 0]);
  });

  test('one key for every spelling', () => {
    const tokenizer = new ClipTokenizer(merges, { contextLength: 8, padId: 0 });
    expect(tokenizer.tokenize(' Dog\tcat ').key).toBe(tokenizer.tokenize('dog cat').key);
  });
});

describe('cleaning', () => {
  test.each([
    ['A  B\n c', 'a b c'],
    ['&amp;amp; &eacute;&#233;&#xE9;', '& ééé'],
    ['“x” ‘y’', '"x" \'y\''],
    ['ﬁ ﬃ ǆ', 'fi ffi dž'],
    ['schÃ¶n', 'schön'],
    ['Ã©tÃ©', 'été'],
    ['中文 Ã©tÃ©', '中文 été'],
    ['“Ã©tÃ©”', '"été"'],
    ['Ð¿Ñ\x80', 'пр'],
    ['ðŸ\x90¶', '🐶'],
    ['Å‚', 'ł'],
    ['cafe\u0301', 'café'],
    ['ＡＢＣ', 'abc'],
    ['a\u0000b\ufeffc', 'abc'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['5 &lt; 6', '5 < 6'],
    ['AT&T &unknown;', 'at&t &unknown;'],
  ])('%j becomes %j', (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  test.each(['été', 'Straße', 'Spaß»', 'CAFÉ®', 'Ünïcödé', '中文', '½ cup', '100 €', '🐶'])(
    '%s is not "repaired"',
    (text) => {
      expect(repairText(text)).toBe(text);
    },
  );
});

describe('a closed vocabulary', () => {
  const tokenizer = new WordsTokenizer('pebble', {
    kind: 'words',
    contextLength: 4,
    padId: 0,
    words: ['red', 'ball', 'moving'],
    synonyms: { sphere: 'ball' },
    groups: { colours: ['red'], things: ['ball', 'moving'] },
  });
  const tokens = (phrase: string) => [...tokenizer.tokenize(phrase).ids];

  test('spaces, hyphens, case, articles, plurals and synonyms', () => {
    expect(tokens('the Red-Ball')).toEqual([1, 2, 0, 0]);
    expect(tokens('red spheres.')).toEqual([1, 2, 0, 0]);
    expect([...tokenizer.tokenize('a moving ball').valid]).toEqual([1, 1, 0, 0]);
    expect(tokenizer.tokenize('RED sphere').key).toBe(tokenizer.tokenize('red ball').key);
  });

  test('a table of ids is taken as it is', () => {
    const table = { kind: 'words', contextLength: 2, padId: 9, words: { red: 4 }, synonyms: {} } as const;
    expect([...new WordsTokenizer('x', table).tokenize('red').ids]).toEqual([4, 9]);
  });

  test('an unknown word names itself, what is known and what to install', () => {
    expect(() => tokens('red zebra')).toThrow(
      expect.objectContaining({
        code: 'word-unknown',
        kind: 'user',
        message: expect.stringMatching(/"pebble".*"zebra".*colours: red; things: ball, moving.*SAM 3 pack/),
      }),
    );
    expect(() => tokens('toString')).toThrow(expect.objectContaining({ code: 'word-unknown' }));
  });

  test('no words and too many words are refused', () => {
    for (const phrase of ['', ' - ', 'the', 'red red red red red']) {
      expect(() => tokens(phrase)).toThrow(expect.objectContaining({ code: 'prompt-invalid' }));
    }
  });
});

describe('the vocabulary file of a pack', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'masklet-vocab-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const zipped = gzipSync(merges);
  const sha256 = createHash('sha256').update(zipped).digest('hex');
  const text = { contextLength: 8, padId: 0, vocab: 'bpe.txt.gz', vocabSha256: sha256, vocabBundled: false };
  const pack = (name: string) => readPack(writeTinyPack(join(root, name), { manifest: { text } }));

  test('is found in the pack or in a folder of vocabularies, and checked', async () => {
    const inside = await pack('inside');
    writeFileSync(join(inside.folder, 'bpe.txt.gz'), zipped);
    expect([...(await loadTokenizer(inside, [])).tokenize('dog').ids].slice(0, 3)).toEqual([start, first + 1, end]);
    writeFileSync(join(root, 'bpe.txt.gz'), zipped);
    await expect(loadTokenizer(await pack('outside'), [root])).resolves.toBeInstanceOf(ClipTokenizer);
    writeFileSync(join(inside.folder, 'bpe.txt.gz'), gzipSync('something else'));
    await expect(loadTokenizer(inside, [])).rejects.toMatchObject({ code: 'pack-hash-mismatch' });
  });

  test('missing, it is named with its hash and what to do', async () => {
    await expect(loadTokenizer(await pack('missing'), [])).rejects.toMatchObject({
      code: 'pack-invalid',
      message: expect.stringMatching(new RegExp(`bpe\\.txt\\.gz \\(SHA-256 ${sha256}\\).*into the pack folder`)),
    });
  });
});
