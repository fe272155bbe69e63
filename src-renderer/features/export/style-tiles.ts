import type { RenderStyleName } from '../../../src-shared/contract/render-look.ts';
import blur from './tiles/blur.png';
import box from './tiles/box.png';
import crop from './tiles/crop.png';
import cutout from './tiles/cutout.png';
import desaturate from './tiles/desaturate.png';
import heat from './tiles/heat.png';
import matte from './tiles/matte.png';
import outline from './tiles/outline.png';
import overlay from './tiles/overlay.png';
import pixelate from './tiles/pixelate.png';
import redact from './tiles/redact.png';
import sideBySide from './tiles/side-by-side.png';
import spotlight from './tiles/spotlight.png';
import trails from './tiles/trails.png';

/** What each style looks like: the sample clip, composed by the code that renders videos (resources/sample/make-style-pictures.ts). */
export const STYLE_TILES: Readonly<Record<RenderStyleName, string>> = {
  overlay,
  outline,
  box,
  heat,
  trails,
  'side-by-side': sideBySide,
  spotlight,
  desaturate,
  cutout,
  crop,
  matte,
  blur,
  pixelate,
  redact,
};

export type StyleGroup = 'mark' | 'isolate' | 'hide';

/** The gallery in reading order: what a person wants to do with the objects. */
export const STYLE_GROUPS: Readonly<Record<StyleGroup, readonly RenderStyleName[]>> = {
  mark: ['overlay', 'outline', 'box', 'heat', 'trails', 'side-by-side'],
  isolate: ['spotlight', 'desaturate', 'cutout', 'crop', 'matte'],
  hide: ['blur', 'pixelate', 'redact'],
};
