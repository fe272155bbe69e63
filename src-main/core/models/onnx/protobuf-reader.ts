import type { FileWindow } from './file-window.ts';

/** One field of a protobuf message: its number and either a varint value or the byte range of its payload. */
export interface ProtoField {
  readonly number: number;
  readonly wire: 0 | 1 | 2 | 5;
  /** wire 0: the value (64-bit values beyond 2^53 lose precision, which no field read here needs). */
  readonly value: number;
  /** wire 2: payload [start, end). */
  readonly start: number;
  readonly end: number;
}

/** Bytes that are not a protobuf message. */
export class ProtobufError extends Error {}

/** Limits that no real graph comes near; they bound the work a hostile file can cause. */
const MAX_FIELDS = 5_000_000;
const MAX_STRING_BYTES = 64 * 1024;

/** Walks messages of one file; payloads are skipped, not read, unless asked for. */
export class ProtobufReader {
  readonly #window: FileWindow;
  #fields = 0;

  constructor(window: FileWindow) {
    this.#window = window;
  }

  /** Fields of the message in [start, end), in file order. Throws ProtobufError when the bytes do not add up. */
  *fields(start: number, end: number): Generator<ProtoField> {
    let position = start;
    while (position < end) {
      if (++this.#fields > MAX_FIELDS) throw new ProtobufError(`more than ${MAX_FIELDS} fields`);
      const tag = this.#varint(position, end);
      const number = Math.floor(tag.value / 8);
      const wire = tag.value % 8;
      if (number === 0) throw new ProtobufError(`field number 0 at byte ${position}`);
      const field = this.#payload(number, wire, tag.next, end);
      position = field.end;
      yield field;
    }
  }

  /** UTF-8 text of a length-delimited field, at most 64 KiB. */
  text(field: ProtoField): string {
    if (field.wire !== 2) throw new ProtobufError(`field ${field.number} is not text`);
    if (field.end - field.start > MAX_STRING_BYTES)
      throw new ProtobufError(`a name of ${field.end - field.start} bytes`);
    return this.#window.bytes(field.start, field.end).toString('utf8');
  }

  #payload(number: number, wire: number, at: number, end: number): ProtoField {
    if (wire === 0) {
      const { value, next } = this.#varint(at, end);
      return { number, wire, value, start: at, end: next };
    }
    if (wire === 2) {
      const { value, next } = this.#varint(at, end);
      return { number, wire, value: 0, start: next, end: within(next + value, end) };
    }
    if (wire === 1 || wire === 5) {
      return { number, wire, value: 0, start: at, end: within(at + (wire === 1 ? 8 : 4), end) };
    }
    throw new ProtobufError(`wire type ${wire} at byte ${at}`);
  }

  #varint(at: number, end: number): { value: number; next: number } {
    let value = 0;
    let scale = 1;
    for (let position = at; position < end && position < at + 10; position++) {
      const byte = this.#window.byteAt(position);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return { value, next: position + 1 };
      scale *= 128;
    }
    throw new ProtobufError(`an unfinished number at byte ${at}`);
  }
}

function within(position: number, end: number): number {
  if (position > end) throw new ProtobufError(`a field runs past its message (${position} > ${end})`);
  return position;
}
