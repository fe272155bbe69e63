import { describe, expect, it } from 'vitest';
import { renderHtml, renderMarkdown, renderText } from '../../src-main/core/reports/index.ts';
import type { Report } from '../../src-shared/contract/report-results.ts';

const hostile = '<img src=x onerror=alert(1)> | `a` "q"';
const report: Report = {
  format: 1,
  kind: 'eval',
  title: hostile,
  facts: [['name', hostile]],
  headline: [
    ['J&F', '61.3'],
    [hostile, hostile],
  ],
  verdict: 'FAIL',
  sections: [
    {
      kind: 'table',
      title: 'Table',
      columns: [{ name: 'object' }, { name: 'J', digits: 1 }, { name: 'error', digits: 3 }],
      rows: [
        [hostile, 61.25, 1e-9],
        ['b', null, 0],
      ],
    },
    {
      kind: 'line',
      title: 'Line',
      xLabel: 'frame',
      yLabel: hostile,
      yRange: [0, 1],
      xNames: null,
      series: [
        {
          name: hostile,
          points: [
            [0, 0.5],
            [1, Number.NaN],
            [2, 1],
          ],
        },
      ],
    },
    {
      kind: 'bars',
      title: 'Bars',
      xLabel: 'x',
      yLabel: 'y',
      yRange: null,
      xNames: ['one', 'two'],
      series: [
        {
          name: 's',
          points: [
            [0, 1],
            [1, 3],
          ],
        },
      ],
    },
  ],
  notes: [hostile],
  data: null,
};

describe('report documents', () => {
  it('HTML is self-contained and names are text, never markup', () => {
    const html = renderHtml(report);
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/<script|https?:|<link|url\(|@import/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<svg /g)).toHaveLength(2);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toContain('NaN');
  });

  it('says first what people compare', () => {
    const html = renderHtml(report);
    expect(html).toContain('<dt>J&amp;F</dt><dd>61.3</dd>');
    expect(html.indexOf('61.3')).toBeLessThan(html.indexOf('<table>'));
    const { headline: _, ...without } = report;
    expect(renderHtml(without)).not.toContain('class="headline"');
  });

  it('tells lines apart that lie upon each other, and no line by a colour that one of the two backgrounds swallows', () => {
    const line = report.sections[1];
    if (line.kind !== 'line') throw new Error('not a line');
    const twice = { ...report, sections: [{ ...line, series: [line.series[0], line.series[0], line.series[0]] }] };
    const drawn = [...renderHtml(twice).matchAll(/<polyline [^>]*style="stroke:([^"]+)"[^>]*>/g)];
    expect(new Set(drawn.map(([text]) => /stroke-dasharray="[^"]+"/.exec(text)?.[0] ?? 'solid')).size).toBe(3);
    for (const [, colour] of drawn) expect(colour).toMatch(/^var\(--s\d\)$/);
  });

  it('the bars of a plot are as high as their numbers', () => {
    const heights = [...renderHtml(report).matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) =>
      Number(height),
    );
    expect(heights[1] / heights[0]).toBeCloseTo(3, 1);
  });

  it('Markdown tables keep their columns whatever the names', () => {
    const lines = renderMarkdown(report)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    for (const line of lines) expect(line.replace(/\\\|/g, '').split('|')).toHaveLength(5);
    expect(lines[2]).toContain('61.3');
    expect(lines[3]).toContain('| - | 0.000 |');
  });

  it('a small number never looks like zero', () => {
    expect(renderText(report)).toContain('1.0e-9');
    expect(renderText(report).trimEnd().endsWith('FAIL')).toBe(true);
  });
});
