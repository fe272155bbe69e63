import type { Report, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { formatCell, isNumeric } from './format-cell.ts';

/** The report as GitHub Markdown. Plots are left to the HTML: their numbers stand in the tables and in the JSON. */
export function renderMarkdown(report: Report): string {
  const lines = [
    `# ${escapeMarkdown(report.title)}`,
    '',
    ...report.facts.map(([name, value]) => `- ${name}: ${escapeMarkdown(value)}`),
  ];
  if (report.verdict !== null) lines.push(`- **${report.verdict}**`);
  for (const section of report.sections) {
    if (section.kind === 'table') lines.push('', ...tableLines(section));
    else if (section.kind === 'text') lines.push('', escapeMarkdown(section.text));
  }
  if (report.notes.length > 0) lines.push('', ...report.notes.map((note) => `> ${escapeMarkdown(note)}`));
  return `${lines.join('\n')}\n`;
}

function tableLines({ title, columns, rows }: ReportTable): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `## ${escapeMarkdown(title)}`,
    '',
    row(columns.map(({ name }) => escapeMarkdown(name))),
    row(columns.map((_, at) => (isNumeric(rows, at) ? '---:' : '---'))),
    ...rows.map((cells) => row(cells.map((cell, at) => escapeMarkdown(formatCell(cell, columns[at]))))),
  ];
}

/** Object and file names may hold anything: they must neither break a table nor become markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\|<>[\]`*]/g, '\\$&').replace(/\r?\n/g, ' ');
}
