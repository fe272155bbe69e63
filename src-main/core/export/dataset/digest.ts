import { crc32 } from 'node:zlib';
import type { RleMask } from '../../../../src-shared/mask/rle.ts';

/**
 * A sum over (frame, track, mask) that does not depend on their order: two datasets with the same digest hold the same masks,
 * pixel for pixel, but for a chance of 2^-64. Constant memory, whatever the length.
 */
export class MaskDigest {
  count = 0;
  #first = 0;
  #second = 0;

  add(frame: number, track: string, mask: RleMask): void {
    const seed = crc32(`${frame}:${track}:${mask.width}x${mask.height}`);
    const sum = crc32(mask.bytes, seed);
    this.count++;
    this.#first = (this.#first + scramble(sum ^ 0x9e3779b9)) >>> 0;
    this.#second = (this.#second + scramble(Math.imul(sum, 0x85ebca6b) ^ crc32(mask.bytes))) >>> 0;
  }

  equals(other: MaskDigest): boolean {
    return this.count === other.count && this.#first === other.#first && this.#second === other.#second;
  }
}

/** Murmur3's finaliser: a sum of check sums must not cancel where the sums are linear. */
function scramble(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
