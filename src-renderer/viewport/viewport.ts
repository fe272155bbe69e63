import type { FrameMask } from '../../src-shared/contract/results.ts';
import type { Size } from '../../src-shared/geometry/geometry.ts';
import { composeOverlay, type MaskLook, type Overlay } from './compose-overlay.ts';
import { drawGhostScores, drawMarkers, drawPointer } from './draw-markers.ts';
import type { FrameMaskCache } from './frame-mask-cache.ts';
import type { FramePictures } from './frame-pictures.ts';
import type { Scene } from './scene.ts';
import { fitTransform, type PointOnCanvas, panBy, type ViewTransform, zoomAt } from './view-transform.ts';

export interface ViewportOptions {
  readonly pictures: FramePictures;
  readonly masks: FrameMaskCache;
  /** After each paint: the frame that is on screen, masks included. */
  readonly onShown: (frameIndex: number) => void;
  readonly onZoom: (percent: number) => void;
  /** Frames worth loading around one, nearest first. */
  readonly neighbours: (frameIndex: number) => readonly number[];
}

const MARGIN = 14;

interface Painted {
  readonly frameIndex: number;
  readonly masks: readonly FrameMask[] | null;
  readonly ghosts: Scene['ghosts'];
  readonly objects: Scene['objects'];
  readonly overlay: Scene['overlay'];
  readonly opacity: number;
}

/**
 * Paints one frame with its masks and markers. A picture and masks of different frames are never put together: until both
 * are here for the frame the person is on, the last complete one (or a nearer one) stays on screen.
 */
export class Viewport implements Disposable {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #options: ViewportOptions;
  readonly #resize: ResizeObserver;
  readonly #overlayCanvas = new OffscreenCanvas(1, 1);
  #scene: Scene | null = null;
  #view: ViewTransform = { scale: 1, offsetX: 0, offsetY: 0 };
  #size: Size = { width: 0, height: 0 };
  #fitted = true;
  #shown: number | null = null;
  #painted: Painted | null = null;
  #overlay: Overlay | null = null;
  #scheduled = 0;
  /** Drawn over everything while a gesture runs. */
  #sketch: ((context: CanvasRenderingContext2D) => void) | null = null;

  constructor(canvas: HTMLCanvasElement, options: ViewportOptions) {
    this.canvas = canvas;
    this.#options = options;
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser cannot draw on a canvas.');
    this.#context = context;
    this.#resize = new ResizeObserver(() => this.#measure());
    this.#resize.observe(canvas);
  }

  get view(): ViewTransform {
    return this.#view;
  }
  get scene(): Scene | null {
    return this.#scene;
  }
  /** The frame on screen. */
  get shownFrame(): number | null {
    return this.#shown;
  }

  setScene(scene: Scene): void {
    const sameVideo = this.#scene?.video.width === scene.video.width && this.#scene.video.height === scene.video.height;
    if (this.#scene?.frameIndex !== scene.frameIndex || !sameVideo) this.#want(scene.frameIndex);
    this.#scene = scene;
    if (!sameVideo) this.fit();
    this.repaint();
  }

  /** Paints before the next screen refresh, once however often it is asked. */
  repaint(): void {
    if (this.#scheduled !== 0) return;
    this.#scheduled = requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#paint();
    });
  }

  fit(): void {
    this.#fitted = true;
    if (this.#scene === null || this.#size.width === 0) return;
    this.#setView(fitTransform(this.#scene.video, this.#size, MARGIN));
  }

  zoom(factor: number, at: PointOnCanvas = { x: this.#size.width / 2, y: this.#size.height / 2 }): void {
    this.#fitted = false;
    this.#setView(zoomAt(this.#view, at, factor));
  }

  pan(dx: number, dy: number): void {
    if (this.#scene === null) return;
    this.#fitted = false;
    this.#setView(panBy(this.#view, dx, dy, this.#scene.video, this.#size));
  }

  /** Where the picture lies on the canvas, in its own pixels. */
  get pictureRect(): DOMRectReadOnly {
    const { scale, offsetX, offsetY } = this.#view;
    const { width, height } = this.#scene?.video ?? { width: 1, height: 1 };
    const ratio = devicePixelRatio;
    return new DOMRectReadOnly(offsetX * ratio, offsetY * ratio, width * scale * ratio, height * scale * ratio);
  }

  sketch(draw: ((context: CanvasRenderingContext2D) => void) | null): void {
    this.#sketch = draw;
    this.repaint();
  }

  [Symbol.dispose](): void {
    this.#resize.disconnect();
    cancelAnimationFrame(this.#scheduled);
  }

  #setView(view: ViewTransform): void {
    this.#view = view;
    this.#options.onZoom(Math.round(view.scale * 100));
    this.repaint();
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = devicePixelRatio;
    this.#size = { width: clientWidth, height: clientHeight };
    this.canvas.width = Math.max(1, Math.round(clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * ratio));
    if (this.#fitted) this.fit();
    this.#paint();
  }

  #want(frameIndex: number): void {
    const wanted = [frameIndex, ...this.#options.neighbours(frameIndex)];
    this.#options.pictures.want(wanted);
    this.#options.masks.want(wanted);
  }

  /**
   * The frame to show: the wanted one when picture and masks are here, else a complete one that is nearer than the one on screen. Only
   * the very first frame may come before its masks.
   */
  #choose(scene: Scene): number | null {
    const { pictures, masks } = this.#options;
    const wanted = scene.frameIndex;
    const isComplete = (frameIndex: number) => pictures.has(frameIndex) && masks.get(frameIndex) !== null;
    if (isComplete(wanted)) return wanted;
    if (masks.get(wanted) === null) masks.want([wanted, ...this.#options.neighbours(wanted)]);
    if (this.#shown === null) return pictures.has(wanted) ? wanted : null;
    const near = pictures.nearest(wanted, isComplete);
    if (near === null || !pictures.has(this.#shown)) return near ?? this.#shown;
    return Math.abs(near - wanted) < Math.abs(this.#shown - wanted) ? near : this.#shown;
  }

  #paint(): void {
    const scene = this.#scene;
    const context = this.#context;
    const ratio = devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#0a0b0e';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (scene === null) return;
    const frameIndex = this.#choose(scene);
    const picture = frameIndex === null ? null : this.#options.pictures.get(frameIndex);
    if (frameIndex === null || picture === null) return;
    const { scale, offsetX, offsetY } = this.#view;
    context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * offsetX, ratio * offsetY);
    context.imageSmoothingEnabled = scale < 3;
    context.imageSmoothingQuality = scale < 1 && !scene.playing ? 'medium' : 'low';
    context.drawImage(picture, 0, 0, scene.video.width, scene.video.height);
    const overlay = this.#overlayOf(scene, frameIndex);
    if (overlay !== null) {
      const { x, y, width, height } = overlay;
      context.drawImage(this.#overlayCanvas, 0, 0, width, height, x, y, width, height);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (scene.overlay !== 'off') {
      drawGhostScores(
        context,
        scene.ghosts.filter((ghost) => ghost.frameIndex === frameIndex),
        this.#view,
      );
    }
    drawMarkers(
      context,
      scene.markers.filter((marker) => marker.frameIndex === frameIndex),
      this.#view,
    );
    if (scene.pointer !== null) drawPointer(context, scene.pointer, this.#view);
    this.#sketch?.(context);
    this.#tellShown(frameIndex);
  }

  #tellShown(frameIndex: number): void {
    this.canvas.dataset.frame = String(frameIndex);
    if (this.#shown === frameIndex) return;
    this.#shown = frameIndex;
    this.#options.onShown(frameIndex);
  }

  /** Composed once for each combination of frame, masks and looks; panning and zooming reuse it. */
  #overlayOf(scene: Scene, frameIndex: number): Overlay | null {
    const masks = this.#options.masks.get(frameIndex);
    const { ghosts, objects, overlay, opacity } = scene;
    const last = this.#painted;
    const same =
      last !== null &&
      last.frameIndex === frameIndex &&
      last.masks === masks &&
      last.ghosts === ghosts &&
      last.objects === objects &&
      last.overlay === overlay &&
      last.opacity === opacity;
    if (same) return this.#overlay;
    this.#painted = { frameIndex, masks, ghosts, objects, overlay, opacity };
    this.#overlay =
      overlay === 'off'
        ? null
        : composeOverlay(looksOf(scene, frameIndex, masks ?? []), { mode: overlay, opacity }, scene.video);
    if (this.#overlay !== null) this.#upload(this.#overlay);
    return this.#overlay;
  }

  #upload({ pixels, width, height }: Overlay): void {
    this.#overlayCanvas.width = width;
    this.#overlayCanvas.height = height;
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
    this.#overlayCanvas.getContext('2d')?.putImageData(image, 0, 0);
  }
}

function looksOf(scene: Scene, frameIndex: number, masks: readonly FrameMask[]): MaskLook[] {
  const objects = masks.flatMap(({ objectId, mask, provisional }) => {
    const look = scene.objects.get(objectId);
    if (mask === null || look === undefined || !look.visible) return [];
    return [{ mask, colour: look.colour, selected: look.selected, provisional }];
  });
  const ghosts = scene.ghosts
    .filter((ghost) => ghost.frameIndex === frameIndex && ghost.accepted)
    .map(({ mask, colour }) => ({ mask, colour, selected: false, provisional: true }));
  return [...objects, ...ghosts];
}
