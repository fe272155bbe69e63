import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PictureFolder } from '../../src-main/core/export/render/picture-folder.ts';
import { decodeFrames, findMediaTools, type MediaTools, openVideo } from '../../src-main/core/video/index.ts';
import {
  type OutputCodecName,
  type RenderStyleName,
  renderLookSchema,
  renderStyleNames,
} from '../../src-shared/contract/render-look.ts';
import { bitmapFromRle } from '../../src-shared/mask/rle.ts';
import { all, startEngine } from '../support/engine-host.ts';
import { discMask } from '../support/export-fakes.ts';
import { FIXTURE_HEIGHT, FIXTURE_WIDTH, mediaFixturePath } from '../support/media-fixtures.ts';
import { pictureFacts, soundDifference, soundFacts, timeDifference } from '../support/rendered-video.ts';
import { ShellHere } from '../support/shell-here.ts';
import { writeTinyPack } from '../support/tiny-pack.ts';

const workspace = new ShellHere('render-styles');
const requireHere = createRequire(import.meta.url);
/** The ffmpeg of 2018 that npm brings, whatever else is on this machine. */
const OLD = {
  FFMPEG_BIN: (requireHere('@ffmpeg-installer/ffmpeg') as { path: string }).path,
  FFPROBE_BIN: (requireHere('@ffprobe-installer/ffprobe') as { path: string }).path,
};
let tools: MediaTools;
let source: string;
let session: string;

beforeAll(async () => {
  tools = await findMediaTools();
  source = mediaFixturePath(tools, 'vfr.mkv');
  session = await tracked('vfr.masklet', source);
});
afterAll(() => workspace[Symbol.asyncDispose]());

async function tracked(name: string, path: string): Promise<string> {
  const made = workspace.path(name);
  const pack = writeTinyPack(workspace.path(`${name}-pack`));
  // Masks that a person gave are stored as given, so the tiny pack need not find anything.
  const masks = GIVEN.flatMap(([id, frame, x]) => ['--mask', `${id}:${frame}:${discPng(x)}`]);
  const wish = ['--session', made, '--pack', pack, ...masks];
  const { status, stderr } = await workspace.run(['track', path, ...wish]);
  expect(status, stderr).toBe(0);
  return made;
}

/** Object, frame and centre of each disc. */
const GIVEN = [
  [1, 0, 40],
  [1, 20, 70],
  [1, 39, 90],
  [2, 10, 120],
] as const;

function discPng(x: number): string {
  const path = workspace.path(`disc-${x}.png`);
  const picture = new PNG({ width: FIXTURE_WIDTH, height: FIXTURE_HEIGHT });
  const bitmap = bitmapFromRle(discMask(FIXTURE_WIDTH, FIXTURE_HEIGHT, x, 45, 18));
  for (const [at, value] of bitmap.entries()) picture.data.set([255 * value, 255 * value, 255 * value, 255], at * 4);
  writeFileSync(path, PNG.sync.write(picture));
  return path;
}

async function render(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const result = await workspace.run(['render', session, '--json', ...args], env);
  expect(result.status, result.stderr).toBe(0);
  return result.lines.find(({ type }) => type === 'written') as { path: string; notes: string[]; files: number };
}

const builds: readonly (readonly [string, NodeJS.ProcessEnv])[] = [
  ['the ffmpeg at hand', {}],
  ['the ffmpeg of the npm package', OLD],
];

interface Wish {
  readonly style: RenderStyleName;
  readonly codec?: OutputCodecName;
  readonly colour?: 'alpha';
}

describe.each(builds)('every style with %s', (build, env) => {
  let engine: ReturnType<typeof startEngine>;
  let before: ReturnType<typeof pictureFacts>;
  const kept = { FFMPEG_BIN: process.env.FFMPEG_BIN, FFPROBE_BIN: process.env.FFPROBE_BIN };

  beforeAll(() => {
    Object.assign(process.env, env);
    engine = startEngine(workspace.path('home'));
    before = pictureFacts(tools, source);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    for (const [name, value] of Object.entries(kept)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  /** Through the contract, as the shell does it, without starting a shell for each. */
  async function written(outPath: string, wish: Wish) {
    const whole = { first: null, last: null };
    const events = engine.client.render({
      ...renderLookSchema.parse(wish),
      ...{ sessionPath: session, outPath, range: whole, overwrite: false, codec: wish.codec ?? null },
    });
    const last = (await all(events)).at(-1);
    if (last?.kind !== 'written') throw new Error(`the rendering ended with ${last?.kind}`);
    return last.path;
  }

  it.each(renderStyleNames)('%s has the frames and times of the source', async (style) => {
    const path = await written(workspace.path(`${style}-${build.length}.mp4`), { style });
    const after = pictureFacts(tools, path);
    expect(timeDifference(before.secs, after.secs, before.tickSecs)).toBeNull();
    expect(after.header).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p' });
  });

  it.each(['h264-lossless', 'hevc', 'vp9', 'prores'] as const)('%s keeps frames and times', async (codec) => {
    const out = workspace.path(`${codec}-${build.length}${codec === 'prores' ? '.mov' : '.mp4'}`);
    const transparent = { style: 'cutout', colour: 'alpha' } as const;
    const path = await written(out, codec === 'prores' ? transparent : { style: 'overlay', codec });
    const after = pictureFacts(tools, path);
    expect(timeDifference(before.secs, after.secs, before.tickSecs)).toBeNull();
    if (codec === 'prores') expect(after.header.pix_fmt).toMatch(/^yuva444p/);
    else expect(after.header.codec_name).toBe(codec.replace('-lossless', ''));
  });
});

describe('sound', () => {
  it('is the source’s, packet by packet, in MOV too', async () => {
    const path = mediaFixturePath(tools, 'b-frames.mp4');
    const heard = await tracked('sound.masklet', path);
    const out = workspace.path('sound.mov');
    const result = await workspace.run(['render', heard, '--style', 'blur', '--codec', 'prores', '--out', out]);
    expect(result.status, result.stderr).toBe(0);
    expect(soundDifference(soundFacts(tools, path)[0]!, soundFacts(tools, out)[0]!)).toBeNull();
  });
});

/** Pixels that are set in any of the mattes, grown by `reach` in both directions. */
function grown(mattes: readonly PNG[], reach: number): Uint8Array {
  const { width, height } = mattes[0]!;
  const out = new Uint8Array(width * height);
  for (const { data } of mattes) {
    for (let at = 0; at < width * height; at++) {
      if (data[at * 4] === 0) continue;
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        out.fill(1, row * width + Math.max(0, x - reach), row * width + Math.min(width, x + reach + 1));
      }
    }
  }
  return out;
}

/** Also the lines of the boxes around objects, from just outside inwards. */
function withBoxLines(mattes: readonly PNG[], line: number): Uint8Array {
  const out = grown(mattes, line);
  for (const { width, height, data } of mattes) {
    const set = Array.from({ length: width * height }, (_, at) => at).filter((at) => data[at * 4] !== 0);
    if (set.length === 0) continue;
    const [xs, ys] = [set.map((at) => at % width), set.map((at) => Math.floor(at / width))];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    for (let y = Math.max(0, top - line); y <= Math.min(height - 1, bottom + line); y++) {
      for (let x = Math.max(0, left - line); x <= Math.min(width - 1, right + line); x++) {
        const within = x > left + line && x < right - line && y > top + line && y < bottom - line;
        if (!within) out[y * width + x] = 1;
      }
    }
  }
  return out;
}

const pngOf = (...parts: string[]) => PNG.sync.read(readFileSync(join(...parts)));

/** Styles that draw on the objects, or around them, and what they may touch. Redaction covers more where it is not sure. */
const LOCAL: readonly (readonly [string, readonly string[], typeof grown])[] = [
  ['blur', ['--dilate', '0'], grown],
  // The clip is plain almost everywhere: smaller cells would change nothing.
  ['pixelate', ['--dilate', '0', '--strength', '1'], grown],
  ['outline', ['--no-labels'], grown],
  ['heat', ['--no-labels'], grown],
  ['overlay', ['--no-labels'], withBoxLines],
  ['box', ['--no-labels'], withBoxLines],
];

describe.each(builds)('pictures with %s', (build, env) => {
  const at = (name: string) => workspace.path(`${name}-${build.length}`);
  const nameOf = (frame: number) => `${String(frame).padStart(5, '0')}.png`;
  const mattesOf = (frame: number) => ['1', '2'].map((id) => pngOf(at('mattes'), id, nameOf(frame)));

  beforeAll(async () => {
    await render(['--style', 'matte', '--codec', 'png', '--out', at('mattes')], env);
  });

  async function* decoded(path: string) {
    const chosen = env.FFMPEG_BIN === undefined ? tools : await findMediaTools({}, { ...process.env, ...env });
    const video = await openVideo(path, { tools: chosen, cacheDir: workspace.path('cache') });
    yield* decodeFrames(video, { first: 0, last: video.info.frameCount - 1 });
  }

  it.each(LOCAL)(
    '%s: outside the grown mask they are the decoded source, pixel for pixel',
    async (style, wish, near) => {
      await render(['--style', style, ...wish, '--codec', 'png', '--out', at(style)], env);
      let [frames, outside, shifted, drawn] = [0, 0, 0, 0];
      for await (const { frameIndex, pixels } of decoded(source)) {
        const mattes = mattesOf(frameIndex);
        const picture = pngOf(at(style), nameOf(frameIndex)).data;
        const touched = near(mattes, 3);
        for (let pixel = 0; pixel < touched.length; pixel++) {
          const same = [0, 1, 2].every((channel) => picture[pixel * 4 + channel] === pixels[pixel * 3 + channel]);
          if (touched[pixel] === 0 && !same) outside++;
          if (touched[pixel] === 0 && picture[pixel * 4] !== pixels[pixel * 3 + 3]) shifted++;
          if (touched[pixel] === 1 && !same) drawn++;
        }
        frames++;
      }
      expect({ frames, outside }).toEqual({ frames: 40, outside: 0 });
      expect(drawn).toBeGreaterThan(200);
      // The comparison sees a picture that is one pixel off.
      expect(shifted).toBeGreaterThan(100);
      expect(
        readFileSync(join(at(style), 'frames.csv'), 'utf8')
          .trim()
          .split('\n'),
      ).toHaveLength(frames + 1);
    },
  );

  it('lossless video is the decoded source outside the grown mask, too', async () => {
    const out = workspace.path(`lossless-${build.length}.mp4`);
    await render(['--style', 'blur', '--dilate', '0', '--codec', 'h264-lossless', '--out', out], env);
    const written = decoded(out);
    let [frames, outside, drawn] = [0, 0, 0];
    for await (const { frameIndex, pixels } of decoded(source)) {
      const after = (await written.next()).value!.pixels;
      const touched = grown(mattesOf(frameIndex), 3);
      for (let at = 0; at < pixels.length; at++) {
        if (pixels[at] === after[at]) continue;
        if (touched[Math.floor(at / 3)] === 0) outside++;
        else drawn++;
      }
      frames++;
    }
    expect({ frames, outside }).toEqual({ frames: 40, outside: 0 });
    expect(drawn).toBeGreaterThan(500);
  });

  it('redaction leaves no pixel of the source inside', async () => {
    const out = at('redacted');
    await render(['--style', 'redact', '--dilate', '0', '--codec', 'png', '--out', out], env);
    let inside = 0;
    for (let frame = 0; frame < 40; frame++) {
      const mattes = mattesOf(frame);
      const values = new Set(mattes.flatMap(({ data }) => [...data].filter((_, index) => index % 4 === 0)));
      expect([...values].every((value) => value === 0 || value === 255)).toBe(true);
      const picture = pngOf(out, nameOf(frame)).data;
      for (const [pixel, set] of grown(mattes, 0).entries()) {
        if (set === 1 && ![0, 1, 2].every((channel) => picture[pixel * 4 + channel]! < 24)) inside++;
      }
    }
    expect(inside).toBe(0);
    expect(JSON.parse(readFileSync(`${out}.redaction.json`, 'utf8'))).toMatchObject({ frames: 40 });
  });

  it('EXR holds linear light and premultiplied alpha', async () => {
    const wish = ['--style', 'cutout', '--colour', 'alpha', '--codec', 'exr', '--range', '3:4'];
    await render([...wish, '--out', at('exr')], env);
    expect(readdirSync(at('exr')).sort()).toEqual(['00003.exr', '00004.exr', 'frames.csv', 'render.json']);
    const still = execFileSync(
      tools.ffmpeg.path,
      ['-v', 'error', '-i', join(at('exr'), '00003.exr'), '-f', 'rawvideo', '-pix_fmt', 'rgba64le', 'pipe:1'],
      { maxBuffer: 1 << 24 },
    );
    expect(still.length).toBe(160 * 96 * 8);
  });
});

describe('places and failures', () => {
  it('leaves alone what another rendering to the same name is writing', async () => {
    const target = workspace.path('pictures');
    await using first = await PictureFolder.create(workspace.path('clip.mp4'), target, false);
    writeFileSync(join(first.folder, '00000.png'), 'being written');
    await using second = await PictureFolder.create(workspace.path('clip.mp4'), target, false);
    expect(second.folder).not.toBe(first.folder);
    expect(existsSync(join(first.folder, '00000.png'))).toBe(true);
  });

  it('never replaces a folder that is not ours, and says what a build cannot write', async () => {
    const foreign = workspace.path('foreign');
    execFileSync('mkdir', ['-p', foreign]);
    execFileSync('touch', [join(foreign, 'thesis.doc')]);
    const refused = await workspace.run(['render', session, '--codec', 'png', '--out', foreign, '--overwrite']);
    expect(refused.stderr).toContain('[output-exists]');
    expect(existsSync(join(foreign, 'thesis.doc'))).toBe(true);
    const wrong = await workspace.run(['render', session, '--codec', 'prores', '--out', workspace.path('x.mp4')]);
    expect(wrong).toMatchObject({ status: 2 });
    expect(wrong.stderr).toContain('name x.mov');
    for (const name of ['x.txt', 'x', 'x.gif']) {
      const other = await workspace.run(['render', session, '--out', workspace.path(name)]);
      expect(other.stderr).toContain(`h264 is written as .mp4 or .m4v, which ${name} is not; name x.mp4. [usage]`);
      expect(existsSync(workspace.path(name))).toBe(false);
    }
    const nobody = await workspace.run(['render', session, '--objects', '7', '--out', workspace.path('y.mp4')]);
    expect(nobody.stderr).toContain('no object 7; it has 1, 2');
  });
});
