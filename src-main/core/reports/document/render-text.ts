import type { Report, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { formatCell, isNumeric } from './format-cell.ts';

/** Rows that a terminal shows of one table; files carry all of them. */
const MOST_ROWS = 60;

/** The report for a terminal: title, facts, tables with aligned columns, notes, verdict. Plots are left to the HTML. */
export function renderText(report: Report): string {
  const width = Math.max(0, ...report.facts.map(([name]) => name.length));
  const facts = report.facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const sections = report.sections.flatMap((section) => {
    if (section.kind === 'table') return ['', ...tableLines(section)];
    return section.kind === 'text' ? ['', section.text] : [];
  });
  const notes = report.notes.map((note) => `Note: ${note}`);
  const verdict = report.verdict === null ? [] : ['', report.verdict];
  return [report.title, ...facts, ...sections, ...(notes.length > 0 ? ['', ...notes] : []), ...verdict].join('\n');
}

function tableLines({ title, columns, rows }: ReportTable): string[] {
  const shown = rows.slice(0, MOST_ROWS);
  const cells = shown.map((row) => row.map((cell, at) => formatCell(cell, columns[at])));
  const widths = columns.map(({ name }, at) => Math.max(name.length, ...cells.map((row) => row[at].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (isNumeric(rows, at) ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
      .join('  ')
      .trimEnd();
  const more = rows.length > shown.length ? [`... ${rows.length - shown.length} more rows in the files`] : [];
  return [
    title,
    line(columns.map(({ name }) => name)),
    line(widths.map((width) => '-'.repeat(width))),
    ...cells.map(line),
    ...more,
  ];
}
