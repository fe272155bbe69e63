import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import type { Workspace } from '../support/run-cli.ts';
import type { Step, Trajectory } from './trajectory-fixtures.ts';

/** One `masklet track` line: the prompts since the last propagation, and that propagation. */
export function trackLines(trajectory: Trajectory, root: string): readonly (readonly string[])[] {
  const lines: string[][] = [];
  let prompts: string[] = [];
  const last = trajectory.numFrames - 1;
  for (const [at, step] of trajectory.steps.entries()) {
    if (trajectory.steps[at - 1]?.oneCall) continue;
    if (step.op !== 'propagate') {
      prompts.push(...promptFlags(step, root));
      continue;
    }
    const [from, to] = step.reverse ? [step.end ?? 0, step.start ?? last] : [step.start ?? 0, step.end ?? last];
    const oneWay = ['--range', `${from}:${to}`, '--direction', step.reverse ? 'backward' : 'forward'];
    lines.push([...prompts, ...(step.oneCall ? ['--direction', 'both'] : oneWay)]);
    prompts = [];
  }
  return lines;
}

function promptFlags(step: Step, root: string): string[] {
  const place = `${step.obj}:${step.frame}`;
  if (step.op === 'mask') return ['--mask', `${place}:${join(root, step.mask ?? '')}`];
  const flags: string[] = [];
  if (step.box !== undefined) {
    const [x0, y0, x1, y1] = step.box;
    flags.push('--box', `${place}:${x0},${y0},${x1 - x0},${y1 - y0}`);
  }
  for (const [index, [x, y]] of (step.points ?? []).entries()) {
    flags.push('--point', `${place}:${x},${y}${step.labels?.[index] === 1 ? '' : ',-'}`);
  }
  return flags;
}

export interface CliDeviation {
  readonly frames: number;
  readonly minMaskIou: number;
  readonly worst: string;
}

/** Runs a trajectory through the shell, exports PNGs and compares the last result of each object on each frame with the golden. */
export async function replayThroughShell(
  workspace: Workspace,
  trajectory: Trajectory,
  packFolder: string,
  root: string,
  change: (line: readonly string[]) => readonly string[] = (line) => line,
): Promise<CliDeviation> {
  const name = `${trajectory.name}-${Math.random().toString(36).slice(2)}`;
  const session = workspace.path(`${name}.masklet`);
  const video = join(root, 'video/frames');
  for (const line of trackLines(trajectory, root)) {
    const args = ['track', video, '--pack', packFolder, '--policy', 'reference', '--session', session];
    const result = await workspace.run([...args, ...change(line)]);
    if (result.status !== 0) throw new Error(result.stderr);
  }
  const out = workspace.path(name);
  const exported = await workspace.run(['export', session, '--format', 'png', '--out', out]);
  if (exported.status !== 0) throw new Error(exported.stderr);
  return compare(trajectory, out);
}

function compare(trajectory: Trajectory, out: string): CliDeviation {
  const last = new Map(trajectory.results.map((result) => [`${result.obj}:${result.frame}`, result]));
  let minMaskIou = 1;
  let worst = '';
  for (const { obj, frame, tensorRow } of last.values()) {
    const iou = maskIou(exportedMask(out, obj, frame, trajectory), goldenMask(trajectory, tensorRow));
    if (iou >= minMaskIou) continue;
    minMaskIou = iou;
    worst = `object ${obj} on frame ${frame}`;
  }
  return { frames: last.size, minMaskIou, worst };
}

function exportedMask(out: string, obj: number, frame: number, { width, height }: Trajectory): RleMask {
  const path = join(out, String(obj), `${String(frame).padStart(5, '0')}.png`);
  const bitmap = new Uint8Array(width * height);
  if (!existsSync(path)) return rleFromBitmap(bitmap, width, height);
  const png = PNG.sync.read(readFileSync(path));
  for (let at = 0; at < bitmap.length; at++) bitmap[at] = png.data[at * 4] > 127 ? 1 : 0;
  return rleFromBitmap(bitmap, width, height);
}

function goldenMask({ masks, width, height }: Trajectory, row: number): RleMask {
  const bitmap = new Uint8Array(width * height);
  for (let at = 0; at < bitmap.length; at++) bitmap[at] = masks.data[(row * width * height + at) * 4] > 127 ? 1 : 0;
  return rleFromBitmap(bitmap, width, height);
}
