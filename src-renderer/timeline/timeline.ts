import type { Size } from '../../src-shared/geometry/geometry.ts';
import type { FramePictures } from '../viewport/frame-pictures.ts';
import { drawGhost, drawLane, laneTop, promptAt } from './draw-lane.ts';
import { drawFilm, drawMarks, drawRuler, filmFrames } from './draw-strips.ts';
import type { Lanes } from './lanes.ts';
import { fitScale, frameAt, reveal, scrollScale, type TimeScale, xOfFrame, zoomScale } from './time-scale.ts';
import {
  FILM_HEIGHT,
  GUTTER,
  LANE_HEIGHT,
  LANES_TOP,
  mostScroll,
  RULER_HEIGHT,
  stripWidth,
  visibleLanes,
} from './timeline-layout.ts';
import type { TimelineActions, TimelineObject, TimelineScene } from './timeline-scene.ts';

export interface TimelineOptions {
  readonly lanes: Lanes;
  readonly thumbnails: FramePictures;
  readonly actions: TimelineActions;
}

/** Ruler, film, a lane an object, marks and playhead on one canvas. Only what is in sight is drawn, whatever the clip's length. */
export class Timeline implements Disposable {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #options: TimelineOptions;
  readonly #resize: ResizeObserver;
  readonly #listening = new AbortController();
  #scene: TimelineScene | null = null;
  #scale: TimeScale = { first: 0, framesPerPixel: 1 };
  #size: Size = { width: 0, height: 0 };
  #whole = true;
  #scrollTop = 0;
  #scrubbing = false;
  #scheduled = 0;
  #wantedFilm = '';

  constructor(canvas: HTMLCanvasElement, options: TimelineOptions) {
    this.canvas = canvas;
    this.#options = options;
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser cannot draw on a canvas.');
    this.#context = context;
    this.#resize = new ResizeObserver(() => this.#measure());
    this.#resize.observe(canvas);
    const { signal } = this.#listening;
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    canvas.addEventListener('pointermove', (event) => this.#scrubbing && this.#scrub(event), { signal });
    for (const name of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(name, () => this.#endScrub(), { signal });
    }
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
  }

  setScene(scene: TimelineScene): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before?.frameCount !== scene.frameCount) this.#whole = true;
    if (this.#whole) this.#scale = fitScale(scene.frameCount, this.#stripWidth);
    else if (before?.frameIndex !== scene.frameIndex && !this.#scrubbing) {
      this.#scale = reveal(this.#scale, scene.frameIndex, scene.frameCount, this.#stripWidth);
    }
    this.repaint();
  }

  repaint(): void {
    if (this.#scheduled !== 0) return;
    this.#scheduled = requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#paint();
    });
  }

  [Symbol.dispose](): void {
    this.#resize.disconnect();
    this.#listening.abort();
    cancelAnimationFrame(this.#scheduled);
  }

  get #stripWidth(): number {
    return stripWidth(this.#size.width);
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.canvas;
    this.#size = { width: clientWidth, height: clientHeight };
    this.canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    if (this.#scene !== null && this.#whole) this.#scale = fitScale(this.#scene.frameCount, this.#stripWidth);
    this.#paint();
  }

  #paint(): void {
    const scene = this.#scene;
    const context = this.#context;
    const { width, height } = this.#size;
    if (scene === null || width === 0) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.fillStyle = scene.colours.ground;
    context.fillRect(0, 0, width, height);
    this.#paintLanes(scene);
    this.#within(GUTTER, 0, () => drawRuler(context, scene, this.#scale, this.#stripWidth));
    this.#wantFilm(scene);
    this.#within(GUTTER, RULER_HEIGHT, () =>
      drawFilm(context, scene, this.#scale, this.#stripWidth, this.#options.thumbnails),
    );
    this.#within(GUTTER, 0, () => drawMarks(context, scene, this.#scale, this.#stripWidth, height));
    this.#paintPlayhead(scene);
  }

  #paintLanes(scene: TimelineScene): void {
    const context = this.#context;
    const { width, height } = this.#size;
    if (scene.objects.length === 0) {
      context.font = '400 13px "Inter Variable", system-ui, sans-serif';
      context.textBaseline = 'middle';
      context.fillStyle = scene.colours.muted;
      context.fillText(scene.emptyText, GUTTER + 18, LANES_TOP + 24, width - GUTTER - 40);
      return;
    }
    this.#scrollTop = Math.min(this.#scrollTop, mostScroll(scene.objects.length, height));
    const { first, last } = visibleLanes(scene.objects.length, this.#scrollTop, height);
    context.save();
    context.beginPath();
    context.rect(0, LANES_TOP, width, height - LANES_TOP);
    context.clip();
    for (let index = first; index <= last; index++) this.#paintLane(scene, scene.objects[index], index);
    context.restore();
  }

  #paintLane(scene: TimelineScene, object: TimelineObject, index: number): void {
    const context = this.#context;
    const top = LANES_TOP + laneTop(index) - this.#scrollTop;
    if (object.selected) {
      context.fillStyle = scene.colours.selection;
      context.fillRect(0, top, this.#size.width, LANE_HEIGHT);
    }
    context.fillStyle = scene.colours.line;
    context.fillRect(0, top + LANE_HEIGHT - 1, this.#size.width, 1);
    this.#paintName(scene, object, top);
    const prompts = scene.prompts.filter(({ objectId }) => objectId === object.objectId);
    const lane = this.#options.lanes.get(object.objectId);
    this.#within(GUTTER, top, () => {
      drawLane(context, lane, object, prompts, this.#scale, this.#stripWidth, scene.colours);
      for (const ghost of scene.ghosts) {
        if (ghost.objectId === object.objectId) drawGhost(context, ghost, this.#scale, scene.colours);
      }
    });
  }

  #paintName(scene: TimelineScene, object: TimelineObject, top: number): void {
    const context = this.#context;
    context.fillStyle = object.colour;
    context.beginPath();
    context.roundRect(14, top + 10, 12, 12, 3);
    context.fill();
    context.font = `${object.selected ? 600 : 500} 12.5px "Inter Variable", system-ui, sans-serif`;
    context.textBaseline = 'middle';
    context.fillStyle = object.visible ? scene.colours.text : scene.colours.muted;
    context.fillText(object.label, 34, top + LANE_HEIGHT / 2 + 0.5, GUTTER - 46);
  }

  #paintPlayhead(scene: TimelineScene): void {
    const context = this.#context;
    const x = GUTTER + xOfFrame(this.#scale, scene.frameIndex + 0.5);
    if (x < GUTTER - 1 || x > this.#size.width) return;
    context.fillStyle = scene.colours.text;
    context.fillRect(Math.round(x) - 1, 20, 2, this.#size.height);
    context.beginPath();
    context.roundRect(Math.round(x) - 5, RULER_HEIGHT - 11, 10, 11, [2, 2, 5, 5]);
    context.fill();
  }

  /** Draws with the origin at a place of the strip, clipped to it. */
  #within(left: number, top: number, draw: () => void): void {
    const context = this.#context;
    context.save();
    context.translate(left, top);
    context.beginPath();
    context.rect(-8, -8, this.#stripWidth + 16, this.#size.height + 16);
    context.clip();
    draw();
    context.restore();
  }

  #wantFilm(scene: TimelineScene): void {
    const frames = filmFrames(scene, this.#scale, this.#stripWidth).map(({ frameIndex }) => frameIndex);
    const key = frames.join();
    if (key === this.#wantedFilm) return;
    this.#wantedFilm = key;
    this.#options.thumbnails.want(frames);
  }

  #down(event: PointerEvent): void {
    const scene = this.#scene;
    if (scene === null || event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    const object = this.#objectAt(scene, event.offsetY);
    if (object !== null) {
      const prompts = scene.prompts.filter(({ objectId }) => objectId === object.objectId);
      const prompt = promptAt(prompts, this.#scale, event.offsetX - GUTTER);
      if (prompt !== null) {
        this.#options.actions.selectPrompt(prompt.promptId, prompt.objectId, prompt.frameIndex);
        return;
      }
      this.#options.actions.selectObject(object.objectId);
    }
    if (event.offsetX < GUTTER - 8) return;
    this.#scrubbing = true;
    this.#scrub(event);
  }

  #scrub(event: PointerEvent): void {
    const scene = this.#scene;
    if (scene === null) return;
    this.#options.actions.seek(frameAt(this.#scale, event.offsetX - GUTTER, scene.frameCount));
  }

  #endScrub(): void {
    this.#scrubbing = false;
  }

  #objectAt(scene: TimelineScene, y: number): TimelineObject | null {
    if (y < LANES_TOP || y < RULER_HEIGHT + FILM_HEIGHT) return null;
    return scene.objects[Math.floor((y - LANES_TOP + this.#scrollTop) / LANE_HEIGHT)] ?? null;
  }

  #wheel(event: WheelEvent): void {
    const scene = this.#scene;
    if (scene === null) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const factor = Math.exp(-event.deltaY * 0.004);
      const x = Math.max(0, event.offsetX - GUTTER);
      this.#scale = zoomScale(this.#scale, x, factor, scene.frameCount, this.#stripWidth);
      this.#whole = this.#scale.framesPerPixel >= fitScale(scene.frameCount, this.#stripWidth).framesPerPixel;
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#scale = scrollScale(this.#scale, event.deltaX + event.deltaY, scene.frameCount, this.#stripWidth);
    } else {
      const most = mostScroll(scene.objects.length, this.#size.height);
      this.#scrollTop = Math.min(most, Math.max(0, this.#scrollTop + event.deltaY));
    }
    this.repaint();
  }
}
