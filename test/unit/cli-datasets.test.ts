import { describe, expect, it, vi } from 'vitest';
import { parseDatasetOptions, parseStep } from '../../src-main/hosts/cli/parse-dataset-options.ts';
import { parseCommandLine } from '../../src-main/hosts/cli/program.ts';
import { datasetFormatSchema, defaultDatasetOptions } from '../../src-shared/contract/dataset-schemas.ts';

describe('dataset flags', () => {
  it('are the defaults when nothing is typed', () => {
    expect(parseDatasetOptions({ class: [] })).toEqual(defaultDatasetOptions);
  });

  it('are read as documented', () => {
    const flags = {
      class: ['1=player', '2=a = b'],
      classes: 'player, ball',
      objects: '1, 2',
      step: '5',
      tolerance: '.5',
      val: '0.2',
      onlyReviewed: true,
    };
    expect(parseDatasetOptions(flags)).toMatchObject({
      classOf: [
        { objectId: 1, className: 'player' },
        { objectId: 2, className: 'a = b' },
      ],
      classes: ['player', 'ball'],
      objectIds: [1, 2],
      step: 5,
      tolerance: 0.5,
      valFraction: 0.2,
      onlyReviewed: true,
    });
  });

  it('names a class that holds a comma or quotes', () => {
    const classes = (list: string) => parseDatasetOptions({ class: [], classes: list }).classes;
    expect(classes('"red, ball" , dog')).toEqual(['red, ball', 'dog']);
    expect(classes('dog,"the ""big"" one, left"')).toEqual(['dog', 'the "big" one, left']);
    expect(classes('tall "x",12" disc')).toEqual(['tall "x"', '12" disc']);
  });

  it.each([
    [{ step: '0' }, /--step counts frames/],
    [{ step: '-1' }, /--step "-1" is not a whole number/],
    [{ val: '1' }, /--val is not valid/],
    [{ val: 'x' }, /--val "x" is not a number/],
    [{ tolerance: '1000' }, /--tolerance is not valid/],
    [{ objects: '1,b' }, /--objects "b"/],
    [{ objects: '0' }, /--objects is not valid/],
    [{ classes: 'a,,b' }, /--classes is not valid/],
    [{ class: ['player'] }, /ID=NAME/],
  ])('%j is refused in one sentence', (flags, message) => {
    expect(() => parseDatasetOptions({ class: [], ...flags })).toThrow(message);
    expect(parseStep(undefined)).toBe(1);
  });

  it('help names every format, and both verbs have examples', () => {
    const shown: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => shown.push(String(text)) > 0);
    for (const verb of ['export', 'import']) {
      expect(parseCommandLine([verb, '--help'], '1')).toEqual({ kind: 'shown' });
      expect(shown.splice(0).join('')).toMatch(new RegExp(`Examples:\\n  masklet ${verb} `));
    }
    parseCommandLine(['export', '--help'], '1');
    write.mockRestore();
    const listed = shown.join('').split('Formats:')[1];
    for (const name of datasetFormatSchema.options) expect(listed).toContain(name);
  });
});
