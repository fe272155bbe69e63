import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { StreamBytes } from '../../src-main/core/video/ffmpeg/byte-source.ts';
import { openToolOutput } from '../../src-main/core/video/ffmpeg/tool-output.ts';
import { ToolProcess } from '../../src-main/core/video/ffmpeg/tool-process.ts';
import {
  createYuvFrameReader,
  type DecodedFrame,
  decodeFrames,
  FrameCache,
  FrameTable,
  findMediaTools,
  type MediaTools,
  openVideo,
  readFrame,
  type VideoSource,
} from '../../src-main/core/video/index.ts';
import { NutReader } from '../../src-main/core/video/nut-reader.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { readBarcode } from '../support/barcode.ts';
import {
  MEDIA_FIXTURES,
  type MediaFixture,
  mediaFixturePath,
  pictureOf,
  scratchFolder,
} from '../support/media-fixtures.ts';

const cacheDir = scratchFolder('video-frames');
let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});

async function opened(name: string): Promise<VideoSource> {
  return openVideo(mediaFixturePath(tools, name), { tools, cacheDir });
}

function codeOf(source: VideoSource, frame: DecodedFrame): number | null {
  return readBarcode(frame.pixels, source.info.width, source.info.height);
}

const inOrder = new Map<string, readonly (number | null)[]>();

async function codes(source: VideoSource, options: Parameters<typeof decodeFrames>[1]): Promise<(number | null)[]> {
  const found: (number | null)[] = [];
  for await (const frame of decodeFrames(source, options)) {
    expect(frame.pts).toBe(source.table.ptsOf(frame.frameIndex));
    found.push(codeOf(source, frame));
  }
  return found;
}

function expectedCodes(fixture: MediaFixture, found: readonly (number | null)[]): number[] {
  const first = fixture.firstCode ?? found[0] ?? Number.NaN;
  return found.map((_, index) => first + index);
}

describe.each(MEDIA_FIXTURES)('$name', (fixture) => {
  it('decodes every frame of its table, in order', async () => {
    const source = await opened(fixture.name);
    const { frameCount } = source.table;
    if (fixture.frames !== null) expect(frameCount).toBe(fixture.frames);
    const found = await codes(source, { first: 0, last: frameCount - 1 });
    inOrder.set(fixture.name, found);
    expect(found).toHaveLength(frameCount);
    if (fixture.consecutive !== false) expect(found).toEqual(expectedCodes(fixture, found));
    else expect(found[0]).toBe(0);
    expect([source.info.width, source.info.height]).toEqual([fixture.width ?? 160, fixture.height ?? 96]);
  });

  it('gives the same frame at random, backwards and as planes as in order', async () => {
    const source = await opened(fixture.name);
    const last = source.table.frameCount - 1;
    const forward = inOrder.get(fixture.name) ?? (await codes(source, { first: 0, last }));
    // Little memory, so that several stretches have to be begun.
    const budgetBytes = 160 * 96 * 3 * Math.max(17, last >> 2);
    const backward = await codes(source, { first: 1, last, direction: 'backward', budgetBytes });
    expect(backward).toEqual(forward.slice(1).reverse());
    for (const step of [0.13, 0.77, 1]) {
      const index = Math.floor(last * step);
      const frame = await readFrame(source, index);
      expect([index, frame.frameIndex, frame.pts, codeOf(source, frame)]).toEqual([
        index,
        index,
        source.table.ptsOf(index),
        forward[index],
      ]);
    }
    const reader = createYuvFrameReader(source);
    const middle = last >> 1;
    const range = { first: frameIndex(middle), last: frameIndex(last) };
    const luma: (number | null)[] = [];
    for await (const { data } of reader.frames(range, new AbortController().signal))
      luma.push(readBarcode(data, reader.width, reader.height, 1));
    expect(luma).toEqual(forward.slice(middle));
  });

  it('maps index to pts and back', async () => {
    const { table } = await opened(fixture.name);
    for (let index = 0; index < table.frameCount; index++) {
      expect(table.indexOfPts(table.ptsOf(index))).toBe(index);
      expect(table.indexAtPts(table.ptsOf(index) + table.durationOf(index) - 1)).toBe(index);
      if (table.durationOf(index) > 1) expect(table.indexOfPts(table.ptsOf(index) + 1)).toBeNull();
    }
  });
});

describe('mutations that the barcode test must catch', () => {
  /** A source whose table is shifted by one frame: what an off-by-one in the table would be. */
  function shifted(source: VideoSource): VideoSource {
    const { data } = source.table;
    const pts = data.pts.map((value, index) =>
      index + 1 < data.pts.length ? data.pts[index + 1]! : value + data.lastDuration,
    );
    return { ...source, table: new FrameTable({ ...data, pts }) };
  }

  it('an off-by-one in the table gives another frame or an error', async () => {
    const source = await opened('b-frames.mp4');
    const frame = await readFrame(shifted(source), 10);
    expect(codeOf(source, frame)).toBe(11);
  });

  it('a table with a frame that the file lacks is an error, not a wrong frame', async () => {
    const source = await opened('vfr.mp4');
    const { data } = source.table;
    const pts = data.pts.map((value, index) => (index >= 20 ? value + 3 : value));
    const wrong = { ...source, table: new FrameTable({ ...data, pts }) };
    await expect(codes(wrong, { first: 15, last: 25 })).rejects.toMatchObject({ code: 'ffmpeg-failed' });
  });
});

describe('what is said about a source', () => {
  it.each([
    ['rotated-90.mp4', { rotation: 90, width: 160, height: 96 }],
    ['rotated-180.mp4', { rotation: 180 }],
    ['rotated-270.mp4', { rotation: 270 }],
    ['mirrored-0.mp4', { rotation: 0, notes: ['The picture is mirrored, as the file asks.'] }],
    ['mirrored-90.mp4', { rotation: 90, width: 160, height: 96 }],
    ['mirrored-180.mp4', { rotation: 180 }],
    ['mirrored-270.mp4', { rotation: 270, width: 160, height: 96 }],
    ['sar-4-3.mp4', { sampleAspectRatio: { numerator: 4, denominator: 3 } }],
    ['ten-bit.mkv', { bitDepth: 10, hdr: null }],
    ['hdr-pq.mp4', { hdr: 'pq', bitDepth: 10 }],
    ['hdr-hlg.mp4', { hdr: 'hlg' }],
    ['interlaced.mp4', { interlaced: true }],
    ['vfr.mp4', { variableFrameRate: true }],
    ['b-frames.mp4', { variableFrameRate: false, truncated: null, notes: [] }],
    ['png-folder', { kind: 'sequence', frameCount: 12, firstPts: 0, lastPts: 11 }],
  ] as const)('%s', async (name, expected) => {
    const { info } = await opened(name);
    expect(info).toMatchObject(expected);
  });

  it('a cut file says where it ends and keeps the good part', async () => {
    const { info } = await opened('truncated.mp4');
    expect(info.frameCount).toBeGreaterThan(10);
    expect(info.frameCount).toBeLessThan(40);
    expect(info.truncated?.afterSecs).toBeGreaterThan(1);
    expect(info.notes[0]).toContain('ends early');
  });

  it('counts the sound tracks', async () => {
    expect((await opened('two-audio.mp4')).info.audio).toHaveLength(2);
  });

  it('takes a second opening from the cache', async () => {
    const first = await opened('b-frames.mp4');
    const counted: number[] = [];
    const path = mediaFixturePath(tools, 'b-frames.mp4');
    const second = await openVideo(path, { tools, cacheDir, onProgress: (frames) => counted.push(frames) });
    expect(counted).toEqual([]);
    expect(second.info).toEqual(first.info);
    expect(second.table.data).toEqual(first.table.data);
  });
});

describe('pictures and caches', () => {
  it('keeps every bit of a PNG', async () => {
    const source = await opened('png-folder');
    for await (const { frameIndex: index, pixels } of decodeFrames(source, { first: 0, last: 11 }))
      expect(Buffer.compare(pixels, pictureOf(index))).toBe(0);
  });

  it('keeps the frames that a seek had to decode', async () => {
    const source = await opened('b-frames.mp4');
    const cache = new FrameCache(160 * 96 * 3 * 40);
    const frame = await readFrame(source, 22, { cache });
    expect(cache.frameCount).toBeGreaterThan(1);
    expect(cache.get(22)).toBe(frame);
    const before = cache.get(21);
    expect(before && codeOf(source, before)).toBe(21);
  });

  it('comes the same by a local socket and by the tool’s own stdout, raw and as JPEG', async () => {
    const path = mediaFixturePath(tools, 'b-frames.mp4');
    for (const codec of ['rawvideo', 'mjpeg']) {
      const args = [
        '-v',
        'error',
        '-i',
        path,
        '-an',
        '-s',
        '640x360',
        '-frames:v',
        '20',
        '-c:v',
        codec,
        '-f',
        'nut',
        'pipe:1',
      ];
      const found: string[] = [];
      for (const output of [null, await openToolOutput()]) {
        await using tool = new ToolProcess({ path: tools.ffmpeg.path, args, stdin: 'ignore' }, { output });
        const reader = new NutReader(output ?? new StreamBytes(tool.stdout));
        const hash = createHash('sha256');
        let frames = 0;
        for (let packet = await reader.next((size) => new Uint8Array(size)); packet !== null; frames++) {
          hash.update(`${packet.pts}`).update(packet.data);
          packet = await reader.next((size) => new Uint8Array(size));
        }
        found.push(`${frames} ${hash.digest('hex')}`);
      }
      expect(found[0]).toMatch(/^20 /);
      expect(found[1]).toBe(found[0]);
    }
  });

  it('stops when asked', async () => {
    const source = await opened('open-gop-250.mp4');
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      for await (const frame of decodeFrames(source, { first: 0, last: 299, signal: controller.signal })) {
        seen.push(frame.frameIndex);
        if (seen.length === 3) controller.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual([0, 1, 2]);
  });
});
