import type { Rational } from '../../../src-shared/time/timebase.ts';
import type { ByteSource } from './ffmpeg/byte-source.ts';

/** One packet of a NUT stream. */
export interface NutPacket {
  /** Ticks of `timebase`. */
  readonly pts: number;
  readonly data: Uint8Array;
}

interface FrameCode {
  readonly flags: number;
  readonly ptsDelta: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly reservedCount: number;
}

const SIGNATURE = Buffer.from('nut/multimedia container\0', 'latin1');
const MAIN = 0x4e4d7a561f5f04adn;
const STREAM = 0x4e5311405bf2f9dbn;
const SYNCPOINT = 0x4e4be4adeeca4569n;
const FLAG = {
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  headerIdx: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
};
/** Longest header of one frame or of the fixed part of a packet. */
const HEADER_BYTES = 64;

/**
 * Reads the one-stream NUT that ffmpeg writes to a pipe (spec: ffmpeg's `nut.txt`; frame codes, lsb timestamps, syncpoints).
 * NUT is used because it carries raw pictures together with their exact integer timestamps, in every build of ffmpeg.
 */
export class NutReader {
  readonly #bytes: ByteQueue;
  #codes: readonly FrameCode[] = [];
  #timebases: Rational[] = [];
  #timebase: Rational | null = null;
  #msbShift = 0;
  #lastPts = 0;
  #minorVersion = 0;

  constructor(source: ByteSource) {
    this.#bytes = new ByteQueue(source);
  }

  /** Timebase of the packets; known after the first one. */
  get timebase(): Rational {
    if (this.#timebase === null) throw new Error('no NUT header yet');
    return this.#timebase;
  }

  /**
   * Next packet, or null at the end. `provide(size)` gives the buffer that the bytes are copied into (once). An incomplete last
   * packet counts as the end.
   */
  async next(provide: (size: number) => Uint8Array): Promise<NutPacket | null> {
    for (;;) {
      await this.#bytes.buffer(HEADER_BYTES);
      const first = this.#bytes.peek();
      if (first === null) return null;
      if (first === SIGNATURE[0] && this.#timebase === null && this.#bytes.startsWith(SIGNATURE)) {
        this.#bytes.skip(SIGNATURE.length);
      } else if (first === 0x4e) {
        if (!(await this.#readHeaderPacket())) return null;
      } else {
        return this.#readFrame(provide);
      }
    }
  }

  async #readHeaderPacket(): Promise<boolean> {
    if (this.#bytes.length < 10) return false;
    const startcode = this.#bytes.uint64();
    const size = this.#bytes.varlen();
    if (size > 4096) this.#bytes.skip(4);
    if (size > 1 << 24) throw new Error('NUT header packet is too large');
    if (!(await this.#bytes.buffer(size))) return false;
    const end = this.#bytes.position + size;
    if (startcode === MAIN) this.#readMainHeader();
    else if (startcode === STREAM) this.#readStreamHeader();
    else if (startcode === SYNCPOINT) this.#readSyncpoint();
    this.#bytes.skip(end - this.#bytes.position);
    return true;
  }

  #readMainHeader(): void {
    const bytes = this.#bytes;
    const version = bytes.varlen();
    if (version > 3) this.#minorVersion = bytes.varlen();
    bytes.varlen(); // streams
    bytes.varlen(); // max distance
    const count = bytes.varlen();
    this.#timebases = Array.from({ length: count }, () => ({ numerator: bytes.varlen(), denominator: bytes.varlen() }));
    const codes: FrameCode[] = [];
    let ptsDelta = 0;
    let sizeMul = 1;
    while (codes.length < 256) {
      const flags = bytes.varlen();
      const fields = bytes.varlen();
      if (fields > 0) ptsDelta = bytes.signed();
      if (fields > 1) sizeMul = bytes.varlen();
      if (fields > 2) bytes.varlen(); // stream
      const sizeLsb = fields > 3 ? bytes.varlen() : 0;
      const reservedCount = fields > 4 ? bytes.varlen() : 0;
      const repeat = fields > 5 ? bytes.varlen() : sizeMul - sizeLsb;
      if (fields > 6) bytes.signed();
      for (let field = 7; field < fields; field++) bytes.varlen();
      for (let each = 0; each < repeat && codes.length < 256; ) {
        if (codes.length === 0x4e) {
          codes.push({ flags: FLAG.invalid, ptsDelta: 0, sizeMul: 0, sizeLsb: 0, reservedCount: 0 });
          continue;
        }
        codes.push({ flags, ptsDelta, sizeMul, sizeLsb: sizeLsb + each, reservedCount });
        each++;
      }
    }
    this.#codes = codes;
  }

  #readStreamHeader(): void {
    const bytes = this.#bytes;
    bytes.varlen(); // stream id
    bytes.varlen(); // class
    bytes.skip(bytes.varlen()); // fourcc
    this.#timebase = this.#timebases[bytes.varlen()] ?? null;
    this.#msbShift = bytes.varlen();
  }

  #readSyncpoint(): void {
    const coded = this.#bytes.varlen();
    const from = this.#timebases[coded % this.#timebases.length]!;
    const ticks = Math.floor(coded / this.#timebases.length);
    const to = this.timebase;
    const scaled =
      (BigInt(ticks) * BigInt(from.numerator) * BigInt(to.denominator)) /
      (BigInt(from.denominator) * BigInt(to.numerator));
    this.#lastPts = Number(scaled);
  }

  async #readFrame(provide: (size: number) => Uint8Array): Promise<NutPacket | null> {
    const bytes = this.#bytes;
    const code = this.#codes[bytes.byte()];
    if (code === undefined || code.flags & FLAG.invalid) throw new Error('NUT frame code is invalid');
    const flags = code.flags & FLAG.coded ? code.flags ^ bytes.varlen() : code.flags;
    if (flags & FLAG.streamId) bytes.varlen();
    const pts = flags & FLAG.codedPts ? this.#fullPts(bytes.varlen()) : this.#lastPts + code.ptsDelta;
    const size = code.sizeLsb + (flags & FLAG.sizeMsb ? code.sizeMul * bytes.varlen() : 0);
    if (flags & FLAG.matchTime) bytes.signed();
    if (flags & FLAG.headerIdx && bytes.varlen() !== 0) throw new Error('NUT header elision is not expected here');
    const reserved = flags & FLAG.reserved ? bytes.varlen() : code.reservedCount;
    for (let each = 0; each < reserved; each++) bytes.varlen();
    if (flags & FLAG.checksum) bytes.skip(4);
    this.#lastPts = pts;
    const data = provide(size);
    return (await bytes.readInto(data, size)) ? { pts, data } : null;
  }

  /** Low bits of a timestamp become the full one that is nearest to the last. */
  #fullPts(coded: number): number {
    const span = 2 ** this.#msbShift;
    if (coded >= span) return coded - span;
    const lowest = this.#lastPts - Math.floor((span - 1) / 2);
    return lowest + ((((coded - lowest) % span) + span) % span);
  }

  /** Minor version of the format, for the record; experimental syntax (4) is not written by default. */
  get minorVersion(): number {
    return this.#minorVersion;
  }
}

const NOTHING = Buffer.alloc(0);

/** What a source gives as one run of bytes. Synchronous reads never cross what `buffer` made available. */
class ByteQueue {
  readonly #source: ByteSource;
  #head: Buffer = NOTHING;
  #offset = 0;
  position = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get length(): number {
    return this.#head.length - this.#offset;
  }

  /** Makes `count` bytes readable at once; false when the stream ends before. */
  async buffer(count: number): Promise<boolean> {
    while (this.length < count) {
      // Copied: what the source gave is valid only until it is asked again.
      const before = Buffer.from(this.#head.subarray(this.#offset));
      const chunk = await this.#source.next();
      if (chunk === null) {
        this.#head = before;
        this.#offset = 0;
        return false;
      }
      const more = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#head = before.length === 0 ? more : Buffer.concat([before, more]);
      this.#offset = 0;
    }
    return true;
  }

  peek(): number | null {
    return this.length === 0 ? null : this.#head[this.#offset]!;
  }
  startsWith(expected: Buffer): boolean {
    return this.#head.subarray(this.#offset, this.#offset + expected.length).equals(expected);
  }
  skip(count: number): void {
    if (count < 0 || count > this.length) throw new Error('NUT stream is malformed');
    this.#offset += count;
    this.position += count;
  }
  byte(): number {
    const value = this.#head[this.#offset];
    if (value === undefined) throw new Error('NUT stream is malformed');
    this.#offset++;
    this.position++;
    return value;
  }
  uint64(): bigint {
    const value = this.#head.readBigUInt64BE(this.#offset);
    this.skip(8);
    return value;
  }
  varlen(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }
  signed(): number {
    const value = this.varlen() + 1;
    return value % 2 === 1 ? -((value - 1) / 2) : value / 2;
  }

  async readInto(target: Uint8Array, size: number): Promise<boolean> {
    const part = Math.min(this.length, size);
    target.set(this.#head.subarray(this.#offset, this.#offset + part));
    this.skip(part);
    if (part === size) return true;
    // The source may take back the memory of what it gave.
    this.#head = NOTHING;
    this.#offset = 0;
    return this.#source.fill(target.subarray(part, size));
  }
}
