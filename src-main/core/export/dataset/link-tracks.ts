import type { BoxInVideo } from '../../../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../../../src-shared/mask/rle.ts';
import type { ReadItem } from './dataset-format.ts';

/** Boxes that overlap this much on neighbouring frames are taken for one object. */
const LEAST_IOU = 0.3;
/** An object that was not seen for longer starts anew. */
const MOST_FRAMES_APART = 30;

interface OpenTrack {
  readonly key: string;
  readonly label: string | null;
  frame: number;
  box: BoxInVideo;
}

export interface LinkedItems {
  readonly items: AsyncGenerator<ReadItem & { readonly track: string }, void, undefined>;
  /** What was done, in sentences; complete when the items are. */
  notes(): readonly string[];
}

/**
 * Gives items of formats without identities a track: the one of the same class whose last box overlaps most, or a new one.
 * Items that have a track keep it.
 */
export function linkTracks(items: AsyncIterable<ReadItem>): LinkedItems {
  const open: OpenTrack[] = [];
  let made = 0;
  const trackOf = ({ frame, label, shape }: ReadItem): string => {
    const box = shape === null ? null : shape.kind === 'box' ? shape.box : maskBox(shape.mask);
    if (box === null) return 'none';
    const near = open
      .filter((track) => track.label === label && track.frame < frame && frame - track.frame <= MOST_FRAMES_APART)
      .map((track) => ({ track, iou: boxIou(track.box, box) }))
      .filter(({ iou }) => iou >= LEAST_IOU)
      .sort((a, b) => b.iou - a.iou)[0];
    if (near === undefined) {
      made++;
      open.push({ key: `linked-${made}`, label, frame, box });
      return `linked-${made}`;
    }
    near.track.frame = frame;
    near.track.box = box;
    return near.track.key;
  };
  async function* linked() {
    for await (const item of items) yield { ...item, track: item.track ?? trackOf(item) };
  }
  return {
    items: linked(),
    notes: () =>
      made === 0
        ? []
        : [`The dataset has no identities: objects were followed by overlap from frame to frame, ${made} in all.`],
  };
}

function boxIou(a: BoxInVideo, b: BoxInVideo): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
