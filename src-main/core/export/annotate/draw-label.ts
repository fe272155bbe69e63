import type { Size } from '../../../../src-shared/geometry/geometry.ts';
import { fillRounded, type PixelBox } from './draw-rectangle.ts';
import { type Typeface, typefaceAt } from './font/typeface.ts';
import type { Ink } from './ink.ts';
import type { YuvColour } from './yuv-colour.ts';

/** What a chip says, in reading order: the name stands out, id and score stand back. */
export interface LabelText {
  readonly name: string;
  readonly id: string;
  readonly score: string;
}

/** A chip that is measured and ready to be placed. */
export interface LabelChip extends Size {
  readonly text: LabelText;
  readonly face: Typeface;
  readonly padding: number;
}

const QUIET = 0.84;
const CHIP_OPACITY = 0.94;

/** Measures a chip; a long name is cut so that the chip stays within `maxWidth`. */
export function measureLabel(text: LabelText, capHeight: number, maxWidth: number): LabelChip {
  const face = typefaceAt(capHeight);
  const padding = Math.round(capHeight * 0.6);
  const rest = partsWidth(face, { ...text, name: '' }) + (text.name === '' ? 0 : gapOf(face)) + 2 * padding;
  const name = face.fit(text.name, Math.max(0, maxWidth - rest));
  const cut = { ...text, name };
  const width = Math.ceil(partsWidth(face, cut)) + 2 * padding;
  return { text: cut, face, padding, width, height: capHeight + 2 * Math.round(capHeight * 0.56) };
}

export function drawLabel(ink: Ink, chip: LabelChip, at: PixelBox, background: YuvColour, letters: YuvColour): void {
  ink.use(background);
  fillRounded(ink, at, chip.face.capPixels * 0.36, CHIP_OPACITY);
  ink.flush();
  ink.use(letters);
  const baseline = at.y + Math.round((at.height + chip.face.capPixels) / 2);
  let x = at.x + chip.padding;
  for (const [part, strength] of visibleParts(chip.text)) {
    chip.face.draw(part, x, baseline, (px, py, alpha) => ink.dot(px, py, Math.round(alpha * strength)));
    x += chip.face.measure(part) + gapOf(chip.face);
  }
  ink.flush();
}

function visibleParts({ name, id, score }: LabelText): readonly (readonly [string, number])[] {
  const parts: readonly (readonly [string, number])[] = [
    [name, 1],
    [id, name === '' ? 1 : QUIET],
    [score, QUIET],
  ];
  return parts.filter(([part]) => part !== '');
}

function partsWidth(face: Typeface, text: LabelText): number {
  const parts = visibleParts(text);
  const letters = parts.reduce((sum, [part]) => sum + face.measure(part), 0);
  return letters + Math.max(0, parts.length - 1) * gapOf(face);
}

function gapOf(face: Typeface): number {
  return face.capPixels * 0.45;
}
