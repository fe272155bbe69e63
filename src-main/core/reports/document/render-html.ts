import type { Report, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { drawPlot } from './draw-plot.ts';
import { escapeHtml } from './escape-html.ts';
import { formatCell, isNumeric } from './format-cell.ts';

/** Nothing may be fetched and nothing may run: the page is the report and nothing else. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #8884; text-align: left; }
th { border-bottom-width: 2px; } .number { text-align: right; }
dl { display: grid; grid-template-columns: max-content auto; gap: .1rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } .note { border-left: 3px solid #8888; padding-left: .8rem; }
.PASS, .FAIL { display: inline-block; padding: .1rem .7rem; border-radius: .3rem; color: #fff; font-weight: 700; }
.PASS { background: #00704a; } .FAIL { background: #b3261e; }
svg { width: 100%; height: auto; background: #fff; border: 1px solid #8884; }
svg text { font: 11px system-ui, sans-serif; fill: #333; } svg .axis { font-size: 12px; } svg .grid { stroke: #ddd; }
.legend span { margin-right: 1rem; white-space: nowrap; } .legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; }
`;

/** The report as one HTML file: tables and inline plots, no script, no remote content. */
export function renderHtml(report: Report): string {
  const facts = report.facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  const sections = report.sections.map((section) => {
    if (section.kind === 'table') return tableHtml(section);
    if (section.kind === 'text') return `<p>${escapeHtml(section.text)}</p>`;
    return `<h2>${escapeHtml(section.title)}</h2>\n${drawPlot(section)}`;
  });
  const verdict = report.verdict === null ? '' : `<p><span class="${report.verdict}">${report.verdict}</span></p>`;
  const notes = report.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(report.title)}</h1>
${[verdict, `<dl>${facts.join('')}</dl>`, ...sections, ...notes].join('\n')}
</body>
</html>
`;
}

function tableHtml({ title, columns, rows }: ReportTable): string {
  const side = columns.map((_, at) => (isNumeric(rows, at) ? ' class="number"' : ''));
  const head = columns.map(({ name }, at) => `<th${side[at]}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, at) => `<td${side[at]}>${escapeHtml(formatCell(cell, columns[at]))}</td>`).join('')}</tr>`,
  );
  return `<h2>${escapeHtml(title)}</h2>
<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}
