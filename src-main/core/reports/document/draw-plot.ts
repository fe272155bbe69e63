import type { ReportPlot } from '../../../../src-shared/contract/report-results.ts';
import { escapeHtml } from './escape-html.ts';

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 62;
const RIGHT = 14;
const TOP = 12;
const BOTTOM = 46;
/** The page's colours `--s0` on, after Okabe and Ito: distinguishable without red against green, on light and on dark. */
const COLOURS = 8;
/** Lines may lie upon each other: the one below shows through the gaps of the one above. */
const DASHES = ['', '9 5', '2 4', '9 4 2 4'];
/** More names than this do not fit under the axis. */
const MOST_NAMES = 24;

interface Scale {
  x(value: number): number;
  y(value: number): number;
}

/** An inline SVG, self-contained; its numbers are those of the report. */
export function drawPlot(plot: ReportPlot): string {
  const points = plot.series.flatMap((series) => series.points).filter(([x, y]) => Number.isFinite(x + y));
  if (points.length === 0) return '';
  const [xLow, xHigh] = xRange(
    plot,
    points.map(([x]) => x),
  );
  const [yLow, yHigh] = plot.yRange ?? spread([...points.map(([, y]) => y), ...(plot.kind === 'bars' ? [0] : [])]);
  const scale: Scale = {
    x: (value) => LEFT + ((value - xLow) / (xHigh - xLow)) * (WIDTH - LEFT - RIGHT),
    y: (value) =>
      HEIGHT - BOTTOM - ((Math.min(yHigh, Math.max(yLow, value)) - yLow) / (yHigh - yLow)) * (HEIGHT - TOP - BOTTOM),
  };
  const marks = plot.kind === 'line' ? lines(plot, scale) : bars(plot, scale, yLow);
  return [
    `<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(plot.title)}">`,
    ...ticks(yLow, yHigh).map((value) => yTick(value, scale)),
    ...xTicks(plot, xLow, xHigh, scale),
    ...marks,
    `<text class="axis" x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(plot.xLabel)}</text>`,
    `<text class="axis" transform="rotate(-90)" x="${-(TOP + HEIGHT - BOTTOM) / 2}" y="14" text-anchor="middle">${escapeHtml(plot.yLabel)}</text>`,
    '</svg></div>',
    legend(plot),
  ].join('\n');
}

function xRange(plot: ReportPlot, values: readonly number[]): [number, number] {
  if (plot.kind === 'bars') return [-0.5, (plot.xNames?.length ?? Math.max(...values) + 1) - 0.5];
  return spread(values);
}

/** Lowest and highest value, never equal. */
function spread(values: readonly number[]): [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function lines(plot: ReportPlot, scale: Scale): string[] {
  return plot.series.map(({ name, points }, at) => {
    const finite = points.filter(([x, y]) => Number.isFinite(x + y));
    const path = finite.map(([x, y]) => `${scale.x(x).toFixed(1)},${scale.y(y).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" ${stroke(at)}><title>${escapeHtml(name)}</title></polyline>`;
  });
}

function bars(plot: ReportPlot, scale: Scale, yLow: number): string[] {
  const place = scale.x(1) - scale.x(0);
  const width = Math.max(1, (place * 0.8) / plot.series.length);
  return plot.series.flatMap(({ name, points }, at) =>
    points.map(([x, y]) => {
      const left = scale.x(x) - place * 0.4 + at * width;
      const top = scale.y(y);
      const height = scale.y(Math.max(0, yLow)) - top;
      const label = `${name} ${plot.xNames?.[x] ?? x}: ${shortNumber(y)}`;
      return `<rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${Math.max(0, height).toFixed(1)}" style="fill:${colour(at)}"><title>${escapeHtml(label)}</title></rect>`;
    }),
  );
}

function yTick(value: number, scale: Scale): string {
  const y = scale.y(value).toFixed(1);
  return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${shortNumber(value)}</text>`;
}

function xTicks(plot: ReportPlot, low: number, high: number, scale: Scale): string[] {
  const text = (value: number, label: string) =>
    `<text x="${scale.x(value).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escapeHtml(label)}</text>`;
  const names = plot.xNames;
  if (names === null) return ticks(low, high).map((value) => text(value, shortNumber(value)));
  const step = Math.ceil(names.length / MOST_NAMES);
  return names.flatMap((name, at) =>
    at % step === 0 ? [text(at, name.length > 14 ? `${name.slice(0, 13)}…` : name)] : [],
  );
}

/** About six round values inside the range. */
function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, at) => (first + at) * step);
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function legend({ kind, series }: ReportPlot): string {
  if (series.length < 2) return '';
  const key = (at: number) =>
    kind === 'line'
      ? `<path d="M0 6H28" ${stroke(at)}/>`
      : `<rect x="9" y="1" width="10" height="10" style="fill:${colour(at)}"/>`;
  const items = series.map(
    ({ name }, at) => `<span><svg viewBox="0 0 28 12" aria-hidden="true">${key(at)}</svg>${escapeHtml(name)}</span>`,
  );
  return `<p class="legend">${items.join(' ')}</p>`;
}

function colour(at: number): string {
  return `var(--s${at % COLOURS})`;
}

function stroke(at: number): string {
  const dashes = DASHES[at % DASHES.length];
  return `style="stroke:${colour(at)}" stroke-width="2" stroke-linejoin="round"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}`;
}
