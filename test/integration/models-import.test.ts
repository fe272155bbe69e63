import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importPack } from '../../src-main/core/models/index.ts';
import { walkingSquare } from '../support/engine-host.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeSamexporterSam1, writeSamexporterSam2, writeTransformersSam2 } from '../support/tiny-exports.ts';
import { encodeOnnx } from '../support/tiny-onnx.ts';
import { tinyGraphs, writeTinyPack } from '../support/tiny-pack.ts';

describe('masklet models import', () => {
  const workspace = new ShellHere('import');
  const installed = (id: string) => workspace.path('home/models', id);
  let picture = '';
  beforeAll(() => {
    // 96x48: wider than high, so that padding shows.
    picture = `${walkingSquare(workspace.path('pictures'), 1, 96, 48)}/000.png`;
  });
  afterAll(() => workspace[Symbol.asyncDispose]());
  const segment = async (pack: string, ...flags: string[]) => {
    const out = workspace.path(`${pack}.png`);
    const result = await workspace.run([
      'segment',
      picture,
      '--pack',
      pack,
      ...flags,
      '--out',
      out,
      '--overwrite',
      '--json',
    ]);
    return { ...result, png: existsSync(out) ? PNG.sync.read(readFileSync(out)) : null };
  };

  it.each([
    ['samexporter-sam2', writeSamexporterSam2],
    ['samexporter-sam1', writeSamexporterSam1],
    ['transformers-sam2', writeTransformersSam2],
  ] as const)(
    'makes an image pack of a %s folder, says why it cannot track, and segments with it',
    async (layout, make) => {
      const source = make(workspace.path('downloads', layout));
      // What an import left that was killed, and what one has that is running: this process.
      for (const left of [999999999, '999999999-0a1b', process.pid]) {
        mkdirSync(installed(`.import-${left}`), { recursive: true });
      }
      const result = await workspace.run(['models', 'import', source, '--json']);
      expect(result.stderr).toContain('it has no memory_encoder and no memory_attention graph');
      expect(result.status).toBe(0);
      expect(result.lines[0]).toMatchObject({ type: 'pack', packId: layout, imageSize: 64 });
      const drafts = readdirSync(installed('.')).filter((name) => name.startsWith('.import-'));
      expect(drafts).toEqual([`.import-${process.pid}`]);
      const manifest = JSON.parse(readFileSync(`${installed(layout)}/pack.json`, 'utf8'));
      expect(manifest).toMatchObject({ layout, tracker: null, grid: 4, lowres: 16 });
      const { status, png, lines } = await segment(layout, '--point', '16,24');
      expect(status).toBe(0);
      expect(lines[0]).toMatchObject({ present: true, packId: layout });
      // The square lies at x 8..23, y 16..31. SAM 1's stand-in sees coarse cells: 24 pixels wide and, because the frame keeps its
      // shape, 24 high (they would be 12 high in a stretched one).
      const coarse = layout === 'samexporter-sam1';
      expect([valueAt(png, 16, 24), valueAt(png, 70, 24), valueAt(png, 16, 2)]).toEqual([255, 0, coarse ? 255 : 0]);
      const track = await workspace.run([
        'track',
        picture,
        '--pack',
        layout,
        '--point',
        '1:0:16,24',
        '--session',
        't.masklet',
      ]);
      expect(track.status).toBe(1);
      expect(track.stderr).toContain('[pack-cannot-track]');
      expect(track.stderr).toContain('cannot track, because it has no memory_encoder and no memory_attention graph;');
      expect(track.stderr).not.toContain('Tracking with');
    },
  );

  it('feeds a correction with the logits before it where the export takes them', async () => {
    const session = workspace.path('corrected.masklet');
    const once = await segment('samexporter-sam2', '--point', '16,24', '--session', session);
    const twice = await segment('samexporter-sam2', '--point', '20,26', '--session', session);
    expect([once.status, twice.status]).toEqual([0, 0]);
    expect(Number(twice.lines[0].predictedIou)).toBeGreaterThan(Number(once.lines[0].predictedIou));
  });

  it('hands a box over as a box', async () => {
    const { status, lines } = await segment('transformers-sam2', '--box', '6,12,12,12');
    expect(status).toBe(0);
    // The tiny score is the sum of the box's corners in model pixels: 64/96 of x, 64/48 of y.
    expect(Number(lines[0].objectScoreLogit)).toBeCloseTo(((6 + 18) * 64) / 96 + ((12 + 24) * 64) / 48, 3);
  });

  it('copies a pack of our own, once', async () => {
    const source = writeTinyPack(workspace.path('downloads/own'));
    expect((await workspace.run(['models', 'import', source])).status).toBe(0);
    expect(existsSync(`${installed('tiny')}/pack.json`)).toBe(true);
    const again = await workspace.run(['models', 'import', source]);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('there is a pack "tiny" already');
    const named = await workspace.run(['models', 'import', source, '--id', 'tiny-2', '--json']);
    expect(named.lines[0]).toMatchObject({ type: 'pack', packId: 'tiny-2', folder: installed('tiny-2') });
    expect((await segment('tiny-2', '--point', '16,24')).status).toBe(0);
  });

  it('takes several at once in one process', async () => {
    const into = workspace.path('at-once');
    const ids = ['one', 'two', 'three'];
    const imports = ids.map((id) => {
      const folder = writeTinyPack(workspace.path('downloads', id));
      return importPack(folder, { into, known: [into], id });
    });
    expect((await Promise.all(imports)).map(({ id }) => id)).toEqual(ids);
    expect(readdirSync(into).sort()).toEqual([...ids].sort());
  });

  it('refuses an id that the built-in pack has: the built-in one would be used for ever', async () => {
    const source = writeTinyPack(workspace.path('downloads/pebble'));
    const result = await workspace.run(['models', 'import', source, '--id', 'pebble']);
    expect(result.stderr).toContain('there is a pack "pebble" already; give another --id');
    expect(existsSync(installed('pebble'))).toBe(false);
  });

  it('refuses what it does not know in one sentence and leaves nothing behind', async () => {
    const before = readdirSync(installed(''));
    mkdirSync(workspace.path('empty'));
    const empty = await workspace.run(['models', 'import', workspace.path('empty')]);
    expect(empty.stderr).toMatch(/Nothing was imported: .* holds neither pack.json nor an ONNX file/);
    const half = writeSamexporterSam2(workspace.path('downloads/half'));
    rmSync(`${half}/tiny.decoder.onnx`);
    const missing = await workspace.run(['models', 'import', half]);
    expect(missing.stderr).toMatch(/tiny.encoder.onnx: no image encoder with its mask decoder of a kind that is known/);
    const broken = writeSamexporterSam2(workspace.path('downloads/broken'));
    writeFileSync(`${broken}/tiny.decoder.onnx`, encodeOnnx(tinyGraphs().mask_prompt));
    expect((await workspace.run(['models', 'import', broken])).status).toBe(1);
    expect((await workspace.run(['models', 'import', workspace.path('nowhere')])).stderr).toContain('[file-missing]');
    expect(readdirSync(installed(''))).toEqual(before);
  });
});

function valueAt(png: PNG | null, x: number, y: number): number | null {
  return png === null ? null : png.data[(y * png.width + x) * 4];
}
