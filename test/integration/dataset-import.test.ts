import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createSession,
  openSessionReader,
  openSessionWriter,
  type SessionWriter,
} from '../../src-main/core/store/index.ts';
import { ImportRun } from '../../src-main/core/studio/session/index.ts';
import type { DatasetEntry } from '../../src-main/core/studio/threads/index.ts';
import { findMediaTools, openVideo, readFrame, type VideoSource } from '../../src-main/core/video/index.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { maskIou } from '../../src-shared/mask/rle.ts';
import { discMask } from '../support/export-fakes.ts';
import { repositoryRoot } from '../support/run-cli.ts';
import { ShellHere } from '../support/shell-here.ts';

const clip = join(repositoryRoot, 'resources/sample/tumble.mp4');
const FRAMES = 12;
let workspace: ShellHere;
let source: VideoSource;
let session = '';

const disc = (frame: number, id: number) =>
  discMask(source.info.width, source.info.height, 200 * id + 10 * frame, 300, 60);

function newSession(name: string): SessionWriter {
  const { info, table } = source;
  const framePts = Array.from({ length: info.frameCount }, (_, index) => table.ptsOf(index));
  const media = { info, framePts, mtimeMillis: Math.trunc(statSync(clip).mtimeMs) };
  return createSession(workspace.path(name), media, { app: 'test' });
}

beforeAll(async () => {
  workspace = new ShellHere('datasets');
  source = await openVideo(clip, { tools: await findMediaTools(), cacheDir: workspace.path('home', 'cache') });
  using made = newSession('s.masklet');
  for (const name of ['ball', 'cup']) made.objects.create({ name, className: `a ${name}` });
  const rows = Array.from({ length: FRAMES }, (_, frame) =>
    [1, 2].map((id) => ({
      frameIndex: frameIndex(frame),
      objectId: objectId(id),
      mask: id === 2 && frame === 5 ? null : disc(frame, id),
      scores: noScores,
      source: 'tracked' as const,
      provisional: false,
    })),
  ).flat();
  made.masks.save(rows);
  session = workspace.path('s.masklet');
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe('masklet export and import', () => {
  it('lists losses first, writes pictures of exactly the right frames, and reads all of it back', async () => {
    const out = workspace.path('yolo');
    const args = ['export', session, '--format', 'yolo-seg', '--out', out, '--step', '4', '--val', '0.3', '--json'];
    const dry = await workspace.run([...args, '--dry-run']);
    expect(dry.status).toBe(0);
    expect(dry.lines).toHaveLength(1);
    expect(dry.lines[0]).toMatchObject({
      type: 'losses',
      losses: expect.arrayContaining([expect.stringMatching(/identities/)]),
    });
    expect(existsSync(out)).toBe(false);
    const { status, lines, stderr } = await workspace.run(args);
    expect(status, stderr).toBe(0);
    expect(lines.map(({ type }) => type)).toEqual(['losses', 'written']);
    expect(stderr).toMatch(/note: YOLO labels have no identities/);
    const rest = source.info.frameCount - FRAMES;
    expect(stderr).toMatch(new RegExp(`not tracked: ${Math.ceil(rest / 4)} frames`));
    expect(lines[1]).toMatchObject({ frames: 3, masks: 6, checked: { masks: 6 } });
    expect(readdirSync(join(out, 'images/train'))).toEqual(['tumble_00000.jpg', 'tumble_00004.jpg']);
    expect(readdirSync(join(out, 'images/val'))).toEqual(['tumble_00008.jpg']);
    const pictures = await openVideo(join(out, 'images/train'), {
      tools: source.tools,
      cacheDir: workspace.path('home', 'cache'),
    });
    for (const [position, index] of [0, 4].entries()) {
      expect(await difference(pictures, position, index)).toBeLessThan(3);
      expect(await difference(pictures, position, index + 40)).toBeGreaterThan(3);
    }
    const { source: origin, app } = JSON.parse(readFileSync(join(out, 'provenance.json'), 'utf8'));
    expect(app).toMatch(/^Masklet Studio \d/);
    expect(origin).toMatchObject({ name: basename(clip), contentHash: source.info.contentHash });
  });

  it('keeps only what people looked over, and says who did', async () => {
    const path = workspace.path('reviewed.masklet');
    copyFileSync(session, path);
    {
      using writer = openSessionWriter(path);
      const span = (first: number, last: number) => ({ first: frameIndex(first), last: frameIndex(last) });
      writer.reviews.say(objectId(1), span(0, 5), 'accepted', 'Ada', 'Review');
      writer.reviews.say(objectId(2), span(2, 3), 'fixed', 'Bo', 'Review');
      writer.reviews.say(objectId(2), span(8, 11), 'skipped', 'Bo', 'Review');
      // Given by a person: as good as looked over, whether there is a verdict (frame 3) or not.
      const given = { objectId: objectId(2), scores: noScores, source: 'prompt' as const, provisional: false };
      writer.masks.save([3, 4].map((frame) => ({ ...given, frameIndex: frameIndex(frame), mask: disc(frame, 2) })));
    }
    const out = workspace.path('reviewed');
    const args = ['export', path, '--format', 'coco', '--only-reviewed', '--out', out, '--json'];
    const { status, lines, stderr } = await workspace.run(args);
    expect(status, stderr).toBe(0);
    // On frame 5 object 2 is absent, so that frame is complete; on 0 and 1 it is there and nobody looked.
    const { images } = JSON.parse(readFileSync(join(out, 'annotations/instances_default.json'), 'utf8')) as {
      images: unknown[];
    };
    expect(images).toHaveLength(4);
    expect(lines.at(-1)).toMatchObject({ frames: 4, masks: 7 });
    const { review } = JSON.parse(readFileSync(join(out, 'provenance.json'), 'utf8'));
    expect(review).toEqual({ reviewedPercent: 37.5, verdicts: { accepted: 6, fixed: 2 }, reviewers: ['Ada', 'Bo'] });
  });

  it('scores full marks against its own dataset, phrases too, where nobody gave a class', async () => {
    {
      using plain = newSession('plain.masklet');
      plain.objects.create({ name: 'Rex' });
      const row = { objectId: objectId(1), scores: noScores, source: 'tracked' as const, provisional: false };
      plain.masks.save([0, 1].map((frame) => ({ ...row, frameIndex: frameIndex(frame), mask: disc(frame, 1) })));
    }
    const path = workspace.path('plain.masklet');
    const out = workspace.path('plain');
    expect((await workspace.run(['export', path, '--format', 'youtube-vis', '--out', out])).status).toBe(0);
    const { stdout } = await workspace.run(['eval', path, '--truth', join(out, 'instances.json'), '--json']);
    const { data } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(data.phota.pooled.mean.hota).toBeCloseTo(1, 9);
  });

  it('writes PNG pictures bit for bit', async () => {
    const out = workspace.path('pngs');
    const run = await workspace.run([
      'export',
      session,
      '--format',
      'labelme',
      '--out',
      out,
      '--range',
      '3:4',
      '--images',
      'png',
    ]);
    expect(run.status, run.stderr).toBe(0);
    const pictures = await openVideo(out, { tools: source.tools, cacheDir: workspace.path('home', 'cache') });
    expect(await difference(pictures, 1, 4)).toBe(0);
  });

  it('brings masks into a new session as truth, and exports them again the same', async () => {
    await workspace.run(['export', session, '--format', 'coco', '--out', workspace.path('coco')]);
    const truth = workspace.path('truth.masklet');
    const made = await workspace.run([
      'import',
      'coco',
      '--video',
      clip,
      '--session',
      truth,
      '--as',
      'truth',
      '--json',
    ]);
    expect(made.status, made.stderr).toBe(0);
    expect(made.lines[0]).toMatchObject({ type: 'imported', format: 'coco', masks: 23, skipped: [] });
    using reader = openSessionReader(truth);
    expect(reader.objects.all()).toMatchObject([
      { id: 1, name: 'ball', className: 'a ball' },
      { id: 2, name: 'cup', className: 'a cup' },
    ]);
    for (let frame = 0; frame < FRAMES; frame++) {
      for (const { objectId: id, mask, source: made } of reader.masks.at(frameIndex(frame))) {
        expect(made).toBe('prompt');
        expect(mask && maskIou(mask, disc(frame, id))).toBe(1);
      }
    }
    expect(reader.masks.at(frameIndex(5))).toHaveLength(1);
  });

  it('brings chosen frames in as prompts beside what is there', async () => {
    const copy = workspace.path('more.masklet');
    {
      using made = newSession('more.masklet');
      made.objects.create({ name: 'mine' });
    }
    await workspace.run(['export', session, '--format', 'mots-txt', '--out', workspace.path('mots')]);
    const run = await workspace.run(['import', 'mots', '--session', copy, '--step', '6', '--range', ':8', '--json']);
    expect(run.status, run.stderr).toBe(0);
    using reader = openSessionReader(copy);
    expect(reader.objects.all().map(({ name }) => name)).toEqual(['mine', 'ball', 'cup']);
    const prompts = reader.prompts
      .all()
      .map(({ prompt }) => [prompt.kind, prompt.frameIndex, 'objectId' in prompt && prompt.objectId]);
    expect(prompts).toEqual([
      ['mask', 0, 2],
      ['mask', 0, 3],
      ['mask', 6, 2],
      ['mask', 6, 3],
    ]);
    expect(reader.journal.state().undo).toBe('Import 2 objects');
    const late = [
      'import',
      'mots',
      '--video',
      clip,
      '--session',
      'late.masklet',
      '--first-frame',
      '2',
      '--range',
      ':0',
    ];
    expect((await workspace.run(late)).status).toBe(0);
    using shifted = openSessionReader(workspace.path('late.masklet'));
    const [{ prompt }] = shifted.prompts.all();
    expect(prompt.kind === 'mask' && maskIou(prompt.mask, disc(2, 1))).toBe(1);
  });

  it('leaves no session and no change behind when there is nothing to read', async () => {
    writeFileSync(workspace.path('notes.txt'), 'hello');
    for (const [path, code] of [
      ['nowhere', 'file-missing'],
      ['notes.txt', 'dataset-unknown'],
    ]) {
      const run = await workspace.run(['import', path, '--video', clip, '--session', 'none.masklet', '--json']);
      expect(run.status).toBe(1);
      expect(run.lines).toMatchObject([{ type: 'error', code }]);
      expect(existsSync(workspace.path('none.masklet'))).toBe(false);
    }
    // Recognised by its names, and nothing in it is a picture.
    mkdirSync(workspace.path('broken', '1'), { recursive: true });
    writeFileSync(workspace.path('broken', '1', '00000.png'), 'no picture');
    for (const place of [['--session', 'none.masklet'], []]) {
      const run = await workspace.run(['import', 'broken', '--format', 'png', '--video', clip, ...place]);
      expect(run.stderr).toMatch(/left out were .*\[dataset-empty\]/);
      const left = readdirSync(workspace.folder, { recursive: true }).map(String);
      expect(left.filter((name) => /none\.masklet|tumble\.masklet|\.trash/.test(name))).toEqual([]);
    }
    const outside = { images: [{ id: 1, file_name: '90000.jpg' }], annotations: [{ image_id: 1, bbox: [1, 1, 9, 9] }] };
    writeFileSync(workspace.path('outside.json'), JSON.stringify(outside));
    const run = await workspace.run(['import', 'outside.json', '--session', session]);
    expect(run.stderr).toMatch(/session was not changed; left out were 1: outside the video\. \[dataset-empty\]/);
  });
});

describe('ImportRun', () => {
  const entry = (frame: number, track: string): DatasetEntry => ({
    frameIndex: frameIndex(frame),
    track,
    name: null,
    className: 'dog',
    mask: disc(frame, 1),
    box: null,
  });

  it('shows nothing before its end, leaves nothing when given up, undoes in one step', () => {
    using made = newSession('run.masklet');
    const given = new ImportRun(made, 'truth');
    given.add([entry(0, 'a'), entry(1, 'a'), entry(0, 'b')]);
    expect(made.objects.all()).toEqual([]);
    expect(made.masks.at(frameIndex(0))).toEqual([]);
    given.abort();
    expect(made.masks.framesTracked()).toBe(0);
    const kept = new ImportRun(made, 'truth');
    kept.add([entry(0, 'a')]);
    expect(kept.finish().objects).toMatchObject([{ name: 'dog', masks: 1 }]);
    expect(made.masks.at(frameIndex(0))).toHaveLength(1);
    expect(made.journal.undo()).toBe('Import 1 object');
    expect(made.objects.all()).toEqual([]);
    made.journal.redo();
    expect(made.masks.at(frameIndex(0))).toHaveLength(1);
  });

  it('leaves objects their numbers where these are free', () => {
    using made = newSession('numbers.masklet');
    made.objects.create({ name: 'Rex' });
    const run = new ImportRun(made, 'truth');
    run.add(['7', '1', '3', 'x', '1000', '0'].map((track) => entry(0, track)));
    const numbers = run.finish().objects.map(({ objectId: id }) => id);
    expect(numbers).toEqual([7, 8, 3, 9, 10, 11]);
  });

  it('sweeps what a killed import left', () => {
    {
      using killed = newSession('killed.masklet');
      new ImportRun(killed, 'truth').add([entry(0, 'a')]);
      expect(killed.masks.framesTracked()).toBe(1);
    }
    using again = openSessionWriter(workspace.path('killed.masklet'));
    expect(again.objects.all()).toEqual([]);
    new ImportRun(again, 'prompts').abort();
    expect(again.masks.framesTracked()).toBe(0);
  });

  it('says when there is nothing, or too much for prompts', () => {
    using made = newSession('limits.masklet');
    expect(() => new ImportRun(made, 'prompts').finish()).toThrow(/no mask or box/);
    const one: DatasetEntry = { ...entry(0, 'a'), mask: null, box: { x: 1, y: 1, width: 2, height: 2 } };
    const many = Array.from({ length: 10_001 }, () => one);
    expect(() => new ImportRun(made, 'prompts').add(many)).toThrow(/--as truth/);
    expect(made.objects.all()).toEqual([]);
  });
});

/** Mean difference of a picture with a frame of the clip, 0..255. */
async function difference(pictures: VideoSource, position: number, index: number): Promise<number> {
  const picture = await readFrame(pictures, position);
  const frame = await readFrame(source, index);
  let sum = 0;
  for (let at = 0; at < frame.pixels.length; at++) sum += Math.abs(frame.pixels[at] - picture.pixels[at]);
  return sum / frame.pixels.length;
}
