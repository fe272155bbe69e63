/**
 * node test/bench/render.ts [--clip FILE | --session FILE] [--styles overlay,blur,...] [--frames 600] [--rounds 3]
 *
 * What annotating costs: for every style, frames a second over those of the same ffmpeg re-encoding the clip alone with the same
 * settings, interleaved, median of the rounds; and, on Linux, the same ratio of processor time, which other work on the machine
 * changes less. The clip is looped: our 720p sample, or any other of its
 * size. The three objects are the sample's true masks either way. With --session it is the video of a tracked session with the
 * masks of that session, once from start to end. Only the ratios of one run count.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { trueMask, unpackTruth } from '../../resources/sample/truth-file.ts';
import { renderAnnotated, resolveLook } from '../../src-main/core/export/index.ts';
import { openSessionReader } from '../../src-main/core/store/index.ts';
import { createYuvFrameReader, findMediaTools, openVideo, openVideoEncoder } from '../../src-main/core/video/index.ts';
import { maskReader } from '../../src-main/workers/export/material.ts';
import { renderLookSchema } from '../../src-shared/contract/render-look.ts';
import { frameIndex } from '../../src-shared/domain/ids.ts';
import { objectColour } from '../../src-shared/domain/palette.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { exportObject, fakeMasks, storedMask } from '../support/export-fakes.ts';

const { values } = parseArgs({
  options: {
    styles: {
      type: 'string',
      default: 'overlay,outline,box,spotlight,cutout,blur,pixelate,redact,desaturate,heat,trails',
    },
    frames: { type: 'string', default: '600' },
    clip: { type: 'string' },
    session: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    things: { type: 'string', default: 'box,star,ball' },
  },
});
const root = join(import.meta.dirname, '../out/bench-render');
mkdirSync(root, { recursive: true });
const tools = await findMediaTools();
const sample = join(import.meta.dirname, '../../resources/sample');
using session = values.session === undefined ? null : openSessionReader(values.session);
const original = session?.media.get().info.path ?? values.clip ?? join(sample, 'tumble.mp4');
const clip = session === null ? looped(original, Number(values.frames)) : original;
const source = await openVideo(clip, { tools, cacheDir: join(root, 'cache') });
const masks = session === null ? truthMasks() : maskReader(session);
const styles = values.styles.split(',');
const alone: Cost[] = [];
const costs = new Map<string, Cost[]>(styles.map((style) => [style, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  alone.push(await costOf(reencodeAlone));
  for (const style of styles) costs.get(style)!.push(await costOf(() => render(style)));
}
alone.push(await costOf(reencodeAlone));
console.log('| style | speed over re-encoding alone | by processor time |\n|---|---|---|');
for (const style of styles) {
  // Each rendering is compared with the two plain runs around its round: the machine's load drifts.
  const ratio = (of: (cost: Cost) => number) =>
    median(costs.get(style)!.map((cost, round) => (of(alone[round]) + of(alone[round + 1])) / 2 / of(cost)));
  console.log(`| ${style} | ${ratio(({ wall }) => wall).toFixed(2)} | ${ratio(({ cpu }) => cpu).toFixed(2)} |`);
}
console.log(
  `\n${source.info.frameCount} frames of ${basename(original)}, ${source.info.width}x${source.info.height}, ${masks.objects.length} objects, ${values.rounds} rounds, ffmpeg ${tools.ffmpeg.version.text}`,
);
console.log(`peak RSS of this process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);

/** The clip again and again, up to so many frames. */
function looped(path: string, frames: number): string {
  const made = join(root, `looped-${frames}-${basename(path)}`);
  if (existsSync(made)) return made;
  const loop = ['-stream_loop', '-1', '-i', path, '-frames:v', String(frames), '-c:v', 'copy', '-an'];
  execFileSync(tools.ffmpeg.path, ['-v', 'error', '-y', ...loop, made]);
  return made;
}

function truthMasks() {
  const truth = unpackTruth(readFileSync(join(sample, 'tumble.truth.json.gz')));
  const things = values.things.split(',').map((name) => truth.things.find((thing) => thing.name === name)!);
  const objects = things.map(({ name }, index) => exportObject(index + 1, name, objectColour(index + 1)));
  return fakeMasks(objects, (frame) =>
    things.map((thing, index) =>
      storedMask(index + 1, trueMask(truth, thing, frame % truth.frameCount), {
        scores: { ...noScores, predictedIou: 0.9 },
      }),
    ),
  );
}

async function render(style: string): Promise<void> {
  const outputPath = join(root, `${style}.mp4`);
  const range = { first: frameIndex(0), last: frameIndex(source.info.frameCount - 1) };
  const signal = new AbortController().signal;
  await renderAnnotated({
    reader: createYuvFrameReader(source),
    masks,
    frameCount: source.info.frameCount,
    openEncoder: (shape) => openVideoEncoder(source, { outputPath, overwrite: true, shape, signal }),
    range,
    look: resolveLook(renderLookSchema.parse({ style }), 'h264'),
    outputPath,
    signal,
  });
  rmSync(outputPath);
}

/** The settings of our H.264. */
async function reencodeAlone(): Promise<void> {
  const quality = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '18',
    '-pix_fmt',
    'yuv420p',
    '-movflags',
    '+faststart',
    // As we do with sound.
    '-c:a',
    'copy',
  ];
  const out = join(root, 'alone.mp4');
  execFileSync(tools.ffmpeg.path, ['-nostdin', '-v', 'error', '-y', '-i', clip, ...quality, out]);
  rmSync(out);
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const [wall, cpu] = [performance.now(), processorTicks()];
  await work();
  return { wall: performance.now() - wall, cpu: processorTicks() - cpu };
}

/** Clock ticks of this process and of the children that have ended (proc(5): utime, stime, cutime, cstime); NaN elsewhere. */
function processorTicks(): number {
  if (process.platform !== 'linux') return Number.NaN;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ').map(Number);
  return fields[11] + fields[12] + fields[13] + fields[14];
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
