import type { Report, ReportEvent } from '../../../../src-shared/contract/report-results.ts';
import { withProgress } from '../../base/with-progress.ts';
import { checkReportFolder, renderText, writeReport } from '../../reports/index.ts';

/** Says how far a measurement is; `total` null: not known. */
export type Progress = (label: string, done: number, total: number | null) => void;

export interface ReportOutput {
  /** Null: nothing is written. */
  readonly outFolder: string | null;
  readonly overwrite: boolean;
}

/** Runs one measurement as a stream: progress, then the report, whose files are complete by then; `written` comes after them. */
export function reportJob(
  { outFolder, overwrite }: ReportOutput,
  measure: (progress: Progress) => Promise<Report>,
  written?: () => Promise<void>,
): AsyncGenerator<ReportEvent, void> {
  return withProgress<ReportEvent, ReportEvent>(async (tell) => {
    await checkReportFolder(outFolder, overwrite);
    const report = await measure((label, done, total) => tell({ kind: 'progress', label, done, total }));
    const files = outFolder === null ? [] : await writeReport(outFolder, report);
    await written?.();
    return { kind: 'report', report, text: renderText(report), files };
  });
}
