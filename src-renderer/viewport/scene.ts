import type { ObjectId, PromptId } from '../../src-shared/domain/ids.ts';
import type { BoxInVideo, PointInVideo, Size } from '../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../src-shared/mask/rle.ts';

/** Everything the viewport paints besides pictures and masks, computed from the page's state. */
export interface Scene {
  readonly video: Size;
  /** The frame the person is on. */
  readonly frameIndex: number;
  readonly playing: boolean;
  readonly overlay: 'fill' | 'outline' | 'matte' | 'off';
  readonly opacity: number;
  readonly objects: ReadonlyMap<ObjectId, ObjectLook>;
  readonly markers: readonly Marker[];
  /** Instances the detector sees, not objects yet. */
  readonly ghosts: readonly Ghost[];
  readonly tool: 'select' | 'point' | 'box' | 'hand';
  readonly excludeNext: boolean;
  /** Crosshair that the keyboard moves. */
  readonly pointer: PointInVideo | null;
}

export interface ObjectLook {
  readonly colour: string;
  readonly visible: boolean;
  readonly selected: boolean;
}

export interface Marker {
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
