import {
  alphaCodecNames,
  type OutputCodecName,
  type RenderLook,
  type RenderOption,
  type RenderStyleName,
  renderDefaults,
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
  const colour = wish.colour ?? renderDefaults.colour[style] ?? null;
  return {
    style,
    objectIds: wish.objectIds === null ? null : new Set(wish.objectIds),
    colour: transparent ? null : colour === 'green' ? KEY_GREEN : colour,
    transparent,
    strength: wish.strength ?? renderDefaults.strength[style] ?? 1,
    dilate: wish.dilate ?? renderDefaults.dilate[style] ?? 0,
    hold: wish.hold ?? renderDefaults.hold,
    certainty: wish.certainty ?? renderDefaults.certainty,
    tail: wish.tail ?? renderDefaults.tail,
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
