import type { ObjectId, PromptId } from '../../src-shared/domain/ids.ts';
import type { BoxInVideo, PointInVideo, Size } from '../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../src-shared/mask/rle.ts';

/** Everything the viewport paints besides pictures and masks, computed from the page's state. */
export interface Scene {
  readonly video: Size;
  /** The frame the person is on. */
  readonly frameIndex: number;
  /** 0: paused; negative: backwards. */
  readonly rate: number;
  readonly overlay: 'fill' | 'outline' | 'matte' | 'off';
  readonly opacity: number;
  readonly objects: ReadonlyMap<ObjectId, ObjectLook>;
  readonly markers: readonly Marker[];
  /** Instances the detector sees, not objects yet. */
  readonly ghosts: readonly Ghost[];
  readonly tool: 'select' | 'point' | 'box' | 'brush' | 'eraser' | 'exemplar' | 'hand';
  readonly excludeNext: boolean;
  /** Crosshair that the keyboard moves. */
  readonly pointer: PointInVideo | null;
  /** First corner of the box that the crosshair spans. */
  readonly corner: PointInVideo | null;
  readonly brush: Brush;
  readonly preview: Preview | null;
  /** The view keeps this object in its middle. */
  readonly followed: ObjectId | null;
  readonly wipe: Wipe | null;
}

/** What brush and eraser paint on. */
export interface Brush {
  /** null: a new object. */
  readonly objectId: ObjectId | null;
  readonly colour: string;
  /** In video pixels. */
  readonly radius: number;
}

/** A line across the picture: earlier masks of some objects on its left, present ones on its right. */
export interface Wipe {
  /** 0..1 of the picture's width. */
  readonly share: number;
  readonly before: string;
  readonly after: string;
}

/** The mask that a click would give. */
export interface Preview {
  readonly frameIndex: number;
  readonly mask: RleMask;
  readonly colour: string;
}

export interface ObjectLook {
  readonly colour: string;
  readonly visible: boolean;
  readonly selected: boolean;
}

/** A prompt on the picture; `example` shows what a concept means instead of where an object is. */
export interface Marker {
  readonly example: boolean;
  readonly promptId: PromptId;
  readonly frameIndex: number;
  readonly colour: string;
  readonly selected: boolean;
  readonly include: boolean;
  readonly shape:
    | { readonly kind: 'point'; readonly at: PointInVideo }
    | { readonly kind: 'box'; readonly box: BoxInVideo };
}

export interface Ghost {
  readonly frameIndex: number;
  readonly mask: RleMask;
  readonly colour: string;
  readonly score: number;
  readonly accepted: boolean;
}
