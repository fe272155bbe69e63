import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src-main/hosts/cli/program.ts';
import type { VerbContext } from '../../src-main/hosts/cli/verb-context.ts';
import { runServe } from '../../src-main/hosts/cli/verbs/serve.ts';

describe('an option whose value is empty, as of "$UNSET"', () => {
  it.each([
    { address: '', port: '0' },
    { address: ' ', port: '0' },
    { address: '127.0.0.1', port: '' },
  ])('serve listens nowhere: %j', async (flags) => {
    await expect(runServe({} as VerbContext, [], flags)).rejects.toMatchObject({ code: 'usage' });
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
