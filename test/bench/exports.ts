/**
 * node test/bench/exports.ts [--frames 10000] [--objects 20] [--size 480x270] [--formats coco,mot,...]
 *
 * Writes a long session straight into a store, exports it in each format through the shell, and prints the highest memory of
 * each export; then interrupts each export half way and looks for anything left under the final name. Linux only: it reads
 * VmHWM of the running process.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSession } from '../../src-main/core/store/index.ts';
import { findMediaTools, openVideo } from '../../src-main/core/video/index.ts';
import { datasetFormatSchema } from '../../src-shared/contract/dataset-schemas.ts';
import { frameIndex, objectId } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import { type RleMask, RleWriter } from '../../src-shared/mask/rle.ts';
import { highestMemory } from '../support/highest-memory.ts';
import { finished, Workspace } from '../support/run-cli.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '10000' },
    objects: { type: 'string', default: '20' },
    size: { type: 'string', default: '480x270' },
    formats: { type: 'string', default: datasetFormatSchema.options.join(',') },
  },
});
const frames = Number(values.frames);
const objects = Number(values.objects);
const [width, height] = values.size.split('x').map(Number);
const ROWS_AT_ONCE = 2000;

using workspace = new Workspace('exports');
const sessionPath = workspace.path('long.masklet');
await makeSession();
console.log(
  `${frames} frames of ${width}x${height}, ${objects} objects, ${mega(statSync(sessionPath).size)} MB of session\n`,
);
console.log('| format | masks | files | MB written | peak MB | progress lines | left after an interrupt |');
console.log('|---|---|---|---|---|---|---|');
for (const format of values.formats.split(',')) await measure(format);

async function measure(format: string): Promise<void> {
  const out = workspace.path('out');
  const args = ['export', sessionPath, '--format', format, '--out', out, '--images', 'none', '--json'];
  const plain = ['csv', 'png', 'davis', 'mots-txt', 'mots-png', 'sa-v', 'cvat-video', 'label-studio'].includes(format);
  const typed = plain ? args.filter((arg) => arg !== '--images' && arg !== 'none') : args;
  const child = workspace.start(typed);
  let peakKib = 0;
  const timer = setInterval(() => {
    peakKib = highestMemory(child.pid) ?? peakKib;
  }, 50);
  const { status, lines, stderr } = await finished(child);
  clearInterval(timer);
  if (status !== 0) throw new Error(`${format}: exit ${status}\n${stderr}`);
  const written = lines.find(({ type }) => type === 'written') as { masks: number; files: number } | undefined;
  const bytes = folderBytes(out);
  const progress = stderr.split('\n').filter((line) => line.includes('ETA')).length;
  rmSync(out, { recursive: true });
  const left = await interrupted(typed, bytes);
  const cells = [format, written?.masks, written?.files, mega(bytes), Math.round(peakKib / 1024), progress, left];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Stops an export once it has written a good part, and names what it left. */
async function interrupted(args: readonly string[], wholeBytes: number): Promise<string> {
  const child = workspace.start(args);
  const done = finished(child);
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  while (!ended) {
    const part = readdirSync(workspace.folder).find((name) => name.startsWith('.out.part'));
    if (part !== undefined && folderBytes(workspace.path(part)) > wholeBytes / 8) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGINT');
  const { status } = await done;
  const left = readdirSync(workspace.folder).filter((name) => name.startsWith('out') || name.startsWith('.out'));
  const found = status === 130 && !existsSync(workspace.path('out')) && left.length === 0;
  rmSync(workspace.path('out'), { recursive: true, force: true });
  return found ? 'nothing' : `exit ${status}, ${left.join(' ')}`;
}

async function makeSession(): Promise<void> {
  const tools = await findMediaTools();
  const video = workspace.path('long.mp4');
  const filter = `color=c=gray:s=${width}x${height}:r=30:d=${frames / 30}`;
  const encode = ['-frames:v', String(frames), '-c:v', 'libx264', '-preset', 'ultrafast', video];
  execFileSync(tools.ffmpeg.path, ['-v', 'error', '-f', 'lavfi', '-i', filter, ...encode]);
  const source = await openVideo(video, { tools, cacheDir: workspace.path('home', 'cache') });
  const { info, table } = source;
  const framePts = Array.from({ length: info.frameCount }, (_, index) => table.ptsOf(index));
  const media = { info, framePts, mtimeMillis: Math.trunc(statSync(video).mtimeMs) };
  using session = createSession(sessionPath, media, { app: 'bench' });
  for (let id = 1; id <= objects; id++) session.objects.create({ className: id % 2 === 0 ? 'player' : 'ball' });
  let rows = [];
  for (let frame = 0; frame < frames; frame++) {
    for (let id = 1; id <= objects; id++) {
      const gone = (frame + id * 37) % 400 < 20;
      const scores = { ...noScores, predictedIou: 0.5 + ((frame * id) % 50) / 100 };
      const mask = gone ? null : ellipse(frame, id);
      rows.push({
        frameIndex: frameIndex(frame),
        objectId: objectId(id),
        mask,
        scores,
        source: 'tracked' as const,
        provisional: false,
      });
    }
    if (rows.length < ROWS_AT_ONCE && frame < frames - 1) continue;
    session.masks.save(rows);
    rows = [];
  }
}

/** An ellipse with a wavy edge and a hole, moving on a path of its own: outlines and runs as real masks have them. */
function ellipse(frame: number, id: number): RleMask {
  const centreX = width * (0.5 + 0.4 * Math.sin(frame / (40 + id) + id));
  const centreY = height * (0.5 + 0.4 * Math.cos(frame / (60 - id) + 2 * id));
  const radius = height * (0.06 + 0.004 * id);
  const writer = new RleWriter(width, height);
  let written = 0;
  const push = (start: number, end: number) => {
    if (end <= start || start < written) return;
    writer.push(0, start - written);
    writer.push(1, end - start);
    written = end;
  };
  for (let y = Math.max(0, Math.ceil(centreY - radius)); y < Math.min(height, centreY + radius); y++) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (y - centreY) ** 2)) + 2 * Math.sin(y + frame);
    const left = Math.max(0, Math.round(centreX - half));
    const right = Math.min(width, Math.round(centreX + half));
    const hole = Math.abs(y - centreY) < radius / 5 ? Math.round(radius / 5) : 0;
    const middle = Math.round(centreX);
    if (hole > 0 && middle - hole > left && middle + hole < right) {
      push(y * width + left, y * width + middle - hole);
      push(y * width + middle + hole, y * width + right);
    } else push(y * width + left, y * width + right);
  }
  writer.push(0, width * height - written);
  return writer.finish();
}

function folderBytes(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce(
        (sum, entry) => sum + (statSync(`${entry.parentPath}/${entry.name}`, { throwIfNoEntry: false })?.size ?? 0),
        0,
      );
  } catch {
    return 0;
  }
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
