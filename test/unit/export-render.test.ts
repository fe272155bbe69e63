import { link, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutputFile } from '../../src-main/core/base/check-output.ts';
import {
  contactSheet,
  evenlySpaced,
  type RenderJob,
  renderAnnotated,
  resolveLook,
  shownScore,
} from '../../src-main/core/export/index.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { emptyMask } from '../../src-shared/mask/rle.ts';
import {
  discMask,
  exportObject,
  fakeMasks,
  fakeReader,
  recordingEncoder,
  storedMask,
} from '../support/export-fakes.ts';

const [width, height] = [96, 54];
const range = (first: number, last: number) => ({ first: frameIndex(first), last: frameIndex(last) });
const masks = fakeMasks([exportObject(1, 'Ball')], (frame) =>
  frame < 3 ? [storedMask(1, discMask(width, height, 20 + frame * 10, 27, 12))] : [storedMask(1, null)],
);

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'masklet-render-'));
  await writeFile(join(root, 'source.mp4'), 'source');
});
afterEach(() => rm(root, { recursive: true, force: true }));

function job(encoder: ReturnType<typeof recordingEncoder>, more: Partial<RenderJob> = {}): RenderJob {
  return {
    reader: fakeReader(width, height, 10),
    masks,
    openEncoder: async () => encoder,
    frameCount: 10,
    range: range(1, 5),
    look: resolveLook(renderLookSchema.parse({ style: 'overlay' }), 'h264'),
    outputPath: join(root, 'out.mp4'),
    signal: new AbortController().signal,
    ...more,
  };
}

describe('renderAnnotated', () => {
  it('gives every frame of the range with its timestamp and its own masks', async () => {
    const encoder = recordingEncoder();
    const progress: (readonly [number, number | null])[] = [];
    const summary = await renderAnnotated(job(encoder, { onProgress: (done, bytes) => progress.push([done, bytes]) }));
    expect(summary).toMatchObject({ frames: 5, framesWithObjects: 2, objectIds: [1] });
    expect(encoder.frames.map(({ pts }) => pts)).toEqual([10, 20, 30, 40, 50]);
    expect(encoder.calls).toEqual(['finish']);
    expect(progress.at(-1)).toEqual([5, null]);
    const centre = (frame: number, x: number) => encoder.frames[frame].data[27 * width + x];
    expect(centre(0, 30)).not.toBe(128);
    expect([centre(0, 22), centre(1, 22)].map((value) => value === 128)).toEqual([false, true]);
    expect(encoder.frames[2].data.every((value) => value === 128)).toBe(true);
  });

  it('removes the partial output when stopped, when the encoder dies and when the source ends early', async () => {
    const stop = new AbortController();
    const stopped = recordingEncoder();
    const cancelled = renderAnnotated(
      job(stopped, { signal: stop.signal, onProgress: (done) => done === 2 && stop.abort() }),
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(stopped.calls).toEqual(['abort']);
    const full = recordingEncoder(3, Object.assign(new Error('write'), { code: 'ENOSPC' }));
    await expect(renderAnnotated(job(full))).rejects.toMatchObject({ code: 'disk-full' });
    expect(full.calls).toEqual(['abort']);
    const short = recordingEncoder();
    const ended = renderAnnotated(job(short, { range: range(0, 20) }));
    await expect(ended).rejects.toMatchObject({ code: 'file-unreadable', details: { framesRead: 10 } });
    expect(short.calls).toEqual(['abort']);
  });

  it('refuses source and session by any name and a file that exists', async () => {
    await symlink(join(root, 'source.mp4'), join(root, 'soft.mp4'));
    await link(join(root, 'source.mp4'), join(root, 'hard.mp4'));
    for (const name of ['taken.mp4', 'session']) await writeFile(join(root, name), 'x');
    await symlink(join(root, 'session'), join(root, 'soft-session.mp4'));
    const origin = { sourcePath: join(root, 'source.mp4'), sessionPath: join(root, 'session') };
    for (const name of ['source.mp4', 'soft.mp4', 'hard.mp4', 'session', 'soft-session.mp4']) {
      await expect(checkOutputFile(origin, join(root, name), true)).rejects.toMatchObject({ code: 'output-is-source' });
    }
    const taken = join(root, 'taken.mp4');
    await expect(checkOutputFile(origin, taken, false)).rejects.toMatchObject({ code: 'output-exists' });
    await checkOutputFile(origin, taken, true);
  });

  it('refuses masks of another video', async () => {
    const foreign = fakeMasks([], () => [storedMask(1, emptyMask(5, 5))]);
    const encoder = recordingEncoder();
    await expect(renderAnnotated(job(encoder, { masks: foreign }))).rejects.toMatchObject({ code: 'session-mismatch' });
    expect(encoder.calls).toEqual(['abort']);
  });
});

describe('evenlySpaced', () => {
  it('takes both ends and never repeats', () => {
    expect(evenlySpaced(range(10, 19), 4)).toEqual([10, 13, 16, 19]);
    expect(evenlySpaced(range(0, 2), 9)).toEqual([0, 1, 2]);
    expect(evenlySpaced(range(0, 8), 1)).toEqual([4]);
  });
});

describe('shownScore', () => {
  it('prefers quality, then detection, then visibility', () => {
    expect(shownScore(noScores)).toBeNull();
    expect(shownScore({ ...noScores, objectScoreLogit: 0 })).toBe(0.5);
    expect(shownScore({ ...noScores, objectScoreLogit: 0, detection: 0.7 })).toBe(0.7);
    expect(shownScore({ predictedIou: 0.9, objectScoreLogit: 0, presence: null, detection: 0.7 })).toBe(0.9);
  });
});

describe('contactSheet', () => {
  it('is an RGB picture with a tile per frame and leaves the frames alone', async () => {
    const data = new Uint8Array(width * height * 1.5).fill(128);
    const image = { width, height, fullRange: false, matrix: 'bt709' as const, data };
    const object = {
      ...exportObject(1, 'Ball', '#ff0000'),
      mask: discMask(width, height, 48, 27, 20),
      score: 1,
      provisional: false,
    };
    const tile = { image, objects: [object], caption: 'frame 0', time: '00:00.000' };
    const bytes = await contactSheet({
      title: 'Demo',
      subtitle: 'one',
      tiles: [tile, tile, tile],
      columns: 3,
      tileWidth: 96,
    });
    const png = PNG.sync.read(bytes);
    expect(png.width).toBe(2 * 28 + 3 * 96 + 2 * 18);
    const at = ((92 + 27) * png.width + 28 + 48 + 12) * 4;
    expect(png.data[at]).toBeGreaterThan(png.data[at + 1] + 60);
    expect(data.every((value) => value === 128)).toBe(true);
  });
});
