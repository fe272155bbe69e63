import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { builtinModelsFolder, PackRuntime, readPack } from '../../src-main/core/models/index.ts';
import { measureBench } from '../../src-main/core/studio/reports/bench.ts';
import { findMediaTools } from '../../src-main/core/video/index.ts';
import { encodeIndexedPng } from '../support/indexed-png.ts';
import { picture, put as putInto, reportOf, tableOf } from '../support/report-files.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeTinyBackbone } from '../support/tiny-backbone.ts';
import { tinyGraphs, writeTinyPack } from '../support/tiny-pack.ts';

let work: ShellHere;
const put = (path: string, content: Buffer | string) => putInto(work, path, content);

beforeAll(() => {
  work = new ShellHere('reports');
  writeTinyPack(work.path('tiny'));
  // The decoder of the other pack answers with half the score: a planted mistake in one output of one graph.
  const graphs = tinyGraphs();
  const { mask_decoder: decoder } = graphs;
  const wrong = {
    ...decoder,
    constants: [...(decoder.constants ?? []), { name: 'half', dtype: 'f32' as const, dims: [1], values: [0.5] }],
    nodes: decoder.nodes.map((node) =>
      node.outputs[0] === 'iou_scores' ? { ...node, outputs: ['whole_scores'] } : node,
    ),
  };
  wrong.nodes.push({ op: 'Mul', inputs: ['whole_scores', 'half'], outputs: ['iou_scores'] });
  writeTinyPack(work.path('wrong'), { graphs: { mask_decoder: wrong }, manifest: { id: 'wrong' } });
  writeTinyPack(work.path('copy'), { manifest: { id: 'copy' } });
  writeTinyBackbone(work.path('backbone'));
});
afterAll(() => work[Symbol.asyncDispose]());

describe('eval', () => {
  test('PNG folders: scores, report files, and what is refused', async () => {
    const frames = [
      [0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 2, 2],
      [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 2, 2],
      [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 0, 0],
    ];
    for (const [at, labels] of frames.entries()) {
      put(`truth/0000${at}.png`, encodeIndexedPng(labels, 4));
      put(
        `found/1/0000${at}.png`,
        encodeIndexedPng(
          labels.map((id) => (id === 1 ? 1 : 0)),
          4,
        ),
      );
      // Object 2 loses half its pixels on the last frame.
      put(
        `found/2/0000${at}.png`,
        encodeIndexedPng(
          labels.map((id, pixel) => (id === 2 && !(at === 2 && pixel === 13) ? 1 : 0)),
          4,
        ),
      );
    }
    const args = ['eval', 'found', '--truth', 'truth', '--all-frames', '--out', 'report', '--json'];
    const result = await work.run(args);
    expect(result.stderr).not.toContain('masklet:');
    expect(result.status).toBe(0);
    const report = reportOf(result);
    const [row] = tableOf(report, 'Videos');
    // J of object 1 is 1, of object 2 (1 + 1 + 0.5) / 3; detection: 5 of 6 above every threshold, one at IoU 0.5.
    expect(row[4]).toBeCloseTo((100 * (1 + 2.5 / 3)) / 2, 9);
    expect(row[9]).toBeCloseTo(100, 9);
    expect(tableOf(report, 'Frames with the lowest J')[0].slice(1, 4)).toEqual([2, '00002', 50]);
    for (const name of ['report.json', 'report.md', 'report.html'])
      expect(existsSync(work.path('report', name))).toBe(true);
    expect(JSON.parse(readFileSync(work.path('report/report.json'), 'utf8')).data).toEqual(report.data);

    const again = await work.run(args);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('already exists and was left alone');
    rmSync(work.path('found/1/00001.png'));
    rmSync(work.path('found/2/00001.png'));
    const gap = await work.run(['eval', 'found', '--truth', 'truth']);
    expect(gap.status).toBe(2);
    expect(gap.stderr).toContain('has no frame 00001');
    put('small/00000.png', encodeIndexedPng([0, 1], 2));
    put('small/00001.png', encodeIndexedPng([0, 1], 2));
    put('small/00002.png', encodeIndexedPng([0, 1], 2));
    const size = await work.run(['eval', 'small', '--truth', 'truth']);
    expect([size.status, size.stderr]).toEqual([2, expect.stringContaining('is 2x1, the ground truth 4x4')]);
    const nothing = await work.run(['eval', 'nowhere', '--truth', 'truth']);
    expect([nothing.status, nothing.stderr]).toEqual([1, expect.stringContaining('does not exist')]);
  });
});

describe('eval --clicks', () => {
  test('clicks, tracks and scores in rounds; a PNG folder that is not one video is refused', async () => {
    for (let frame = 0; frame < 4; frame++) {
      const name = String(frame).padStart(5, '0');
      const square = { x: 12 + frame * 2, y: 20, side: 24 };
      put(`moving/${name}.png`, picture(96, 64, square, [230, 40, 40]));
      put(`moving-truth/${name}.png`, picture(96, 64, square, [255, 255, 255], 0));
    }
    const args = ['eval', 'moving', '--truth', 'moving-truth', '--clicks', '2', '--json'];
    const result = await work.run(args);
    expect(result.status, result.stderr).toBe(0);
    const { rounds } = reportOf(result).data as { rounds: { clicks: number; mean: { jf: number } }[] };
    // A figure says which state of a pack it is of.
    const { hash } = await readPack(join(builtinModelsFolder(), 'pebble'));
    const [, pack] = reportOf(result).facts.find(([name]) => name === 'pack')!;
    expect(pack).toContain(`pebble (${hash.slice(0, 8)}) on cpu`);
    expect(rounds.map(({ clicks }) => clicks)).toEqual([1, 2].slice(0, rounds.length));
    expect(rounds[0].mean.jf).toBeGreaterThan(0.5);
    // Frames that the ground truth does not begin with: the object is clicked where it is.
    for (let frame = 0; frame < 6; frame++) {
      const square = { x: 4 + frame * 10, y: 20, side: 20 };
      put(`far/0000${frame}.png`, picture(96, 64, square, [230, 40, 40]));
      if (frame > 2) put(`far-truth/0000${frame}.png`, picture(96, 64, square, [255, 255, 255], 0));
    }
    const far = await work.run(['eval', 'far', '--truth', 'far-truth', '--clicks', '1', '--json']);
    expect(far.status, far.stderr).toBe(0);
    expect((reportOf(far).data as { rounds: { mean: { j: number } }[] }).rounds[0].mean.j).toBeGreaterThan(0.5);
    const short = await work.run(['eval', 'moving', '--truth', 'far-truth', '--clicks', '1']);
    expect([short.status, short.stderr]).toEqual([2, expect.stringContaining('has a frame 00004')]);
    put('many/a/00000.png', encodeIndexedPng([0, 1], 2));
    put('many/b/00000.png', encodeIndexedPng([0, 1], 2));
    const many = await work.run(['eval', 'moving', '--truth', 'many', '--clicks', '1']);
    expect([many.status, many.stderr]).toEqual([2, expect.stringContaining('is not the masks of one video')]);
  });
});

/** A tiny pack for single pictures. */
const still = (id: string) => ({
  without: ['memory_encoder', 'memory_attention'],
  manifest: { id, tracker: null },
});

describe('models parity', () => {
  test('two copies of a pack pass, bit for bit', async () => {
    const result = await work.run(['models', 'parity', 'tiny', '--other', 'copy', '--frames', '2', '--json']);
    const report = reportOf(result);
    expect([result.status, report.verdict]).toEqual([0, 'PASS']);
    const rows = tableOf(report, 'Graph outputs');
    expect(rows.map(([graph]) => graph)).toEqual(
      expect.arrayContaining([
        'image_encoder',
        'mask_decoder',
        'memory_encoder',
        'memory_attention',
        'mask_prompt',
        'text_encoder',
        'detector',
      ]),
    );
    for (const row of rows) expect(row[6]).toBe(0);
    for (const [, frames, mean] of tableOf(report, 'End to end')) expect([frames, mean]).toEqual([2, 1]);
  });

  test('a planted mistake is found in its graph and output, and nowhere else', async () => {
    const result = await work.run([
      'models',
      'parity',
      'tiny',
      '--other',
      'wrong',
      '--frames',
      '1',
      '--json',
      '--out',
      'parity',
    ]);
    const report = reportOf(result);
    expect([result.status, report.verdict]).toEqual([1, 'FAIL']);
    const failed = tableOf(report, 'Graph outputs').filter((row) => row.at(-1) === 'FAIL');
    expect(failed.map(([graph, output]) => [graph, output])).toEqual([['mask_decoder', 'iou_scores']]);
    expect(readFileSync(work.path('parity/report.md'), 'utf8')).toContain('**FAIL**');
    const loose = ['cosine', 'mae', 'norm', 'trimmed'].flatMap((name) => ['--bound', `${name}=off`]);
    expect((await work.run(['models', 'parity', 'tiny', '--other', 'wrong', '--frames', '1', ...loose])).status).toBe(
      0,
    );
  });

  test('packs that do not track are clicked on every frame, and a mask that moved is found there', async () => {
    // Every mask is shifted by a constant: outside the clicked object, too, it is foreground.
    const { mask_decoder: decoder } = tinyGraphs();
    const shift = { name: 'shift', dtype: 'f32' as const, dims: [1], values: [100] };
    const moved = {
      ...decoder,
      constants: [...(decoder.constants ?? []), shift],
      nodes: [
        ...decoder.nodes.map((node) => (node.outputs[0] === 'masks' ? { ...node, outputs: ['unmoved'] } : node)),
        { op: 'Add', inputs: ['unmoved', 'shift'], outputs: ['masks'] },
      ],
    };
    writeTinyPack(work.path('still'), still('still'));
    writeTinyPack(work.path('still-copy'), still('still-copy'));
    writeTinyPack(work.path('still-moved'), { ...still('still-moved'), graphs: { mask_decoder: moved } });
    const compare = (other: string) => {
      const loose = ['cosine', 'mae', 'norm', 'trimmed'].flatMap((name) => ['--bound', `${name}=off`]);
      return work.run(['models', 'parity', 'still', '--other', other, '--frames', '2', '--json', ...loose]);
    };
    const same = reportOf(await compare('still-copy'));
    expect(same.verdict).toBe('PASS');
    for (const [, frames, mean] of tableOf(same, 'End to end')) expect([frames, mean]).toEqual([2, 1]);
    const other = reportOf(await compare('still-moved'));
    expect(other.verdict).toBe('FAIL');
    expect(tableOf(other, 'Bounds').map(([bound]) => bound)).toEqual(['mean mask IoU >= 0.99']);
  });

  test('backbones, and what cannot be compared', async () => {
    writeTinyBackbone(work.path('louder'), { id: 'louder', scale: 1.05 });
    writeTinyPack(work.path('twin'));
    const loud = await work.run(['models', 'parity', 'backbone', '--other', 'louder', '--frames', '2', '--json']);
    expect(reportOf(loud).verdict).toBe('FAIL');
    for (const [args, words] of [
      [['tiny'], 'Both sides are the same pack on the same device'],
      // Other names for the same: a copy of the folder, and "auto", which is the processor for backbones.
      [['tiny', '--other', 'twin'], 'Both sides are the same pack on the same device'],
      [['backbone', '--to', 'auto'], 'Both sides are the same pack on the same device'],
      [['tiny', '--other', 'backbone'], 'do not have the same graphs'],
      [['tiny', '--other', 'copy', '--bound', 'cosine=much'], 'give one of cosine'],
    ] as const) {
      const result = await work.run(['models', 'parity', ...args]);
      expect([result.status, result.stderr]).toEqual([2, expect.stringContaining(words)]);
    }
  });
});

describe('models list, verify, bench', () => {
  test('backbones are verified like other packs', async () => {
    expect((await work.run(['models', 'verify', 'backbone'])).stdout).toContain('PASS');
    writeTinyBackbone(work.path('home/models/damaged'), { id: 'damaged', sha256: '0'.repeat(64) });
    const damaged = await work.run(['models', 'verify', 'damaged']);
    expect([damaged.status, damaged.stderr]).toEqual([1, expect.stringContaining('is damaged or was changed')]);
    writeTinyBackbone(work.path('home/models/odd'), { id: 'odd', dims: 13 });
    expect((await work.run(['models', 'verify', 'odd'])).stderr).toContain('dimension 2 must be 13');
    const list = await work.run(['models', 'list', '--json']);
    expect(list.lines[0].packs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'damaged', kind: 'backbone' }),
        expect.objectContaining({ id: 'pebble', kind: 'segmenter' }),
      ]),
    );
    const track = await work.run(['track', 'x.mp4', '--pack', 'damaged', '--point', '1:0:1,1']);
    expect(track.status).toBe(1);
    const verdict = await work.run(['doctor']);
    expect(verdict.stdout).toContain('vectors of 12');
    expect(verdict.stdout).toMatch(/codecs +writes h264.*\d+ encoders, \d+ filters, \d+ formats/);
  });

  test.skipIf(process.platform === 'win32')('doctor says what this ffmpeg cannot do', async () => {
    const { ffmpeg } = await findMediaTools();
    // Its filters are printed as ffmpeg 8 does, one column less: what cannot be read is not said to be missing.
    const answers = [
      `*-encoders*) "${ffmpeg.path}" "$@" | grep -v libx264;;`,
      `*-filters*) echo ' TS scale             V->V       Scale.';;`,
      `*) exec "${ffmpeg.path}" "$@";;`,
    ];
    const script = `#!/bin/sh\ncase "$*" in ${answers.join(' ')} esac\n`;
    writeFileSync(work.path('poor-ffmpeg'), script, { mode: 0o755 });
    const verdict = await work.run(['doctor'], { FFMPEG_BIN: work.path('poor-ffmpeg') });
    expect(verdict.stdout).toContain('was built without libx264; name another one with FFMPEG_BIN');
  });

  test('doctor says which folders cannot be written', async () => {
    writeFileSync(work.path('in-the-way'), '');
    const { stdout, status } = await work.run(['doctor'], { MASKLET_HOME: join(work.path('in-the-way'), 'home') });
    expect([stdout.match(/cannot be written; name another place/g)?.length, status]).toEqual([5, 1]);
    expect((await work.run(['doctor'])).stdout).not.toContain('cannot be written');
  });

  test('end to end is the decoder too where a pack does not track', async () => {
    writeTinyPack(work.path('single'), still('single'));
    const decode = vi.spyOn(PackRuntime.prototype, 'decode');
    const wish = { packFolder: work.path('single'), device: 'cpu', threads: 1, outFolder: null, overwrite: false };
    const { signal } = new AbortController();
    const report = await measureBench({ ...wish, batchSizes: [1], warmUp: 0, repeats: 10 }, () => {}, signal);
    const phases = tableOf(report, 'Time of one call').map(([phase]) => phase);
    expect(phases).toEqual(['encode', 'prompt', 'post-process', 'end to end', 'detect']);
    // Opening and preparing decode too, before anything is timed.
    expect(decode.mock.calls.length).toBeGreaterThanOrEqual(20);
    expect(decode.mock.calls.length).toBeLessThan(30);
    decode.mockRestore();
  });

  test('every phase is timed, two runs compare', async () => {
    const bench = (out: string) =>
      work.run([
        'models',
        'bench',
        'tiny',
        '--batch',
        '1,3',
        '--warm-up',
        '1',
        '--repeats',
        '4',
        '--out',
        out,
        '--json',
      ]);
    const report = reportOf(await bench('bench-a'));
    const rows = tableOf(report, 'Time of one call');
    expect(rows.map(([phase, batch]) => `${phase} ${batch}`)).toEqual([
      'encode 1',
      ...[1, 3].flatMap((batch) =>
        ['prompt', 'attend', 'decode', 'remember', 'post-process', 'end to end'].map((phase) => `${phase} ${batch}`),
      ),
      'detect 1',
    ]);
    for (const [, , repeats, mean, p50, p90, min, max] of rows) {
      expect(repeats).toBe(4);
      expect(Number(min)).toBeLessThanOrEqual(Number(p50));
      expect(Number(p50)).toBeLessThanOrEqual(Number(p90));
      expect(Number(p90)).toBeLessThanOrEqual(Number(max));
      expect(Number(mean)).toBeGreaterThan(0);
    }
    await bench('bench-b');
    // A folder stands for the report in it.
    const compared = await work.run(['models', 'bench', '--compare', 'bench-a', 'bench-b/report.json', '--json']);
    expect(tableOf(reportOf(compared), 'Second run')).toHaveLength(rows.length);
    expect((await work.run(['models', 'bench', '--compare', 'bench-a/report.json', 'tiny/pack.json'])).status).toBe(1);
  });
});
