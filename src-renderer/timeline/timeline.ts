import type { Size } from '../../src-shared/geometry/geometry.ts';
import { formatSecs } from '../../src-shared/time/timebase.ts';
import { CanvasRoom } from '../viewport/canvas-room.ts';
import { drawGround, type GroundParts, type GroundView } from './draw-ground.ts';
import { filmFrames } from './draw-strips.ts';
import { fitScale, reveal, scrollScale, type TimeScale, xOfFrame, zoomScale } from './time-scale.ts';
import {
  GUTTER,
  type LaneRows,
  laneRows,
  mostScroll,
  RULER_HEIGHT,
  revealLane,
  stripWidth,
} from './timeline-layout.ts';
import { TimelinePointer } from './timeline-pointer.ts';
import type { TimelineActions, TimelineScene } from './timeline-scene.ts';

export interface TimelineOptions extends GroundParts {
  readonly actions: TimelineActions;
}

/** A lane of a few rows below ruler, film and sound. */
const LEAST_WITH_SOUND = 140;

/**
 * Ruler, film, sound, lanes, marks and playhead on one canvas. What does not move with the playhead is drawn once and kept, so that playing
 * and scrubbing cost the same however long the clip is.
 */
export class Timeline implements Disposable {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #options: TimelineOptions;
  readonly #room: CanvasRoom;
  readonly #pointer: TimelinePointer;
  readonly #ground = document.createElement('canvas');
  /** What the kept ground was drawn from. */
  #drawn: readonly unknown[] = [];
  #scene: TimelineScene | null = null;
  #scale: TimeScale = { first: 0, framesPerPixel: 1 };
  #whole = true;
  #scrollTop = 0;
  #scheduled = 0;
  #wantedFilm = '';

  constructor(canvas: HTMLCanvasElement, options: TimelineOptions) {
    this.canvas = canvas;
    this.#options = options;
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser cannot draw on a canvas.');
    this.#context = context;
    this.#room = new CanvasRoom(canvas, () => this.#measured());
    this.#pointer = new TimelinePointer(this, options.actions);
  }

  /** In CSS pixels. */
  get #size(): Size {
    return this.#room.size;
  }
  get scene(): TimelineScene | null {
    return this.#scene;
  }
  get scale(): TimeScale {
    return this.#scale;
  }
  get scrollTop(): number {
    return this.#scrollTop;
  }
  get rows(): LaneRows | null {
    const scene = this.#scene;
    return scene === null ? null : laneRows(scene.objects, scene.hasSound && this.#hasRoom, scene.unfolded);
  }

  /** In a low timeline lanes come before the sound. */
  get #hasRoom(): boolean {
    return this.#size.height >= LEAST_WITH_SOUND;
  }

  setScene(scene: TimelineScene): void {
    const before = this.#scene;
    this.#scene = scene;
    if (before?.frameCount !== scene.frameCount) this.#whole = true;
    if (this.#whole) this.#scale = fitScale(scene.frameCount, this.#stripWidth);
    else if (before?.frameIndex !== scene.frameIndex && !this.#pointer.holds) {
      this.#scale = reveal(this.#scale, scene.frameIndex, scene.frameCount, this.#stripWidth);
    }
    if (before !== null && before.objects !== scene.objects) this.#revealSelected(before, scene);
    if (before?.objects !== scene.objects || before.unfolded !== scene.unfolded) this.#tellLanes();
    this.repaint();
  }

  /** What is drawn, for whoever cannot see it: tests. */
  #tellLanes(): void {
    const { overview, objects } = this.rows ?? { overview: 0, objects: [] };
    this.canvas.dataset.lanes = `${overview > 0 ? 'overview' : 'lanes'} ${objects.length}`;
  }

  repaint(): void {
    if (this.#scheduled !== 0) return;
    this.#scheduled = requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.#paint();
    });
  }

  /** Zooms around a place of the strip; absent: around the playhead. */
  zoom(factor: number, x = xOfFrame(this.#scale, (this.#scene?.frameIndex ?? 0) + 0.5)): void {
    const { frameCount = 1 } = this.#scene ?? {};
    const at = Math.min(this.#stripWidth, Math.max(0, x));
    this.#scale = zoomScale(this.#scale, at, factor, frameCount, this.#stripWidth);
    this.#whole = this.#scale.framesPerPixel >= fitScale(frameCount, this.#stripWidth).framesPerPixel;
    this.repaint();
  }

  fit(): void {
    this.#whole = true;
    this.#scale = fitScale(this.#scene?.frameCount ?? 1, this.#stripWidth);
    this.repaint();
  }

  scroll(pixels: number): void {
    this.#scale = scrollScale(this.#scale, pixels, this.#scene?.frameCount ?? 1, this.#stripWidth);
    this.repaint();
  }

  scrollLanes(pixels: number): void {
    this.#scrollTop = this.#bounded(this.#scrollTop + pixels);
    this.repaint();
  }

  [Symbol.dispose](): void {
    this.#room[Symbol.dispose]();
    this.#pointer[Symbol.dispose]();
    cancelAnimationFrame(this.#scheduled);
  }

  get #stripWidth(): number {
    return stripWidth(this.#size.width);
  }

  #bounded(scrollTop: number): number {
    const { rows } = this;
    return rows === null ? 0 : Math.min(mostScroll(rows, this.#size.height), Math.max(0, scrollTop));
  }

  /** An object that was just selected is brought into sight. */
  #revealSelected(before: TimelineScene, scene: TimelineScene): void {
    const selectedOf = ({ objects }: TimelineScene) => objects.find(({ selected }) => selected)?.objectId ?? null;
    const { rows } = this;
    const selected = selectedOf(scene);
    if (rows === null || selected === null || selected === selectedOf(before)) return;
    const index = rows.objects.findIndex(({ objectId }) => objectId === selected);
    if (index >= 0) this.#scrollTop = revealLane(rows, index, this.#scrollTop, this.#size.height);
  }

  #measured(): void {
    this.#ground.width = this.canvas.width;
    this.#ground.height = this.canvas.height;
    this.#drawn = [];
    if (this.#scene !== null && this.#whole) this.#scale = fitScale(this.#scene.frameCount, this.#stripWidth);
    this.#paint();
  }

  #paint(): void {
    const scene = this.#scene;
    if (scene === null || this.#size.width === 0) return;
    this.#wantFilm(scene);
    this.#paintGround(scene);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#ground, 0, 0);
    context.setTransform(this.#room.ratio, 0, 0, this.#room.ratio, 0, 0);
    this.#paintHover(scene);
    this.#paintPlayhead(scene);
  }

  #paintGround(scene: TimelineScene): void {
    const { lanes, thumbnails, waveform } = this.#options;
    this.#scrollTop = this.#bounded(this.#scrollTop);
    const { frameIndex: _, shownFrame: __, ...still } = scene;
    const sources = [
      ...Object.values(still),
      this.#scale,
      this.#scrollTop,
      lanes.revision,
      thumbnails.revision,
      waveform.revision,
    ];
    if (sources.length === this.#drawn.length && sources.every((each, at) => Object.is(each, this.#drawn[at]))) return;
    this.#drawn = sources;
    const context = this.#ground.getContext('2d', { alpha: false });
    const { rows } = this;
    if (context === null || rows === null) return;
    context.setTransform(this.#room.ratio, 0, 0, this.#room.ratio, 0, 0);
    const view: GroundView = { ...this.#size, rows, scale: this.#scale, scrollTop: this.#scrollTop };
    drawGround(context, scene, this.#options, view);
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

  /** The frame under the pointer, before it is asked for. */
  #paintHover(scene: TimelineScene): void {
    const frame = this.#pointer.hovered;
    if (frame === null || frame === scene.frameIndex) return;
    const context = this.#context;
    const x = Math.round(GUTTER + xOfFrame(this.#scale, frame + 0.5));
    context.fillStyle = scene.colours.muted;
    context.globalAlpha = 0.6;
    context.fillRect(x, RULER_HEIGHT, 1, this.#size.height);
    context.globalAlpha = 1;
    const text = `${frame + scene.firstFrameNumber} · ${formatSecs(scene.secsOf(frame))}`;
    context.font = '600 11px "Inter Variable", system-ui, sans-serif';
    const wide = context.measureText(text).width + 12;
    const left = Math.min(this.#size.width - wide - 4, Math.max(GUTTER, x - wide / 2));
    context.fillStyle = scene.colours.raised;
    context.beginPath();
    context.roundRect(left, 3, wide, 18, 4);
    context.fill();
    context.fillStyle = scene.colours.text;
    context.textBaseline = 'middle';
    context.fillText(text, left + 6, 12.5);
  }

  #wantFilm(scene: TimelineScene): void {
    const frames = filmFrames(scene, this.#scale, this.#stripWidth).map(({ frameIndex }) => frameIndex);
    const key = frames.join();
    if (key === this.#wantedFilm) return;
    this.#wantedFilm = key;
    this.#options.thumbnails.want({ urgent: [], others: frames });
  }
}
