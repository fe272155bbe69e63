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

export type LinkedItem = ReadItem & { readonly track: string };

export interface LinkedItems {
  readonly items: AsyncGenerator<LinkedItem, void, undefined>;
  /** What was done, in sentences; complete when the items are. */
  notes(): readonly string[];
}

/**
 * Gives items of formats without identities a track; those come in frame order. On every frame the pair of an item and an earlier track of its class that overlaps
 * most is taken first, so the order of the lines in a file decides nothing; what is left starts a new track. Items that have
 * a track keep it.
 */
export function linkTracks(items: AsyncIterable<ReadItem>): LinkedItems {
  let open: OpenTrack[] = [];
  let made = 0;
  const start = (frame: number, label: string | null, box: BoxInVideo): OpenTrack => {
    made++;
    const track = { key: `linked-${made}`, label, frame, box };
    open.push(track);
    return track;
  };
  /** Items of one frame. */
  const link = (group: readonly ReadItem[]): readonly LinkedItem[] => {
    const frame = group[0].frame;
    open = open.filter((track) => frame - track.frame <= MOST_FRAMES_APART);
    const nameless = group.map((item) => (item.track === null ? boxOf(item) : null));
    const pairs = nameless.flatMap((box, index) =>
      box === null
        ? []
        : open
            .filter((track) => track.label === group[index].label && track.frame < frame)
            .map((track) => ({ index, box, track, iou: boxIou(track.box, box) })),
    );
    const taken = new Map<number, OpenTrack>();
    for (const { index, box, track, iou } of pairs.toSorted((a, b) => b.iou - a.iou)) {
      if (iou < LEAST_IOU || taken.has(index) || track.frame === frame) continue;
      Object.assign(track, { frame, box });
      taken.set(index, track);
    }
    return group.map((item, index) => {
      const box = nameless[index];
      if (box === null) return { ...item, track: item.track ?? 'none' };
      return { ...item, track: (taken.get(index) ?? start(frame, item.label, box)).key };
    });
  };
  async function* linked() {
    let group: ReadItem[] = [];
    for await (const item of items) {
      if (group.length > 0 && group[0].frame !== item.frame) {
        yield* link(group);
        group = [];
      }
      group.push(item);
    }
    if (group.length > 0) yield* link(group);
  }
  return {
    items: linked(),
    notes: () =>
      made === 0
        ? []
        : [`The dataset has no identities: objects were followed by overlap from frame to frame, ${made} in all.`],
  };
}

function boxOf({ shape }: ReadItem): BoxInVideo | null {
  return shape === null ? null : shape.kind === 'box' ? shape.box : maskBox(shape.mask);
}

function boxIou(a: BoxInVideo, b: BoxInVideo): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
