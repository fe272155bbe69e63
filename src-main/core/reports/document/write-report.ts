import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../../../src-shared/contract/report-results.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { renderHtml } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';

/** Every number of a report. */
export const REPORT_FILE = 'report.json';
const NAMES = { json: REPORT_FILE, markdown: 'report.md', html: 'report.html' } as const;

/** Before long work: throws `output-exists` when a report lies in the folder and may not be replaced. */
export async function checkReportFolder(folder: string | null, overwrite: boolean): Promise<void> {
  if (folder === null || overwrite) return;
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw cannotWrite(folder, error);
  });
  const taken = Object.values(NAMES).find((name) => names.includes(name));
  if (taken === undefined) return;
  throw new StudioError(
    'output-exists',
    'conflict',
    `${join(folder, taken)} already exists and was left alone; choose another folder or allow overwriting.`,
  );
}

/** Writes report.json, report.md and report.html, each complete or not at all; returns their paths. */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  const texts = [
    [NAMES.json, `${JSON.stringify(report, null, 1)}\n`],
    [NAMES.markdown, renderMarkdown(report)],
    [NAMES.html, renderHtml(report)],
  ] as const;
  for (const [name, text] of texts) await writeWholeFile(join(folder, name), text);
  return texts.map(([name]) => join(folder, name));
}

/** The file appears complete or not at all; its folder is made when needed. In parts where all of it might be too long for one string. */
export async function writeWholeFile(path: string, text: string | Iterable<string>): Promise<void> {
  const draft = `${path}.partial-${process.pid}`;
  try {
    makeFolder(join(path, '..'));
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  }
}

function cannotWrite(path: string, cause: NodeJS.ErrnoException): StudioError {
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  return new StudioError(
    full ? 'disk-full' : 'permission-denied',
    full ? 'resource' : 'environment',
    full
      ? `The disk is full at ${path}; nothing was left there, free some space and run it again.`
      : `${path} cannot be written (${cause.code ?? cause.message}); choose another place.`,
    { details: { path }, cause },
  );
}
