import type { ReportCell, ReportColumn } from '../../../../src-shared/contract/report-results.ts';

/** A value as people read it; the same text in the terminal, in Markdown and in HTML. */
export function formatCell(cell: ReportCell, column: ReportColumn): string {
  if (cell === null) return '-';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'string') return cell;
  if (!Number.isFinite(cell)) return String(cell);
  const text = cell.toFixed(column.digits ?? (Number.isInteger(cell) ? 0 : 3));
  // A small error must not look like none.
  return Number(text) === 0 && cell !== 0 ? cell.toExponential(1) : text;
}

/** Numbers stand right, words left. */
export function isNumeric(rows: readonly (readonly ReportCell[])[], at: number): boolean {
  return rows.some((row) => typeof row[at] === 'number') && rows.every((row) => typeof row[at] !== 'string');
}
