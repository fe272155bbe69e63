/**
 * A binary mask packed 32 pixels a word: bit k of word w of a row is column 32 * w + k. Every row starts on a word of its own
 * (`stride` words a row) and the bits past `width` are 0. `area` counts foreground pixels. Foreground lies inside rows
 * [top, bottom) and words [leftWord, rightWord); an empty mask has top = bottom = 0. Never mutated once made.
 */
export interface BitMask {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly area: number;
  readonly top: number;
  readonly bottom: number;
  readonly leftWord: number;
  readonly rightWord: number;
}

/** Packs logits [height * width], row-major, found at `offset` of `logits`; foreground is > 0. */
export function bitMaskFromLogits(logits: Float32Array, width: number, height: number, offset = 0): BitMask {
  const stride = Math.ceil(width / 32);
  const words = new Uint32Array(stride * height);
  for (let row = 0; row < height; row++) {
    const start = offset + row * width;
    for (let word = 0; word < stride; word++) {
      const from = start + word * 32;
      const count = Math.min(32, width - word * 32);
      let bits = 0;
      for (let bit = 0; bit < count; bit++) bits |= (logits[from + bit] > 0 ? 1 : 0) << bit;
      words[row * stride + word] = bits;
    }
  }
  return bitMaskFromWords(words, width, height);
}

/** Takes ownership of `words` (stride * height words, padding bits 0) and measures area and extent. */
export function bitMaskFromWords(words: Uint32Array<ArrayBuffer>, width: number, height: number): BitMask {
  const stride = Math.ceil(width / 32);
  let area = 0;
  let top = -1;
  let bottom = 0;
  let leftWord = stride;
  let rightWord = 0;
  for (let row = 0; row < height; row++) {
    for (let word = 0; word < stride; word++) {
      const bits = words[row * stride + word];
      if (bits === 0) continue;
      area += sumOfBytes(bitsInBytes(bits));
      if (top < 0) top = row;
      bottom = row + 1;
      if (word < leftWord) leftWord = word;
      if (word >= rightWord) rightWord = word + 1;
    }
  }
  if (top < 0) return { width, height, stride, words, area: 0, top: 0, bottom: 0, leftWord: 0, rightWord: 0 };
  return { width, height, stride, words, area, top, bottom, leftWord, rightWord };
}

/** Pixels that both masks cover; the masks have one size. */
export function intersectionArea(a: BitMask, b: BitMask): number {
  const top = Math.max(a.top, b.top);
  const bottom = Math.min(a.bottom, b.bottom);
  const left = Math.max(a.leftWord, b.leftWord);
  const right = Math.min(a.rightWord, b.rightWord);
  const { stride, words } = a;
  const others = b.words;
  let total = 0;
  // Three words add at most 24 to each byte of the accumulator: 30 words fit before it must be folded.
  for (let chunk = left; chunk < right; chunk += 30) {
    const end = Math.min(right, chunk + 30);
    for (let row = top; row < bottom; row++) {
      const last = row * stride + end;
      let word = row * stride + chunk;
      let bytes = 0;
      for (; word + 2 < last; word += 3) {
        bytes += bitsOfThree(
          words[word] & others[word],
          words[word + 1] & others[word + 1],
          words[word + 2] & others[word + 2],
        );
      }
      for (; word < last; word++) bytes += bitsInBytes(words[word] & others[word]);
      total += sumOfBytes(bytes);
    }
  }
  return total;
}

/** Intersection over union, |A & B| / max(1, |A | B|), rounded to float32 as the reference computes it; two empty masks give 0. */
export function bitMaskIou(a: BitMask, b: BitMask): number {
  if (a.area === 0 || b.area === 0) return 0;
  const intersection = intersectionArea(a, b);
  return Math.fround(intersection / (a.area + b.area - intersection));
}

/** IoU of every pair, [rows.length * columns.length], row-major. */
export function iouMatrix(rows: readonly BitMask[], columns: readonly BitMask[]): Float32Array<ArrayBuffer> {
  const ious = new Float32Array(rows.length * columns.length);
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns.length; column++) {
      ious[row * columns.length + column] = bitMaskIou(rows[row], columns[column]);
    }
  }
  return ious;
}

/** The bit count of each byte of a word, in that byte. */
function bitsInBytes(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (nibbles + (nibbles >>> 4)) & 0x0f0f0f0f;
}

/** The bit counts of three words together, byte by byte: the third word fills the room that pair counts of the others leave. */
function bitsOfThree(x: number, y: number, z: number): number {
  const first = x - ((x >>> 1) & 0x55555555) + (z & 0x55555555);
  const second = y - ((y >>> 1) & 0x55555555) + ((z >>> 1) & 0x55555555);
  const nibbles =
    (first & 0x33333333) + ((first >>> 2) & 0x33333333) + (second & 0x33333333) + ((second >>> 2) & 0x33333333);
  return (nibbles & 0x0f0f0f0f) + ((nibbles >>> 4) & 0x0f0f0f0f);
}

/** The sum of the four bytes of a word. */
function sumOfBytes(word: number): number {
  const halves = (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
  return (halves + (halves >>> 16)) & 0xffff;
}
