/**
 * A step of bytes towards one value: out = (in * keep + add) >> 8, rounded to nearest. Shares are whole 256ths, so that four
 * bytes fit into two multiplications.
 */
export interface Blend {
  /** 0 (the value alone) .. 256 (nothing changes). */
  readonly keep: number;
  readonly add: number;
}

/** `value` 0..255 (need not be whole), `share` 0..1 of it. */
export function blendTowards(value: number, share: number): Blend {
  const weight = Math.round(256 * Math.min(1, Math.max(0, share)));
  return { keep: 256 - weight, add: Math.round(value * weight) + 128 };
}

export function blendByte(under: number, { keep, add }: Blend): number {
  return (under * keep + add) >> 8;
}

/** The same bytes four at a time; empty where they do not lie on a word's edge: `blendRun` then goes byte by byte. */
export function wordsOf(data: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = data;
  return byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : NO_WORDS;
}

const NO_WORDS = new Int32Array(0);

/** Blends bytes [from, to) of `data`; `words` are its `wordsOf`. */
export function blendRun(data: Uint8Array, words: Int32Array, from: number, to: number, blend: Blend): void {
  const { keep, add } = blend;
  const end = words.length === 0 ? from : to & ~3;
  let at = from;
  for (; at < to && (at >= end || (at & 3) !== 0); at++) data[at] = (data[at] * keep + add) >> 8;
  if (at >= to) return;
  // Two bytes to a word, so that a product (at most 255 * 256 + 128) stays in its half.
  const lanes = Math.imul(add, 0x10001);
  for (let word = at >> 2; word < end >> 2; word++) {
    const four = words[word];
    const even = Math.imul(four & 0x00ff00ff, keep) + lanes;
    const odd = Math.imul((four >>> 8) & 0x00ff00ff, keep) + lanes;
    words[word] = ((even >>> 8) & 0x00ff00ff) | (odd & 0xff00ff00);
  }
  for (at = end; at < to; at++) data[at] = (data[at] * keep + add) >> 8;
}
