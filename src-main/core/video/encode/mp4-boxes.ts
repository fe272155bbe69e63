import type { FileHandle } from 'node:fs/promises';

/** A box of an MP4 (ISO/IEC 14496-12 4.2). */
export interface Box {
  readonly type: string;
  /** First byte after the box header, and first byte after the box. */
  readonly start: number;
  readonly end: number;
}

const CONTAINERS = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'stbl']);

/** The whole `moov` box and where it begins; null when there is none, or when the boxes do not fill the file to its last byte. */
export async function readMovieBox(file: FileHandle): Promise<{ readonly at: number; readonly bytes: Buffer } | null> {
  const { size } = await file.stat();
  let moov: { readonly at: number; readonly bytes: Buffer } | null = null;
  let at = 0;
  while (at + 8 <= size) {
    const head = Buffer.alloc(16);
    await file.read(head, 0, 16, at);
    const short = head.readUInt32BE(0);
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? size - at : short;
    if (length < 8 || at + length > size) return null;
    if (head.toString('latin1', 4, 8) === 'moov') {
      const bytes = Buffer.alloc(length);
      await file.read(bytes, 0, length, at);
      moov = { at, bytes };
    }
    at += length;
  }
  return at === size ? moov : null;
}

/** Every box of `moov`, those that hold others before what they hold. */
export function boxesIn(moov: Buffer): readonly Box[] {
  return [...walk(moov, 0, moov.length)];
}

function* walk(bytes: Buffer, from: number, to: number): Generator<Box, void, undefined> {
  for (let at = from; at + 8 <= to; ) {
    const short = bytes.readUInt32BE(at);
    const headBytes = short === 1 ? 16 : 8;
    const length = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (length < headBytes || at + length > to) return;
    const box = { type: bytes.toString('latin1', at + 4, at + 8), start: at + headBytes, end: at + length };
    yield box;
    if (CONTAINERS.has(box.type)) yield* walk(bytes, box.start, box.end);
    at += length;
  }
}
