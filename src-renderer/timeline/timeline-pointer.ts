import { promptAt } from './draw-lane.ts';
import { frameAt, type TimeScale, xOfFrame } from './time-scale.ts';
import { GUTTER, type LaneRows, RULER_HEIGHT, rowAt } from './timeline-layout.ts';
import type { TimelineActions, TimelineScene } from './timeline-scene.ts';

/** What the mouse works on. */
export interface PointedTimeline {
  readonly canvas: HTMLCanvasElement;
  readonly scene: TimelineScene | null;
  readonly rows: LaneRows | null;
  readonly scale: TimeScale;
  readonly scrollTop: number;
  repaint(): void;
  zoom(factor: number, x: number): void;
  scroll(pixels: number): void;
  scrollLanes(pixels: number): void;
}

type Held = 'playhead' | 'in' | 'out';
const MARK_REACH = 6;

/** What the mouse does on a timeline: drag the playhead or a mark, select, zoom at the pointer, scroll. */
export class TimelinePointer implements Disposable {
  readonly #timeline: PointedTimeline;
  readonly #actions: TimelineActions;
  readonly #listening = new AbortController();
  #held: Held | null = null;
  #hovered: number | null = null;

  constructor(timeline: PointedTimeline, actions: TimelineActions) {
    this.#timeline = timeline;
    this.#actions = actions;
    const { canvas } = timeline;
    const { signal } = this.#listening;
    canvas.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    canvas.addEventListener('pointermove', (event) => this.#move(event), { signal });
    for (const name of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(name, () => this.#release(), { signal });
    }
    canvas.addEventListener('pointerleave', () => this.#hover(null), { signal });
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
  }

  /** Whether something is being dragged. */
  get holds(): boolean {
    return this.#held !== null;
  }
  /** Frame under the pointer; null while it is elsewhere or drags. */
  get hovered(): number | null {
    return this.#held === null ? this.#hovered : null;
  }

  [Symbol.dispose](): void {
    this.#listening.abort();
  }

  #down(event: PointerEvent): void {
    const { scene, rows, scale, scrollTop, canvas } = this.#timeline;
    if (scene === null || rows === null || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const row = rowAt(rows, event.offsetY, scrollTop);
    if (row === 'overview' && event.offsetX < GUTTER) {
      this.#actions.unfold(!scene.unfolded);
      return;
    }
    if (row !== null && row !== 'overview') {
      const prompt = promptAt(scene.prompts.get(row.objectId) ?? [], scale, event.offsetX - GUTTER);
      if (prompt !== null) {
        this.#actions.selectPrompt(prompt.promptId, prompt.objectId, prompt.frameIndex);
        return;
      }
      this.#actions.selectObject(row.objectId);
    }
    if (event.offsetX < GUTTER - 8) return;
    this.#held = this.#markAt(scene, event) ?? 'playhead';
    this.#drag(event);
  }

  #move(event: PointerEvent): void {
    const { scene, scale, canvas } = this.#timeline;
    if (scene === null) return;
    if (this.#held !== null) {
      this.#drag(event);
      return;
    }
    canvas.style.cursor = this.#markAt(scene, event) === null ? '' : 'ew-resize';
    const x = event.offsetX - GUTTER;
    const inside = x >= 0 && x <= xOfFrame(scale, scene.frameCount);
    this.#hover(inside ? frameAt(scale, x, scene.frameCount) : null);
  }

  #hover(frame: number | null): void {
    if (frame === this.#hovered) return;
    this.#hovered = frame;
    this.#timeline.repaint();
  }

  #drag(event: PointerEvent): void {
    const { scene, scale } = this.#timeline;
    if (scene === null) return;
    const frame = frameAt(scale, event.offsetX - GUTTER, scene.frameCount);
    const { first, last } = scene.marks;
    if (this.#held === 'in') this.#actions.setMarks({ first: Math.min(frame, last ?? frame), last });
    else if (this.#held === 'out') this.#actions.setMarks({ first, last: Math.max(frame, first ?? frame) });
    else this.#actions.seek(frame);
  }

  #release(): void {
    this.#held = null;
  }

  /** The bracket in the ruler that is close enough to be taken hold of. */
  #markAt({ marks }: TimelineScene, { offsetX, offsetY }: PointerEvent): Held | null {
    if (offsetY > RULER_HEIGHT) return null;
    const { scale } = this.#timeline;
    const near = (frame: number) => Math.abs(GUTTER + xOfFrame(scale, frame) - offsetX) <= MARK_REACH;
    if (marks.first !== null && near(marks.first)) return 'in';
    return marks.last !== null && near(marks.last + 1) ? 'out' : null;
  }

  #wheel(event: WheelEvent): void {
    const timeline = this.#timeline;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      timeline.zoom(Math.exp(-event.deltaY * 0.004), Math.max(0, event.offsetX - GUTTER));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      timeline.scroll(event.deltaX + event.deltaY);
    } else timeline.scrollLanes(event.deltaY);
  }
}
