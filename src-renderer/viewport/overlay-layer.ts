import type { FrameMask } from '../../src-shared/contract/results.ts';
import { composeOverlay, type MaskLook, type Overlay } from './compose-overlay.ts';
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
  #overlay: Overlay | null = null;

  /** In video pixels. */
  paint(context: CanvasRenderingContext2D, scene: Scene, frameIndex: number, masks: readonly FrameMask[]): void {
    this.#compose(scene, frameIndex, masks);
    if (this.#overlay === null) return;
    const { x, y, width, height } = this.#overlay;
    context.drawImage(this.#canvas, 0, 0, width, height, x, y, width, height);
  }

  #compose(scene: Scene, frameIndex: number, masks: readonly FrameMask[]): void {
    const { ghosts, objects, overlay, opacity, preview } = scene;
    const next = { frameIndex, masks, ghosts, objects, overlay, opacity, preview };
    const last = this.#painted;
    if (last !== null && (Object.keys(next) as (keyof Painted)[]).every((key) => last[key] === next[key])) return;
    this.#painted = next;
    this.#overlay =
      overlay === 'off'
        ? null
        : composeOverlay(looksOf(scene, frameIndex, masks), { mode: overlay, opacity }, scene.video);
    if (this.#overlay !== null) this.#upload(this.#overlay);
  }

  #upload({ pixels, width, height }: Overlay): void {
    this.#canvas.width = width;
    this.#canvas.height = height;
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
    this.#canvas.getContext('2d')?.putImageData(image, 0, 0);
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
