import type { Size } from '../../src-shared/geometry/geometry.ts';
import { PROXY_SIDE } from '../../src-shared/geometry/proxy-side.ts';
import type { FrameMaskCache } from './frame-mask-cache.ts';
import type { FramePictures } from './frame-pictures.ts';

/** Where frames come from. */
export interface FrameSources {
  readonly pictures: Pictures;
  /** Smaller ones, for playing. */
  readonly proxies: Pictures;
  /** Small pictures of some frames, for when nothing better is near. */
  readonly thumbnails: Pictures;
  readonly masks: FrameMaskCache;
}

type Pictures = FramePictures;
/** What choosing looks at. */
type Sources = Readonly<Record<'pictures' | 'proxies' | 'thumbnails', Pick<Pictures, 'get' | 'has' | 'nearest'>>> & {
  readonly masks: Pick<FrameMaskCache, 'get'>;
};

export interface Shown {
  readonly frameIndex: number;
  readonly from: 'full' | 'proxy' | 'small';
}

/** A small picture has to be this many frames nearer than a full one to be shown. */
const ROUGH_FRAMES = 12;
/** Zoomed in further than this many times a proxy's size, full pictures are played. */
const MOST_ENLARGED = 2;

/** Whether proxies do: the clip plays, and they hold all of it or as much as the screen has place for. `scale`: screen pixels of a video pixel. */
export function playsProxies({ rate, video }: { readonly rate: number; readonly video: Size }, scale: number): boolean {
  const side = Math.min(video.width, video.height);
  return rate !== 0 && (side <= PROXY_SIDE || side * scale < PROXY_SIDE * MOST_ENLARGED);
}

/** Only a hint of the frame: from the film. */
export function isRough({ from }: Shown): boolean {
  return from === 'small';
}

export function pictureOf({ pictures, proxies, thumbnails }: Sources, { frameIndex, from }: Shown): ImageBitmap | null {
  return { full: pictures, proxy: proxies, small: thumbnails }[from].get(frameIndex);
}

/**
 * The frame to show: the wanted one when picture and masks are here. Else, while playing, the newest complete one that is due; at rest a
 * complete one that is nearer than the one on screen, at last a small picture of one that is much nearer. Only the very first frame may
 * come before its masks.
 */
export function chooseFrame(sources: Sources, wanted: number, rate: number, held: Shown | null): Shown | null {
  const { pictures, proxies, masks } = sources;
  const exact = pictures.has(wanted) ? 'full' : proxies.has(wanted) ? 'proxy' : null;
  if (exact !== null && (held === null || masks.get(wanted) !== null)) return { frameIndex: wanted, from: exact };
  const here = held !== null && pictureOf(sources, held) !== null ? held : null;
  return rate === 0 ? nearest(sources, wanted, here) : newestDue(sources, wanted, rate, here);
}

function nearest({ pictures, proxies, thumbnails, masks }: Sources, wanted: number, held: Shown | null): Shown | null {
  const hasMasks = (frameIndex: number) => masks.get(frameIndex) !== null;
  const cost = (shown: Shown) => Math.abs(shown.frameIndex - wanted) + (isRough(shown) ? ROUGH_FRAMES : 0);
  return cheapest(cost, [
    held,
    shown('full', pictures.nearest(wanted, hasMasks)),
    shown('proxy', proxies.nearest(wanted, hasMasks)),
    shown('small', thumbnails.nearest(wanted, hasMasks)),
  ]);
}

/** Never a frame from before the one on screen: a clip that plays goes one way. */
function newestDue(sources: Sources, wanted: number, rate: number, held: Shown | null): Shown | null {
  const { pictures, proxies, masks } = sources;
  const isDue = (frameIndex: number) => (wanted - frameIndex) * rate >= 0;
  const since = held !== null && isDue(held.frameIndex) ? held.frameIndex : null;
  const isNewer = (frameIndex: number) => since === null || (frameIndex - since) * rate > 0;
  const passes = (frameIndex: number) => isDue(frameIndex) && isNewer(frameIndex) && masks.get(frameIndex) !== null;
  // From before the clip jumped: stays until something is due.
  const cost = ({ frameIndex }: Shown) => (isDue(frameIndex) ? Math.abs(frameIndex - wanted) : Number.MAX_VALUE);
  return cheapest(cost, [
    shown('full', pictures.nearest(wanted, passes)),
    shown('proxy', proxies.nearest(wanted, passes)),
    held,
  ]);
}

function cheapest(cost: (shown: Shown) => number, choices: readonly (Shown | null)[]): Shown | null {
  let best: Shown | null = null;
  for (const each of choices) if (each !== null && (best === null || cost(each) < cost(best))) best = each;
  return best;
}

function shown(from: Shown['from'], frameIndex: number | null): Shown | null {
  return frameIndex === null ? null : { frameIndex, from };
}
