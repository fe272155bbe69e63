import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderAnnotated, resolveLook } from '../../src-main/core/export/index.ts';
import {
  createYuvFrameReader,
  findMediaTools,
  type MediaTools,
  openVideo,
  type VideoSource,
} from '../../src-main/core/video/index.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { bitmapFromRle } from '../../src-shared/mask/rle.ts';
import { discMask, exportObject, fakeMasks, recordingEncoder, storedMask } from '../support/export-fakes.ts';
import { Workspace } from '../support/run-cli.ts';

const [WIDTH, HEIGHT, FRAMES] = [161, 91, 2];
const workspace = new Workspace('redaction-converted');
let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});
afterAll(() => workspace[Symbol.dispose]());

/** How pictures are stored: bytes of a sample, luma pixels across and down of a colour sample. */
interface Kind {
  readonly input: string;
  readonly bytes?: 1 | 2;
  readonly across: number;
  readonly down: number;
  readonly args?: readonly string[];
}

const HDR = ['-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_primaries', 'bt2020'];
const KINDS: readonly (readonly [string, Kind])[] = [
  ['4:2:0', { input: 'yuv420p', across: 2, down: 2 }],
  ['4:2:0 of 10 bits', { input: 'yuv420p10le', bytes: 2, across: 2, down: 2 }],
  ['4:2:2', { input: 'yuv422p', across: 2, down: 1 }],
  ['4:4:4', { input: 'yuv444p', across: 1, down: 1 }],
  ['4:1:1', { input: 'yuv411p', across: 4, down: 1 }],
  ['RGB', { input: 'gbrp', across: 1, down: 1, args: ['-pix_fmt', 'bgr0'] }],
  ['HDR', { input: 'yuv420p10le', bytes: 2, across: 2, down: 2, args: HDR }],
  ['BT.2020', { input: 'yuv420p10le', bytes: 2, across: 2, down: 2, args: ['-colorspace', 'bt2020nc'] }],
];

const masks = fakeMasks([exportObject(1, 'Face'), exportObject(2, 'Plate')], () => [
  storedMask(1, discMask(WIDTH, HEIGHT, 70.5, 45, 15)),
  storedMask(2, discMask(WIDTH, HEIGHT, 0, HEIGHT - 1, 12)),
]);

/** Noise that is the same in every clip outside the masks, and another with every seed under them. */
function noise({ bytes = 1, across, down }: Kind, seed: number): Buffer {
  const covered = masks.masksAt(frameIndex(0)).map(({ mask }) => bitmapFromRle(mask!));
  const isCovered = (x: number, y: number) => covered.some((bitmap) => bitmap[y * WIDTH + x] === 1);
  const random = [1, seed].map(recurrence);
  const samples: number[] = [];
  const plane = (stepX: number, stepY: number) => {
    for (let y = 0; y < HEIGHT; y += stepY) {
      for (let x = 0; x < WIDTH; x += stepX) {
        let under = false;
        for (let row = y; row < Math.min(HEIGHT, y + stepY); row++)
          for (let column = x; column < Math.min(WIDTH, x + stepX); column++) under ||= isCovered(column, row);
        const [outside, inside] = random.map((next) => next());
        samples.push(under ? inside! : outside!);
      }
    }
  };
  for (let frame = 0; frame < FRAMES; frame++) for (const step of [0, 1, 1]) plane(step ? across : 1, step ? down : 1);
  if (bytes === 1) return Buffer.from(samples.map((value) => 16 + (value % 200)));
  return Buffer.from(Uint16Array.from(samples, (value) => 64 + (value % 800)).buffer);
}

function recurrence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  };
}

async function clip(name: string, kind: Kind, seed: number): Promise<VideoSource> {
  const path = workspace.path(`${name.replaceAll(/\W/g, '')}-${seed}.mkv`);
  const raw = ['-f', 'rawvideo', '-pix_fmt', kind.input, '-s', `${WIDTH}x${HEIGHT}`, '-r', '25', '-i', 'pipe:0'];
  const args = ['-v', 'error', '-y', ...raw, '-c:v', 'ffv1', ...(kind.args ?? []), path];
  execFileSync(tools.ffmpeg.path, args, { input: noise(kind, seed) });
  return openVideo(path, { tools, cacheDir: workspace.path('cache') });
}

async function redacted(source: VideoSource): Promise<readonly Uint8Array[]> {
  const encoder = recordingEncoder();
  await renderAnnotated({
    reader: createYuvFrameReader(source),
    masks,
    frameCount: FRAMES,
    openEncoder: async () => encoder,
    range: { first: frameIndex(0), last: frameIndex(FRAMES - 1) },
    look: resolveLook(renderLookSchema.parse({ style: 'redact', dilate: 0 }), 'h264'),
    outputPath: join(workspace.path('none'), 'none.mp4'),
    signal: new AbortController().signal,
  });
  return encoder.frames.map(({ data }) => data);
}

describe('other pixels under the mask give the same redacted pictures', () => {
  it.each(KINDS)('of %s', async (name, kind) => {
    const [one, other] = [await redacted(await clip(name, kind, 2)), await redacted(await clip(name, kind, 3))];
    expect(one).toHaveLength(FRAMES);
    for (const [index, data] of one.entries()) expect(Buffer.compare(data, other[index]!), `frame ${index}`).toBe(0);
  });
});
