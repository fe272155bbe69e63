import type { FrameMask } from '../../src-shared/contract/results.ts';
import type { ObjectId } from '../../src-shared/domain/ids.ts';
import type { Size } from '../../src-shared/geometry/geometry.ts';
import { maskBox } from '../../src-shared/mask/rle.ts';
import { CanvasRoom } from './canvas-room.ts';
import { chooseFrame, type FrameSources, isRough, pictureOf, playsProxies, type Shown } from './choose-frame.ts';
import { drawBrush, drawGhostScores, drawMarkers, drawPointer, drawSpan, drawWipe } from './draw-markers.ts';
import type { FrameMaskCache } from './frame-mask-cache.ts';
import type { FramePictures, FrameWishes } from './frame-pictures.ts';
import { OverlayLayer } from './overlay-layer.ts';
import type { Scene } from './scene.ts';
import {
  canvasFromVideo,
  centredOn,
  fitTransform,
  type PointOnCanvas,
  panBy,
  type ViewTransform,
  videoFromCanvas,
  zoomAt,
} from './view-transform.ts';

export interface ViewportOptions extends FrameSources {
  /** Masks from before corrections. */
  readonly earlier: FrameMaskCache;
  /** The frame that is on screen, masks included; `isRough`: as a small picture. */
  readonly onShown: (frameIndex: number, isRough: boolean) => void;
  readonly onZoom: (percent: number) => void;
  /** The person has moved or scaled the picture; null: it is fitted. */
  readonly onView: (view: StoredView | null) => void;
  /** What to load for a frame, from these pictures. */
  readonly wishes: (frameIndex: number, pictures: FramePictures) => FrameWishes;
}

const MARGIN = 14;
/** How much of the view an object fills when it is zoomed to. */
const OBJECT_SHARE = 0.45;

/** What of the picture is in the middle of the view, and how large: keeps its meaning in a window of another size. */
export interface StoredView {
  readonly scale: number;
  readonly centreX: number;
  readonly centreY: number;
}

/**
 * Paints one frame with its masks and markers. A picture and masks of different frames are never put together: until both
 * are here for the frame the person is on, the last complete one (or a nearer one) stays on screen.
 */
export class Viewport implements Disposable {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #options: ViewportOptions;
  readonly #room: CanvasRoom;
  readonly #present = new OverlayLayer();
  readonly #before = new OverlayLayer();
  #scene: Scene | null = null;
  #view: ViewTransform = { scale: 1, offsetX: 0, offsetY: 0 };
  #fitted = true;
  #shown: Shown | null = null;
  #scheduled = 0;
  /** What the canvas was painted from. */
  #painted: readonly unknown[] = [];
  /** Out of sight while its mask is painted. */
  #aside: ObjectId | null = null;
  #hover: PointOnCanvas | null = null;
  /** To be taken up once the size is known. */
  #wished: StoredView | null = null;
  /** Drawn over everything while a gesture runs. */
  #sketch: ((context: CanvasRenderingContext2D) => void) | null = null;

  constructor(canvas: HTMLCanvasElement, options: ViewportOptions) {
    this.canvas = canvas;
    this.#options = options;
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser cannot draw on a canvas.');
    this.#context = context;
    this.#room = new CanvasRoom(canvas, () => this.#measured());
  }

  /** In CSS pixels. */
  get #size(): Size {
    return this.#room.size;
  }
  get view(): ViewTransform {
    return this.#view;
  }
  get scene(): Scene | null {
    return this.#scene;
  }
  /** The frame on screen; null: none yet, or only a small picture of one. */
  get shownFrame(): number | null {
    return this.#shown === null || isRough(this.#shown) ? null : this.#shown.frameIndex;
  }

  setScene(scene: Scene): void {
    const sameVideo = this.#scene?.video.width === scene.video.width && this.#scene.video.height === scene.video.height;
    const isNext = this.#scene?.frameIndex !== scene.frameIndex || this.#scene.rate !== scene.rate || !sameVideo;
    this.#scene = scene;
    if (isNext) this.#want(scene);
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
    const { ratio } = this.#room;
    return new DOMRectReadOnly(offsetX * ratio, offsetY * ratio, width * scale * ratio, height * scale * ratio);
  }

  /** Takes a kept view up again. */
  restore(view: StoredView): void {
    this.#wished = view;
    if (this.#size.width > 0) this.#takeWished();
  }

  /** Brings an object's mask on this frame into the middle, large; false when it is not there. */
  zoomTo(objectId: ObjectId): boolean {
    const box = this.#boxOf(objectId);
    if (box === null) return false;
    const { width, height } = this.#size;
    const scale = Math.min((OBJECT_SHARE * width) / box.width, (OBJECT_SHARE * height) / box.height, 12);
    this.#fitted = false;
    this.#setView(centredOn({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, scale, this.#size));
    return true;
  }

  /** Where the pointer is, for what is drawn at it; null: not over the picture. */
  hover(at: PointOnCanvas | null): void {
    this.#hover = at;
    const tool = this.#scene?.tool;
    if (tool === 'brush' || tool === 'eraser') this.repaint();
  }

  /** Leaves an object's mask out; null: none. */
  setAside(objectId: ObjectId | null): void {
    this.#aside = objectId;
    this.repaint();
  }

  /** Draws in video pixels. */
  inVideo(context: CanvasRenderingContext2D, draw: () => void): void {
    const { scale, offsetX, offsetY } = this.#view;
    const { ratio } = this.#room;
    context.save();
    context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * offsetX, ratio * offsetY);
    draw();
    context.restore();
  }

  sketch(draw: ((context: CanvasRenderingContext2D) => void) | null): void {
    this.#sketch = draw;
    this.repaint();
  }

  [Symbol.dispose](): void {
    this.#room[Symbol.dispose]();
    cancelAnimationFrame(this.#scheduled);
  }

  #setView(view: ViewTransform): void {
    this.#view = view;
    this.#options.onZoom(Math.round(view.scale * 100));
    this.#options.onView(this.#fitted ? null : this.#stored());
    this.repaint();
  }

  #measured(): void {
    this.#painted = [];
    if (this.#wished !== null) this.#takeWished();
    else if (this.#fitted) this.fit();
    this.#paint();
  }

  #takeWished(): void {
    const wished = this.#wished;
    this.#wished = null;
    if (wished === null) return;
    this.#fitted = false;
    this.#setView(centredOn({ x: wished.centreX, y: wished.centreY }, wished.scale, this.#size));
  }

  #stored(): StoredView {
    const { width, height } = this.#size;
    const { x, y } = videoFromCanvas(this.#view, { x: width / 2, y: height / 2 });
    return { scale: this.#view.scale, centreX: x, centreY: y };
  }

  #boxOf(objectId: ObjectId) {
    const masks = this.#shown === null ? null : this.#options.masks.get(this.#shown.frameIndex);
    const mask = masks?.find((each) => each.objectId === objectId)?.mask ?? null;
    return mask === null ? null : maskBox(mask);
  }

  /** The camera goes along with an object: the view moves, its scale stays. */
  #follow(scene: Scene, frameIndex: number): void {
    if (scene.followed === null) return;
    const mask = this.#options.masks.get(frameIndex)?.find((each) => each.objectId === scene.followed)?.mask ?? null;
    const box = mask === null ? null : maskBox(mask);
    if (box === null) return;
    const view = centredOn({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, this.#view.scale, this.#size);
    if (view.offsetX === this.#view.offsetX && view.offsetY === this.#view.offsetY) return;
    this.#fitted = false;
    this.#view = view;
  }

  /** Pictures are loaded from one source at a time: two decodes would only delay each other. */
  #want(scene: Scene): void {
    const { pictures, proxies } = this.#options;
    const areProxies = playsProxies(scene, this.#view.scale * this.#room.ratio);
    const source = areProxies ? proxies : pictures;
    const wishes = this.#options.wishes(scene.frameIndex, source);
    const isMissing = (frameIndex: number) => !pictures.has(frameIndex);
    source.want({ ...wishes, urgent: wishes.urgent.filter(isMissing), others: wishes.others.filter(isMissing) });
    (areProxies ? pictures : proxies).want({ urgent: [], others: [] });
    this.#wantMasks(scene, wishes);
  }

  #wantMasks({ frameIndex, rate }: Scene, wishes?: FrameWishes): void {
    const { pictures, thumbnails, masks } = this.#options;
    const { urgent, others } = wishes ?? this.#options.wishes(frameIndex, pictures);
    const standIns = rate === 0 ? [pictures, thumbnails] : [];
    const near = standIns.flatMap((each) => each.nearest(frameIndex, () => true) ?? []);
    masks.want([...urgent, ...near, ...others]);
  }

  #choose(scene: Scene): Shown | null {
    const { frameIndex: wanted, rate } = scene;
    const chosen = chooseFrame(this.#options, wanted, rate, this.#shown);
    const hasMasks = this.#options.masks.get(wanted) !== null;
    const isExact = chosen?.frameIndex === wanted && !isRough(chosen);
    if (rate === 0 && (!hasMasks || (!isExact && this.#nearestMasksMissing(wanted)))) this.#wantMasks(scene);
    return chosen;
  }

  #nearestMasksMissing(wanted: number): boolean {
    const nearest = this.#options.thumbnails.nearest(wanted, () => true);
    return nearest !== null && this.#options.masks.get(nearest) === null;
  }

  #paint(): void {
    const scene = this.#scene;
    const context = this.#context;
    const { ratio } = this.#room;
    const chosen = scene === null ? null : this.#choose(scene);
    const picture = chosen === null ? null : pictureOf(this.#options, chosen);
    if (scene !== null && chosen !== null && picture !== null) {
      if (this.#stays(scene, picture, this.#options.masks.get(chosen.frameIndex))) return;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#0a0b0e';
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (scene === null || chosen === null || picture === null) return;
    const { frameIndex } = chosen;
    this.#follow(scene, frameIndex);
    const { scale, offsetX, offsetY } = this.#view;
    context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * offsetX, ratio * offsetY);
    context.imageSmoothingEnabled = scale < 3;
    context.imageSmoothingQuality = scale * ratio < 0.5 && scene.rate === 0 ? 'medium' : 'low';
    context.drawImage(picture, 0, 0, scene.video.width, scene.video.height);
    this.#paintMasks(scene, frameIndex);
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
    if (scene.wipe !== null) drawWipe(context, scene.wipe, scene.video, this.#view);
    if (scene.pointer !== null && scene.corner !== null) drawSpan(context, scene.corner, scene.pointer, this.#view);
    if (scene.pointer !== null) drawPointer(context, scene.pointer, this.#view);
    this.#sketch?.(context);
    this.#paintBrush(scene);
    this.#tellShown(chosen);
  }

  /** Whether this is on screen already: a clip that plays is another scene with every frame that is due, also where nothing new can be shown. */
  #stays(scene: Scene, picture: ImageBitmap, masks: readonly FrameMask[] | null): boolean {
    const { frameIndex: _, brush: __, ...rest } = scene;
    const painted = [...Object.values(rest), picture, masks, this.#view, this.#aside];
    const before = this.#painted;
    this.#painted = painted;
    const isSame = painted.length === before.length && painted.every((each, at) => Object.is(each, before[at]));
    const isStill = scene.wipe === null && scene.tool !== 'brush' && scene.tool !== 'eraser' && this.#sketch === null;
    return scene.rate !== 0 && isStill && isSame;
  }

  #paintBrush({ tool, pointer, brush }: Scene): void {
    if (tool !== 'brush' && tool !== 'eraser') return;
    const at = pointer === null ? this.#hover : canvasFromVideo(this.#view, pointer);
    if (at !== null) drawBrush(this.#context, at, brush.radius * this.#view.scale);
  }

  /** Present masks, or on the left of a wipe those that were there before. */
  #paintMasks(scene: Scene, frameIndex: number): void {
    const { masks, earlier } = this.#options;
    const present = (masks.get(frameIndex) ?? NO_MASKS).filter(({ objectId }) => objectId !== this.#aside);
    const now = this.#aside === null ? (masks.get(frameIndex) ?? NO_MASKS) : present;
    const context = this.#context;
    const { width, height } = scene.video;
    const was = scene.wipe === null ? null : earlier.get(frameIndex);
    if (scene.wipe === null || was === null) {
      if (scene.wipe !== null) earlier.want([frameIndex]);
      this.#present.paint(context, scene, frameIndex, now);
      return;
    }
    const line = scene.wipe.share * width;
    const half = (from: number, to: number, paint: () => void) => {
      context.save();
      context.beginPath();
      context.rect(from, 0, to - from, height);
      context.clip();
      paint();
      context.restore();
    };
    half(0, line, () => this.#before.paint(context, scene, frameIndex, replaced(now, was)));
    half(line, width, () => this.#present.paint(context, scene, frameIndex, now));
  }

  #tellShown(shown: Shown): void {
    const { frameIndex, from } = shown;
    const { dataset } = this.canvas;
    const before = this.#shown;
    this.#shown = shown;
    dataset.frame = String(frameIndex);
    dataset.rough = String(isRough(shown));
    dataset.picture = from;
    dataset.preview = this.#scene?.preview?.frameIndex === frameIndex ? 'shown' : 'none';
    if (before?.frameIndex === frameIndex && isRough(before) === isRough(shown)) return;
    this.#options.onShown(frameIndex, isRough(shown));
  }
}

const NO_MASKS: readonly FrameMask[] = [];

/** Masks of a frame with those of some objects as they were before; the same array again while both stay the same. */
const replaced = (() => {
  let last: { now: readonly FrameMask[]; was: readonly FrameMask[]; result: readonly FrameMask[] } | null = null;
  return (now: readonly FrameMask[], was: readonly FrameMask[]): readonly FrameMask[] => {
    if (last !== null && last.now === now && last.was === was) return last.result;
    const earlier = new Map(was.map((mask) => [mask.objectId, mask]));
    last = { now, was, result: now.map((mask) => earlier.get(mask.objectId) ?? mask) };
    return last.result;
  };
})();
