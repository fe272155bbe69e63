/**
 * Cameras put more behind a picture: gain maps, previews, a whole MP4. This finds where the picture itself ends, in chunks cut anywhere:
 * a JPEG at its EOI (ITU-T T.81, annex B), a PNG behind its IEND.
 */
export class PictureEnd {
  readonly #steps: Steps;
  #want: number;
  #byte = 0;
  #ended = false;

  constructor(format: 'png' | 'jpeg') {
    this.#steps = format === 'png' ? pngSteps() : jpegSteps();
    this.#want = this.#steps.next(0).value!;
  }

  /** The end was found: `take` gives nothing more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The file was cut off in the coded data of a JPEG, which decoders bear: an EOI will do for an end. */
  get endsInScan(): boolean {
    return !this.#ended && (this.#want === TO_MARKER || this.#byte === 0xff);
  }

  /** The part of the chunk that belongs to the picture; shares its memory. */
  take(chunk: Buffer): Buffer {
    let at = 0;
    while (!this.#ended) {
      if (this.#want === TO_MARKER) {
        const found = chunk.indexOf(0xff, at);
        if (found < 0) return chunk;
        at = found + 1;
      } else {
        const left = chunk.length - at;
        if (left < this.#want) {
          this.#want -= left;
          return chunk;
        }
        at += this.#want;
      }
      this.#byte = chunk[at - 1]!;
      const { value, done } = this.#steps.next(this.#byte);
      this.#ended = done === true;
      this.#want = value ?? 0;
    }
    return chunk.subarray(0, at);
  }
}

/** Each step asks to go on by so many bytes, or to behind the next 0xff, and is given the last byte passed. */
type Steps = Generator<number, void, number>;
const TO_MARKER = -1;

/** The pictures inside segments (thumbnails) are passed with them; coded data holds 0xff only before a zero or a restart. */
function* jpegSteps(): Steps {
  for (;;) {
    yield TO_MARKER;
    let marker = yield 1;
    while (marker === 0xff) marker = yield 1;
    if (marker === 0xd9) return;
    const standsAlone = marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8);
    if (standsAlone) continue;
    const length = 256 * (yield 1) + (yield 1);
    if (length > 2) yield length - 2;
  }
}

function* pngSteps(): Steps {
  yield 8;
  for (;;) {
    const length = yield* bigEndian();
    const type = yield* bigEndian();
    yield length + 4;
    if (type === IEND) return;
  }
}

const IEND = 0x49454e44;

function* bigEndian(): Generator<number, number, number> {
  let value = 0;
  for (let bytes = 0; bytes < 4; bytes++) value = value * 256 + (yield 1);
  return value;
}
