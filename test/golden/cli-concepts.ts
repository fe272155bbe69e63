import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bitmapFromRle, emptyMask, maskIou, type RleMask, rleFromBitmap } from '../../src-shared/mask/rle.ts';
import type { Workspace } from '../support/run-cli.ts';
import { readMask } from './still-fixtures.ts';

/** Phrases and exemplars through a video, as models/recipes/recipe/concept_loop.py plays them. */
interface ConceptGolden {
  readonly width: number;
  readonly height: number;
  readonly phrases: readonly string[];
  readonly exemplars: readonly { readonly frame: number; readonly box: readonly number[]; readonly include: boolean }[];
  /** The closest call of any of its decisions. */
  readonly margin: number;
  /** [object, frame] of every tile of masks.png; no other mask may be there. */
  readonly masks: readonly (readonly [number, number])[];
}

export interface ConceptDeviation {
  readonly masks: number;
  readonly margin: number;
  readonly minMaskIou: number;
  readonly worst: string;
}

/** `masklet track --text ... --policy reference`, then `masklet export`: every mask of the reference, and no other. */
export async function replayConceptThroughShell(
  workspace: Workspace,
  folder: string,
  place: { readonly pack: string; readonly frames: string },
  flags: readonly string[] = [],
): Promise<ConceptDeviation> {
  const golden: ConceptGolden = JSON.parse(readFileSync(join(folder, 'concept.json'), 'utf8'));
  const name = Math.random().toString(36).slice(2);
  const [session, prompts, out] = [`${name}.masklet`, `${name}.json`, name].map((file) => workspace.path(file));
  writeFileSync(prompts!, JSON.stringify({ prompts: exemplarPrompts(golden) }));
  const line = [
    'track',
    place.frames,
    '--pack',
    place.pack,
    '--policy',
    'reference',
    '--direction',
    'forward',
    ...flags,
  ];
  const phrases = golden.phrases.flatMap((phrase) => ['--text', phrase]);
  const shown = golden.exemplars.length > 0 ? ['--prompts', prompts!] : [];
  const tracked = await workspace.run([...line, '--session', session!, ...phrases, ...shown]);
  if (tracked.status !== 0) throw new Error(tracked.stderr);
  const exported = await workspace.run(['export', session!, '--format', 'png', '--out', out!]);
  if (exported.status !== 0 && golden.masks.length > 0) throw new Error(exported.stderr);
  return compare(golden, readMask(join(folder, 'masks.png')), out!);
}

function exemplarPrompts({ exemplars, phrases }: ConceptGolden) {
  return exemplars.map(({ frame, box: [x, y, right, bottom], include }) => ({
    kind: 'exemplar',
    phrase: phrases[0] ?? 'this',
    frameIndex: frame,
    box: { x, y, width: right! - x!, height: bottom! - y! },
    include,
  }));
}

function compare({ masks, margin, width, height }: ConceptGolden, tiles: RleMask, out: string): ConceptDeviation {
  const bits = bitmapFromRle(tiles);
  const expected = new Map(
    masks.map(([obj, frame], row) => [
      `${obj}/${String(frame).padStart(5, '0')}.png`,
      rleFromBitmap(bits.slice(row * width * height, (row + 1) * width * height), width, height),
    ]),
  );
  const files = existsSync(out) ? readdirSync(out, { recursive: true }).map(String) : [];
  const found = files.filter((path) => /^\d+\/\d+\.png$/.test(path));
  const nothing = emptyMask(width, height);
  let answer = { minMaskIou: 1, worst: '' };
  for (const path of new Set([...expected.keys(), ...found])) {
    const iou = maskIou(found.includes(path) ? readMask(join(out, path)) : nothing, expected.get(path) ?? nothing);
    if (iou < answer.minMaskIou) answer = { minMaskIou: iou, worst: path };
  }
  return { masks: masks.length, margin, ...answer };
}
