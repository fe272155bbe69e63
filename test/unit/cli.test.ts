import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { progressText } from '../../src-main/hosts/cli/console-output.ts';
import { exitStatusOf } from '../../src-main/hosts/cli/exit-status.ts';
import { parsePrompts, parseRange } from '../../src-main/hosts/cli/parse-prompts.ts';
import { parseCommandLine } from '../../src-main/hosts/cli/program.ts';
import { cancelled, StudioError } from '../../src-shared/errors/studio-error.ts';

const none = { text: [], point: [], box: [], mask: [], prompts: undefined };

describe('prompt flags', () => {
  it('reads points, boxes, masks and phrases', () => {
    const prompts = parsePrompts(
      {
        ...none,
        text: [' red thing '],
        point: ['1:0:320.5,180', '2:7:4,5,-'],
        box: ['3:2:1,2,30,40'],
        mask: ['4:0:C:\\a b.png'],
      },
      5,
    );
    expect(prompts).toEqual([
      { kind: 'text', phrase: 'red thing', frameIndex: 5 },
      { kind: 'mask', objectId: 4, frameIndex: 0, pngPath: 'C:\\a b.png' },
      { kind: 'box', objectId: 3, frameIndex: 2, box: { x: 1, y: 2, width: 30, height: 40 } },
      { kind: 'point', objectId: 1, frameIndex: 0, point: { x: 320.5, y: 180 }, include: true },
      { kind: 'point', objectId: 2, frameIndex: 7, point: { x: 4, y: 5 }, include: false },
    ]);
  });

  it.each([
    ['point', '1:0'],
    ['point', '1:0:a,b'],
    ['point', '0:0:1,1'],
    ['point', '1:0:1,1,x'],
    ['box', '1:0:1,1,5'],
    ['box', '1:0:1,1,0,5'],
    ['mask', '1:0:'],
    ['text', '  '],
  ] as const)('refuses --%s %s with the flag named', (flag, value) => {
    expect(() => parsePrompts({ ...none, [flag]: [value] }, 0)).toThrowError(
      expect.objectContaining({ code: 'usage' }),
    );
    expect(() => parsePrompts({ ...none, [flag]: [value] }, 0)).toThrow(`--${flag}`);
  });

  it('reads a prompt file and names the bad field of a wrong one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'masklet-cli-'));
    const good = join(folder, 'good.json');
    writeFileSync(good, JSON.stringify({ prompts: [{ kind: 'text', phrase: 'ball', frameIndex: 0 }] }));
    expect(parsePrompts({ ...none, prompts: good }, 0)).toHaveLength(1);
    const marked = join(folder, 'marked.json');
    writeFileSync(marked, `\ufeff${readFileSync(good, 'utf8')}`);
    expect(parsePrompts({ ...none, prompts: marked }, 0)).toHaveLength(1);
    const bad = join(folder, 'bad.json');
    writeFileSync(bad, JSON.stringify({ prompts: [{ kind: 'box', objectId: 1, frameIndex: 0 }] }));
    expect(() => parsePrompts({ ...none, prompts: bad }, 0)).toThrow('prompts.0.box');
    expect(() => parsePrompts({ ...none, prompts: join(folder, 'none.json') }, 0)).toThrow('cannot be read');
  });

  it('reads ranges', () => {
    expect(parseRange(undefined)).toEqual({ first: null, last: null });
    expect(parseRange('3:9')).toEqual({ first: 3, last: 9 });
    expect(parseRange('3:')).toEqual({ first: 3, last: null });
    expect(parseRange(':9')).toEqual({ first: null, last: 9 });
    for (const bad of [':', '9', 'a:b', '-1:4']) expect(() => parseRange(bad)).toThrow('--range');
    expect(() => parseRange('9:3')).toThrowError(expect.objectContaining({ code: 'range-invalid' }));
  });
});

describe('command line', () => {
  it('refuses what it does not know as usage', () => {
    for (const argv of [
      ['nonsense'],
      ['track'],
      ['track', 'a.mp4', '--wat'],
      ['export', 's', '--format', 'xml', '--out', 'x'],
      [],
    ]) {
      expect(() => parseCommandLine(argv, '1.0.0')).toThrowError(expect.objectContaining({ code: 'usage' }));
    }
  });

  it('shows help and version without running anything', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(parseCommandLine(['--version'], '9.9.9').kind).toBe('shown');
    expect(parseCommandLine(['--help'], '9.9.9').kind).toBe('shown');
    expect(write.mock.calls.flat().join('')).toContain('Examples:');
    write.mockRestore();
  });

  it('maps errors to exit statuses', () => {
    expect(exitStatusOf(cancelled())).toBe(130);
    expect(exitStatusOf(new StudioError('prompt-outside-frame', 'user', ''))).toBe(2);
    expect(exitStatusOf(new StudioError('file-missing', 'user', ''))).toBe(1);
  });

  it('draws progress with speed and remaining time', () => {
    expect(progressText('tracking', 30, 120, 3)).toBe(
      'tracking [######------------------] 30/120 frames  10.0 fps  ETA 0:09',
    );
    expect(progressText('indexing', 30, null, 3)).toBe('indexing 30 frames  10.0 fps');
  });
});
