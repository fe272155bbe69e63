import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint, type ImageResult, writeWholeFile } from '../../src-main/core/reports/index.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'masklet-coco-'));
  path = join(folder, 'checkpoint.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Some 1.5 KB a picture. */
const pictures = Array.from({ length: 200 }, (_, at): ImageResult => {
  const segmentation = { size: [2, 3] as const, counts: 'x'.repeat(1500) };
  return { imageId: at, results: [{ image_id: at, category_id: 1, bbox: [0, 0, 1, 1], score: 0.5, segmentation }] };
});

async function saved(): Promise<string> {
  const checkpoint = new Checkpoint(path, 'a');
  for (const picture of pictures) checkpoint.add(picture);
  await checkpoint.save();
  return readFileSync(path, 'utf8');
}

describe('a checkpoint', () => {
  it('gives back what was saved, without the line that was cut off, and goes on behind it', async () => {
    const text = await saved();
    writeFileSync(path, text.slice(0, -700));
    const checkpoint = new Checkpoint(path, 'a');
    expect(await checkpoint.load()).toEqual(pictures.slice(0, -1));
    checkpoint.add(pictures[199]);
    await checkpoint.save();
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it.each([0, 7])('without a whole first line (%i characters) there was no run', async (length) => {
    const text = await saved();
    writeFileSync(path, text.slice(0, length));
    const checkpoint = new Checkpoint(path, 'a');
    expect(await checkpoint.load()).toEqual([]);
    for (const picture of pictures) checkpoint.add(picture);
    await checkpoint.save();
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('another run, a damaged file and one that cannot be read are errors, and left alone', async () => {
    expect(await new Checkpoint(path, 'a').load()).toEqual([]);
    const text = await saved();
    await expect(new Checkpoint(path, 'b').load()).rejects.toMatchObject({ code: 'output-exists' });
    const damaged = text.replace('"imageId":3', '"imageId:3');
    writeFileSync(path, damaged);
    await expect(new Checkpoint(path, 'a').load()).rejects.toThrow('checkpoint.jsonl cannot be read after 3 pictures');
    expect(readFileSync(path, 'utf8')).toBe(damaged);
    rmSync(path);
    mkdirSync(path);
    await expect(new Checkpoint(path, 'a').load()).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});

it('a whole file may come in parts', async () => {
  await writeWholeFile(join(folder, 'parts.json'), ['[1', ',2', ']']);
  expect(readFileSync(join(folder, 'parts.json'), 'utf8')).toBe('[1,2]');
});
