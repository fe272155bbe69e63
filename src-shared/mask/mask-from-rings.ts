import { StudioError } from '../errors/studio-error.ts';
import { type RleMask, RleWriter } from './rle.ts';
import { type Ring, signedArea } from './trace-rings.ts';

/** An outline crosses a row of pixels at most this often in all: 16 bytes each, and no hostile polygon costs more. */
const MAX_CROSSINGS = 16_000_000;

/**
 * Fills polygons: a pixel belongs to the mask when its centre lies inside one of them (non-zero winding). Rings that run the
 * other way round cut holes when `holes` is on; otherwise the rings are united.
 * Throws `mask-corrupt` for coordinates that are not finite or outlines that are absurdly long.
 */
export function maskFromRings(
  rings: readonly Ring[],
  width: number,
  height: number,
  { holes = false }: { readonly holes?: boolean } = {},
): RleMask {
  const rows = crossingsOf(holes ? rings : rings.map(clockwise), width, height);
  const writer = new RleWriter(width, height);
  for (let y = 0; y < height; y++) writeRow(writer, spansOf(rows, y, width), width);
  return writer.finish();
}

/** With all rings turning the same way, non-zero winding is their union. */
function clockwise(ring: Ring): Ring {
  if (signedArea(ring) >= 0) return ring;
  const turned: number[] = [];
  for (let at = ring.length - 2; at >= 0; at -= 2) turned.push(ring[at], ring[at + 1]);
  return turned;
}

/** Where outlines cross the middle of each row: `at[row]` starts its entries, x with the direction of the crossing. */
interface Crossings {
  readonly at: Uint32Array;
  readonly x: Float64Array;
  readonly winding: Int8Array;
}

function crossingsOf(rings: readonly Ring[], width: number, height: number): Crossings {
  const at = new Uint32Array(height + 1);
  let total = 0;
  eachEdge(rings, (_x0, y0, _x1, y1) => {
    const [first, last] = rowsOf(y0, y1, height);
    for (let row = first; row < last; row++) at[row + 1]++;
    total += Math.max(0, last - first);
    if (total > MAX_CROSSINGS) throw damagedPolygon('its outline is absurdly long');
  });
  for (let row = 0; row < height; row++) at[row + 1] += at[row];
  const x = new Float64Array(total);
  const winding = new Int8Array(total);
  const cursor = at.slice(0, height);
  eachEdge(rings, (x0, y0, x1, y1) => {
    const [first, last] = rowsOf(y0, y1, height);
    for (let row = first; row < last; row++) {
      const slot = cursor[row]++;
      x[slot] = Math.max(-1, Math.min(width + 1, crossing(x0, y0, x1, y1, row + 0.5)));
      winding[slot] = y1 > y0 ? 1 : -1;
    }
  });
  return { at, x, winding };
}

/**
 * Where an edge crosses a height, counted from its upper end whichever way it runs: a line walked forth and back, such as those
 * that join parts, crosses at the same x to the last bit and so has no area.
 */
function crossing(x0: number, y0: number, x1: number, y1: number, y: number): number {
  if (y1 < y0) return crossing(x1, y1, x0, y0, y);
  return x0 + ((y - y0) * (x1 - x0)) / (y1 - y0);
}

function eachEdge(rings: readonly Ring[], visit: (x0: number, y0: number, x1: number, y1: number) => void): void {
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      const next = (at + 2) % ring.length;
      const edge = [ring[at], ring[at + 1], ring[next], ring[next + 1]];
      if (!edge.every(Number.isFinite)) throw damagedPolygon('a coordinate is not a number');
      visit(edge[0], edge[1], edge[2], edge[3]);
    }
  }
}

/** Rows whose middle lies between two heights: [first, last). */
function rowsOf(y0: number, y1: number, height: number): [number, number] {
  const low = Math.min(y0, y1);
  const high = Math.max(y0, y1);
  const clamp = (value: number) => Math.max(0, Math.min(height, value));
  return [clamp(Math.ceil(low - 0.5)), clamp(Math.ceil(high - 0.5))];
}

/** start, end pairs of one row. */
function spansOf({ at, x, winding }: Crossings, row: number, width: number): readonly (readonly [number, number])[] {
  const count = at[row + 1] - at[row];
  if (count === 0) return [];
  const order = Array.from({ length: count }, (_, index) => at[row] + index).sort((a, b) => x[a] - x[b]);
  const spans: [number, number][] = [];
  let depth = 0;
  let from = 0;
  for (const slot of order) {
    const edge = Math.max(0, Math.min(width, Math.ceil(x[slot] - 0.5)));
    if (depth === 0) from = edge;
    depth += winding[slot];
    if (depth === 0 && edge > from) spans.push([from, edge]);
  }
  return spans;
}

function writeRow(writer: RleWriter, spans: readonly (readonly [number, number])[], width: number): void {
  let position = 0;
  for (const [start, end] of spans) {
    writer.push(0, start - position);
    writer.push(1, end - start);
    position = end;
  }
  writer.push(0, width - position);
}

function damagedPolygon(reason: string): StudioError {
  return new StudioError('mask-corrupt', 'user', `A polygon cannot be filled: ${reason}; write the file again.`);
}
