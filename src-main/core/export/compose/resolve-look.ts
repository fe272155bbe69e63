import {
  alphaCodecNames,
  type OutputCodecName,
  type RenderLook,
  type RenderOption,
  type RenderStyleName,
  renderOptions,
} from '../../../../src-shared/contract/render-look.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';

/** A style with every option decided. Lengths are pixels of a picture whose short side is 1080. */
export interface Look {
  readonly style: RenderStyleName;
  /** null: every object. */
  readonly objectIds: ReadonlySet<number> | null;
  /** `#rrggbb`; null: each object's own colour. */
  readonly colour: string | null;
  readonly transparent: boolean;
  /** 0..1 */
  readonly strength: number;
  readonly dilate: number;
  readonly hold: number;
  readonly certainty: number;
  readonly tail: number;
  readonly labels: boolean;
}

/** The key colour of the "green screen" that chroma keyers expect. */
const KEY_GREEN = '#00b140';
const STRENGTH: Readonly<Partial<Record<RenderStyleName, number>>> = {
  overlay: 0.45,
  spotlight: 0.72,
  blur: 0.5,
  pixelate: 0.5,
  desaturate: 1,
  heat: 0.58,
  'side-by-side': 0.45,
};
const DILATE: Readonly<Partial<Record<RenderStyleName, number>>> = { blur: 4, pixelate: 4, redact: 6 };
const COLOUR: Readonly<Partial<Record<RenderStyleName, string>>> = { cutout: KEY_GREEN, redact: '#0b0d10' };

/**
 * Fills in what the caller left open. Throws `usage` for an option that the style does not take, and for transparency in a style
 * or codec that has none.
 */
export function resolveLook(wish: RenderLook, codec: OutputCodecName | null): Look {
  const { style } = wish;
  const unknown = Object.keys(wish).find((option) => isIdle(wish, option));
  if (unknown !== undefined) throw usage(`The style ${style} takes no --${unknown}; it takes ${listOptions(style)}.`);
  const transparent = wish.colour === 'alpha';
  if (transparent && style !== 'cutout') throw usage(`Only the style cutout can be transparent, not ${style}.`);
  if (transparent && codec !== null && !alphaCodecNames.includes(codec)) {
    throw usage(`${codec} carries no transparency; write ${alphaCodecNames.join(', ')}, or choose a colour.`);
  }
  const asked = wish.colour === 'green' ? KEY_GREEN : transparent ? null : wish.colour;
  return {
    style,
    objectIds: wish.objectIds === null ? null : new Set(wish.objectIds),
    colour: transparent ? null : (asked ?? COLOUR[style] ?? null),
    transparent,
    strength: wish.strength ?? STRENGTH[style] ?? 1,
    dilate: wish.dilate ?? DILATE[style] ?? 0,
    hold: wish.hold ?? 8,
    certainty: wish.certainty ?? 0.5,
    tail: wish.tail ?? 30,
    labels: wish.labels ?? true,
  };
}

function isIdle(wish: RenderLook, option: string): boolean {
  if (option === 'style' || option === 'objectIds') return false;
  const name = option as RenderOption;
  return wish[name] !== null && !renderOptions[wish.style].includes(name);
}

function listOptions(style: RenderStyleName): string {
  const names = renderOptions[style].map((option) => `--${option}`);
  return names.length === 0 ? 'no options but --objects' : names.join(', ');
}

function usage(sentence: string): StudioError {
  return new StudioError('usage', 'user', sentence);
}
