/** File systems take 255 bytes of UTF-8 as a name; what is left is for endings, numbers and the files beside it. */
const MOST_BYTES = 180;

/** A name without its ending, cut so that files can be named after it: 60 Chinese characters or 180 Latin ones. Whole characters stay. */
export function fittingStem(stem: string): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  let end = 0;
  for (const character of stem) {
    bytes += encoder.encode(character).length;
    if (bytes > MOST_BYTES) return stem.slice(0, end).trimEnd();
    end += character.length;
  }
  return stem;
}
