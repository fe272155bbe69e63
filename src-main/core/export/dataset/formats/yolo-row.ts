/** Class and box. An outline has seven fields at least. Predictions may have a score, then a track number, behind either. */
const BOX_FIELDS = 5;
/** Sides and coordinates are shares of the picture; some writers round a little beyond it. */
const SLACK = 0.01;

export interface YoloRow {
  readonly kind: 'box' | 'outline';
  readonly classId: number;
  /** Shares of the picture: centre and size of a box, or the x, y pairs of an outline. */
  readonly values: readonly number[];
  readonly track: string | null;
}

/** What tells rows apart that look alike. */
export interface YoloDialect {
  readonly kind: 'yolo-seg' | 'yolo-box';
  /** Rows end in track numbers, so that a last 1 is one, too: neither a score nor a coordinate. */
  readonly tracks: boolean;
}

export function fieldsOf(line: string): readonly string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** The last field when it is written as a whole number above 0: only a track number can be more than 1. */
function lastWhole(fields: readonly string[]): number | null {
  const last = fields[fields.length - 1] ?? '';
  return fields.length > BOX_FIELDS && /^[1-9]\d{0,8}$/.test(last) ? Number(last) : null;
}

/** Whether a row is a box: with a score, a track number, or both behind it. */
export function isBoxRow(fields: readonly string[]): boolean {
  const more = fields.length - BOX_FIELDS;
  return more === 0 || more === 1 || (more === 2 && lastWhole(fields) !== null);
}

/** Whether a row tells boxes from outlines: seven fields that end in a bare 1 are a triangle, or a box with score and track number 1. */
export function isTelling(fields: readonly string[]): boolean {
  return fields.length !== BOX_FIELDS + 2 || lastWhole(fields) !== 1;
}

/**
 * Whether the rows of some files end in track numbers: some are above 1, or all are 1, a lone object that is seen in several files and
 * never twice in one.
 */
export function endInTracks(files: readonly (readonly (readonly string[])[])[]): boolean {
  const ends = files.map((rows) => rows.filter(({ length }) => length > BOX_FIELDS).map(lastWhole));
  if (ends.flat().some((end) => end !== null && end > 1)) return true;
  const filled = ends.filter(({ length }) => length > 0);
  return filled.length > 1 && filled.every((rows) => rows.length === 1 && rows[0] === 1);
}

/** A row, or the reason why it is none. */
export function parseYoloRow(fields: readonly string[], { kind, tracks }: YoloDialect): YoloRow | string {
  const [classId, ...all] = fields.map(Number);
  if (all.length < BOX_FIELDS - 1 || !all.every(Number.isFinite) || !Number.isInteger(classId))
    return 'a row that is no label';
  const whole = lastWhole(fields);
  const likeBox = isBoxRow(fields) && (fields.length < BOX_FIELDS + 2 || kind === 'yolo-box' || whole !== 1);
  const scored = fields.length > BOX_FIELDS + 1;
  const tracked = whole !== null && (whole > 1 || tracks || (likeBox && scored));
  const track = tracked ? String(whole) : null;
  if (likeBox) {
    const values = all.slice(0, BOX_FIELDS - 1);
    if (values[2] <= 0 || values[3] <= 0) return 'a box without area';
    return values.every(isShare) ? { kind: 'box', classId, values, track } : OUTSIDE;
  }
  const rest = tracked ? all.slice(0, -1) : all;
  const values = rest.slice(0, rest.length - (rest.length % 2));
  if (values.length < 6) return 'an outline of fewer than three points';
  return values.every(isShare) ? { kind: 'outline', classId, values, track } : OUTSIDE;
}

const OUTSIDE = 'a row with coordinates outside the picture';

function isShare(value: number): boolean {
  return value >= -SLACK && value <= 1 + SLACK;
}
