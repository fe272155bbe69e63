import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src-main/hosts/cli/program.ts';
import type { VerbContext } from '../../src-main/hosts/cli/verb-context.ts';
import { runServe } from '../../src-main/hosts/cli/verbs/serve.ts';
import { promptInputSchema } from '../../src-shared/contract/schemas.ts';

describe('an option whose value is empty, as of "$UNSET"', () => {
  it.each([
    { address: '', port: '0' },
    { address: ' ', port: '0' },
    { address: '127.0.0.1', port: '' },
  ])('serve listens nowhere: %j', async (flags) => {
    await expect(runServe({} as VerbContext, [], flags)).rejects.toMatchObject({ code: 'usage' });
  });

  it.each([
    [['track', 'clip.mp4', '--text', ''], '--text "" has no word'],
    [['track', 'clip.mp4', '--text', ' '], '--text " " has no word'],
    [['segment', 'a.png', '--out', 'b.png', '--text', ''], '--text "" has no word'],
    [['track', ''], '"" names no file or folder'],
    [['info', ' '], '" " names no file or folder'],
    [['models', 'import', ''], '"" names no file or folder'],
  ])('%j is refused with what is missing', async (argv, sentence) => {
    const run = async () => {
      const command = parseCommandLine(argv, '1');
      if (command.kind === 'run') await command.run({} as VerbContext);
    };
    await expect(run()).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining(sentence) });
  });

  it('a phrase without a word is refused wherever it comes from', () => {
    const blank = promptInputSchema.safeParse({ kind: 'text', phrase: ' ', frameIndex: 0 });
    expect(blank.error?.issues[0].message).toBe('a phrase needs at least one word');
  });

  it.each([
    ['parity', '--bound', 'cosine='],
    ['parity', '--bound', 'cosine'],
    ['parity', '--bound', 'cosine=1=2'],
    ['bench', '--warm-up', ''],
  ])('models %s %s "%s" is refused and no number', (verb, flag, value) => {
    expect(() => parseCommandLine(['models', verb, 'pebble', flag, value], '1')).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
    expect(parseCommandLine(['models', 'parity', 'pebble', '--bound', 'iou=off'], '1').kind).toBe('run');
  });
});
