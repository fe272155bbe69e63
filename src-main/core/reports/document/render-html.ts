import type { Report, ReportTable } from '../../../../src-shared/contract/report-results.ts';
import { drawPlot } from './draw-plot.ts';
import { escapeHtml } from './escape-html.ts';
import { formatCell, isNumeric } from './format-cell.ts';

/** Nothing may be fetched and nothing may run: the page is the report and nothing else. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2127; --soft: #5a6470; --line: #dfe3e8; --panel: #f6f7f9; --page: #fff;
  --s0: #0072b2; --s1: #d55e00; --s2: #007d5b; --s3: #b8588f; --s4: #2f8fc4; --s5: #b37a00; --s6: #1c2127; --s7: #7d858e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eaed; --soft: #a3acb7; --line: #343a42; --panel: #1c2026; --page: #131619;
    --s0: #56b4e9; --s1: #ff8c42; --s2: #3cc79a; --s3: #e39ac8; --s4: #9fd3f2; --s5: #f0b93a; --s6: #fff; --s7: #8d97a3;
  }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; letter-spacing: -.01em; } h2 { font-size: 1.05rem; margin: 2.2rem 0 .5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { font-weight: 600; color: var(--soft); font-size: .85rem; } tbody tr:last-child td { border-bottom-color: transparent; }
th:first-child, td:first-child { padding-left: 0; } .number { text-align: right; }
dl { display: grid; grid-template-columns: max-content auto; gap: .1rem 1rem; margin: 1rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .6rem; }
.headline div { display: flex; flex-direction: column-reverse; background: var(--panel); border-radius: .5rem; padding: .6rem .8rem; }
.headline dt { font-size: .8rem; } .headline dd { font-size: 1.5rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } .note { border-left: 3px solid var(--line); padding-left: .8rem; color: var(--soft); }
.PASS, .FAIL { display: inline-block; padding: .1rem .7rem; border-radius: .3rem; color: #fff; font-weight: 700; }
.PASS { background: #00704a; } .FAIL { background: #b3261e; }
svg { display: block; width: 100%; min-width: 34rem; height: auto; background: var(--panel); border-radius: .5rem; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); } svg .axis { font-size: 12px; } svg .grid { stroke: var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .5rem 0 0; color: var(--soft); font-size: .9rem; }
.legend span { display: inline-flex; align-items: center; gap: .4rem; white-space: nowrap; }
.legend svg { width: 1.8rem; min-width: 0; height: .7rem; background: none; border-radius: 0; }
@media print { body { max-width: none; margin: 0; } h2 { break-after: avoid; } svg, tr { break-inside: avoid; } }
`;

/** The report as one HTML file: tables and inline plots, no script, no remote content. */
export function renderHtml(report: Report): string {
  const facts = report.facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`);
  const sections = report.sections.map((section) => {
    if (section.kind === 'table') return tableHtml(section);
    if (section.kind === 'text') return `<p>${escapeHtml(section.text)}</p>`;
    return `<h2>${escapeHtml(section.title)}</h2>\n${drawPlot(section)}`;
  });
  const tiles = report.headline?.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const headline = tiles === undefined ? '' : `<dl class="headline">${tiles.join('')}</dl>`;
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
${[verdict, headline, `<dl>${facts.join('')}</dl>`, ...sections, ...notes].join('\n')}
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
