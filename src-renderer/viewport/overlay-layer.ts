import type { FrameMask } from '../../src-shared/contract/results.ts';
import type { Size } from '../../src-shared/geometry/geometry.ts';
import { composeOverlay, type MaskLook, type Overlay, OverlayRoom, ringWidth } from './compose-overlay.ts';
import { maskGroups } from './mask-groups.ts';
import type { Scene } from './scene.ts';

interface Painted {
  readonly frameIndex: number;
  readonly masks: readonly FrameMask[];
  readonly ghosts: Scene['ghosts'];
  readonly objects: Scene['objects'];
  readonly overlay: Scene['overlay'];
  readonly opacity: number;
  readonly preview: Scene['preview'];
}

/** Masks of one frame as an image: composed once for each combination of frame, masks and looks, however often it is panned and zoomed. */
export class OverlayLayer {
  readonly #canvas = new OffscreenCanvas(1, 1);
  #painted: Painted | null = null;
  readonly #room = new OverlayRoom();
  /** Parts of the canvas that are painted. */
  #parts: readonly Omit<Overlay, 'pixels'>[] = [];

  /** In video pixels. */
  paint(context: CanvasRenderingContext2D, scene: Scene, frameIndex: number, masks: readonly FrameMask[]): void {
    this.#compose(scene, frameIndex, masks);
    for (const { x, y, width, height } of this.#parts) {
      context.drawImage(this.#canvas, x, y, width, height, x, y, width, height);
    }
  }

  #compose(scene: Scene, frameIndex: number, masks: readonly FrameMask[]): void {
    const { ghosts, objects, overlay, opacity, preview } = scene;
    const next = { frameIndex, masks, ghosts, objects, overlay, opacity, preview };
    const last = this.#painted;
    if (last !== null && (Object.keys(next) as (keyof Painted)[]).every((key) => last[key] === next[key])) return;
    this.#painted = next;
    this.#clear(scene.video);
    if (overlay === 'off') return;
    const looks = looksOf(scene, frameIndex, masks);
    const look = { mode: overlay, opacity };
    const groups = overlay === 'matte' ? [looks] : maskGroups(looks, 2 * ringWidth(scene.video));
    const context = this.#canvas.getContext('2d');
    this.#parts = groups.flatMap((group) => {
      const overlay = composeOverlay(group, look, scene.video, this.#room);
      if (overlay === null) return [];
      const { pixels, ...part } = overlay;
      const bytes = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
      context?.putImageData(new ImageData(bytes, part.width, part.height), part.x, part.y);
      return [part];
    });
  }

  /** The canvas keeps the video's size: making it anew for every frame costs more than painting. */
  #clear({ width, height }: Size): void {
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    } else {
      const context = this.#canvas.getContext('2d');
      for (const part of this.#parts) context?.clearRect(part.x, part.y, part.width, part.height);
    }
    this.#parts = [];
  }
}

function looksOf(scene: Scene, frameIndex: number, masks: readonly FrameMask[]): MaskLook[] {
  const objects = masks.flatMap(({ objectId, mask, provisional }): MaskLook[] => {
    const look = scene.objects.get(objectId);
    if (mask === null || look === undefined || !look.visible) return [];
    return [{ mask, colour: look.colour, selected: look.selected, provisional }];
  });
  const ghosts = scene.ghosts
    .filter((ghost) => ghost.frameIndex === frameIndex && ghost.accepted)
    .map(({ mask, colour }) => ({ mask, colour, selected: false, provisional: true }));
  const { preview } = scene;
  const next =
    preview !== null && preview.frameIndex === frameIndex
      ? [{ mask: preview.mask, colour: preview.colour, selected: false, provisional: true }]
      : [];
  return [...objects, ...ghosts, ...next];
}
