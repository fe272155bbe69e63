import { StudioError } from '../errors/studio-error.ts';

/** Six data bits a character from '0' (48) to 'o' (111): five bits of value and a continuation bit. */
const FIRST_CHARACTER = 48;
/** 7 x 5 bits hold any run of a mask within the pixel bound, sign included; longer numbers are hostile. */
const MAX_CHARACTERS_PER_RUN = 7;

/**
 * COCO's compressed `counts`: run lengths as signed differences to the run two before (from the fourth run on), five bits a
 * character, least significant first. Source: pycocotools maskApi.c, rleToString.
 */
export function compressCounts(counts: readonly number[]): string {
  const codes: number[] = [];
  for (let index = 0; index < counts.length; index++) {
    let rest = index > 2 ? counts[index] - counts[index - 2] : counts[index];
    let more = true;
    while (more) {
      const bits = rest & 0x1f;
      rest >>= 5;
      more = bits & 0x10 ? rest !== -1 : rest !== 0;
      codes.push(FIRST_CHARACTER + (more ? bits | 0x20 : bits));
    }
  }
  return textFromCodes(codes);
}

/**
 * Inverse of `compressCounts`. `pixels` bounds the sum of the runs. Throws `mask-corrupt` for characters outside the alphabet,
 * an unfinished number, a negative run or runs that exceed the mask: work and memory are linear in the text's length.
 */
export function decompressCounts(text: string, pixels: number): number[] {
  const counts: number[] = [];
  let total = 0;
  let offset = 0;
  while (offset < text.length) {
    let value = 0;
    let scale = 1;
    let bits = 0x20;
    for (let used = 0; bits & 0x20; used++) {
      bits = offset < text.length ? text.charCodeAt(offset++) - FIRST_CHARACTER : -1;
      if (bits < 0 || bits > 0x3f || used === MAX_CHARACTERS_PER_RUN) throw damaged();
      value += (bits & 0x1f) * scale;
      scale *= 32;
    }
    if (bits & 0x10) value -= scale;
    if (counts.length > 2) value += counts[counts.length - 2];
    total += value;
    if (value < 0 || total > pixels) throw damaged();
    counts.push(value);
  }
  return counts;
}

/** The error of every COCO mask that does not describe its own size. */
export function damaged(): StudioError {
  return new StudioError(
    'mask-corrupt',
    'user',
    'A COCO mask does not fill exactly its own size; nothing was read from it. Write the file again.',
  );
}

/** String.fromCharCode takes its codes as arguments, and arguments live on the stack: feed it in pieces. */
function textFromCodes(codes: readonly number[]): string {
  let text = '';
  for (let start = 0; start < codes.length; start += 8192) {
    text += String.fromCharCode(...codes.slice(start, start + 8192));
  }
  return text;
}
