import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PNG } from 'pngjs';
import type { Report } from '../../src-shared/contract/report-results.ts';
import type { CliResult, Workspace } from './run-cli.ts';

/** Writes a file of a workspace, with its folders; returns its path. */
export function put(work: Workspace, path: string, content: Buffer | string): string {
  const target = work.path(path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  return target;
}

/** The report that a command with `--json` printed. */
export function reportOf({ lines }: CliResult): Report & { readonly files: readonly string[] } {
  return lines.find((line) => line.type === 'report') as unknown as Report & { files: string[] };
}

/** Rows of the table whose title begins like this. */
export function tableOf(report: Report, title: string) {
  const table = report.sections.find((section) => section.kind === 'table' && section.title.startsWith(title));
  if (table?.kind !== 'table') throw new Error(`no table ${title}`);
  return table.rows;
}

/** A square of one colour on grey (`ground`). */
export function picture(
  width: number,
  height: number,
  square: { x: number; y: number; side: number },
  colour: number[],
  ground = 20,
): Buffer {
  const png = new PNG({ width, height });
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const inside = x >= square.x && y >= square.y && x < square.x + square.side && y < square.y + square.side;
    png.data.set([...(inside ? colour : [ground, ground, ground]), 255], at * 4);
  }
  return PNG.sync.write(png);
}
