import type { WireMessage } from './wire.ts';

/**
 * Messages for transports that carry bytes: u32 (little endian) length of the JSON, the JSON, padding to 8, then the typed arrays that
 * the JSON refers to as `{ "$bytes": [type, offset, length] }` (offset from the start of the arrays, length in elements), each
 * aligned to 8. A key of the message that starts with `$` is never ours, so the marker cannot be mistaken.
 */
const KINDS = {
  u8: Uint8Array,
  u8c: Uint8ClampedArray,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type Kind = keyof typeof KINDS;
type Numbers = InstanceType<(typeof KINDS)[Kind]>;

const MARK = '$bytes';
const HEADER_BYTES = 4;

export function encodeMessage(message: WireMessage): Uint8Array<ArrayBuffer> {
  const arrays: Uint8Array[] = [];
  let total = 0;
  const text = JSON.stringify(message, (_key, value: unknown) => {
    const kind = kindOf(value);
    if (kind === null) return value;
    const array = value as Numbers;
    arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    const offset = total;
    total = aligned(total + array.byteLength);
    return { [MARK]: [kind, offset, array.length] };
  });
  const json = new TextEncoder().encode(text);
  const start = aligned(HEADER_BYTES + json.length);
  const bytes = new Uint8Array(start + total);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, HEADER_BYTES);
  let at = start;
  for (const array of arrays) {
    bytes.set(array, at);
    at = aligned(at + array.length);
  }
  return bytes;
}

/** What was encoded, or null when the bytes are not of that form: hostile input cannot throw, loop or read past its end. */
export function decodeMessage(bytes: Uint8Array): unknown {
  if (bytes.length < HEADER_BYTES) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = aligned(HEADER_BYTES + length);
  if (HEADER_BYTES + length > bytes.length) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
    return JSON.parse(text, (_key, value: unknown) => (isMark(value) ? readArray(bytes, start, value[MARK]) : value));
  } catch {
    return null;
  }
}

function kindOf(value: unknown): Kind | null {
  if (!ArrayBuffer.isView(value)) return null;
  for (const kind of Object.keys(KINDS) as Kind[]) if (value instanceof KINDS[kind]) return kind;
  return null;
}

function isMark(value: unknown): value is { readonly [MARK]: unknown } {
  return typeof value === 'object' && value !== null && MARK in value;
}

function readArray(bytes: Uint8Array, start: number, mark: unknown): Numbers {
  if (!Array.isArray(mark) || mark.length !== 3) throw new TypeError('not an array mark');
  const [kind, offset, length] = mark as [unknown, unknown, unknown];
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) throw new TypeError('not a known array');
  if (!isCount(offset) || !isCount(length)) throw new TypeError('not a place');
  const type = KINDS[kind as Kind];
  const from = start + offset;
  const to = from + length * type.BYTES_PER_ELEMENT;
  if (to > bytes.length) throw new RangeError('past the end');
  // Not `slice`: on a Buffer of Node that is a view of memory that others use too.
  const own = new Uint8Array(to - from);
  own.set(bytes.subarray(from, to));
  return new type(own.buffer);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}
