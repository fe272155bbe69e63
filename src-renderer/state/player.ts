import type { FrameTimes } from '../../src-shared/contract/results.ts';
import type { FrameWishes } from '../viewport/frame-pictures.ts';
import type { Desk } from './desk.ts';
import type { Sound } from './sound.ts';

const AHEAD_WHEN_PLAYING = 14;
/** Around a paused frame: the next ones first, since people mostly step forward. */
const AROUND_WHEN_PAUSED = [1, -1, 2, -2, 3, 4, 5, 10, -10];
/** Playing at normal speed is at most this far behind its clock. */
const MOST_LATE_FRAMES = 6;
/** A frame that is this near its key frame is decoded nearly as fast. */
const NEAR_FRAMES = 6;
const SHUTTLE_RATES = [1, 2, 4, 8, 16];
/** Without a picture for this long the clock waits instead of running away. */
const STALL_MILLIS = 250;

/** Moves the playhead. Playing follows the clip's own timestamps; frames that are not ready in time are left out, never shown wrong. */
export class Player {
  readonly #desk: Desk;
  readonly #sound: Sound;
  #timer = 0;
  /** Clip time and wall time at which the current stretch began. */
  #anchor = { ticks: 0, millis: 0 };
  #stalledSince: number | null = null;

  constructor(desk: Desk, sound: Sound) {
    this.#desk = desk;
    this.#sound = sound;
  }

  seek(frameIndex: number): void {
    const { playhead, session } = this.#desk.store.value;
    if (session === null) return;
    const clamped = Math.min(session.state.video.frameCount - 1, Math.max(0, Math.round(frameIndex)));
    this.#move(clamped, playhead.rate);
    if (playhead.rate !== 0) this.#setAnchor(clamped);
  }

  /** Steps from the frame the person is on; pauses. */
  step(frames: number): void {
    this.pause();
    this.seek(this.#desk.store.value.playhead.frameIndex + frames);
  }

  toggle(): void {
    if (this.#desk.store.value.playhead.rate === 0) this.play(1);
    else this.pause();
  }

  pause(): void {
    cancelAnimationFrame(this.#timer);
    this.#sound.stop();
    const { playhead } = this.#desk.store.value;
    if (playhead.rate !== 0) this.#move(playhead.frameIndex, 0);
  }

  /** J and L: each press goes faster in its direction, or turns around. */
  shuttle(direction: 1 | -1): void {
    const { rate } = this.#desk.store.value.playhead;
    const speed = Math.sign(rate) === direction ? Math.abs(rate) : 0;
    const next = SHUTTLE_RATES.find((each) => each > speed) ?? SHUTTLE_RATES[SHUTTLE_RATES.length - 1];
    this.play(direction * next);
  }

  play(rate: number): void {
    const { session, playhead, marks } = this.#desk.store.value;
    if (session === null) return;
    const last = marks.last ?? session.state.video.frameCount - 1;
    const first = marks.first ?? 0;
    const atEnd = rate > 0 ? playhead.frameIndex >= last : playhead.frameIndex <= first;
    const start = atEnd ? (rate > 0 ? first : last) : playhead.frameIndex;
    this.#move(start, rate);
    this.#setAnchor(start);
    cancelAnimationFrame(this.#timer);
    this.#timer = requestAnimationFrame((now) => this.#tick(now));
  }

  /** What to load for a frame: it and its key frame, which is here much sooner; then those around it, the nearest need first. */
  wishes(frameIndex: number): FrameWishes {
    const { session, playhead } = this.#desk.store.value;
    if (session === null) return { urgent: [frameIndex], others: [] };
    const { frameCount } = session.state.video;
    const around = (offsets: readonly number[]) =>
      offsets.map((offset) => frameIndex + offset).filter((each) => each >= 0 && each < frameCount);
    if (playhead.rate === 0) {
      return { urgent: [frameIndex, ...this.#keyFrameBefore(frameIndex)], others: around(AROUND_WHEN_PAUSED) };
    }
    const ahead = Array.from({ length: AHEAD_WHEN_PLAYING }, (_, index) => (index + 1) * Math.sign(playhead.rate));
    return { urgent: [], others: [frameIndex, ...around(ahead)] };
  }

  /** Where it is worth showing until the frame itself is here: none when the frame, or one that is nearer, is. */
  #keyFrameBefore(frameIndex: number): number[] {
    const { session } = this.#desk.store.value;
    const key = session?.times.keyFrames.lastIndexOf(1, frameIndex) ?? -1;
    const nearest = this.#desk.media()?.pictures.nearest(frameIndex, () => true) ?? null;
    const away = nearest === null ? Number.POSITIVE_INFINITY : Math.abs(nearest - frameIndex);
    return key < 0 || frameIndex - key < NEAR_FRAMES || away <= frameIndex - key ? [] : [key];
  }

  #tick(now: number): void {
    const { session, playhead, marks, shownFrame, roughFrame } = this.#desk.store.value;
    const media = this.#desk.media();
    if (session === null || media === null || playhead.rate === 0) {
      this.#sound.stop();
      return;
    }
    this.#timer = requestAnimationFrame((next) => this.#tick(next));
    // The wanted frame is not on screen yet: wait for it, and let the clock wait too when it takes long.
    if (shownFrame !== playhead.frameIndex || roughFrame) {
      this.#stalledSince ??= now;
      if (now - this.#stalledSince > STALL_MILLIS) {
        this.#sound.stop();
        this.#setAnchor(playhead.frameIndex, this.#stalledSince);
      }
      return;
    }
    this.#stalledSince = null;
    const { video } = session.state;
    const first = marks.first ?? 0;
    const last = marks.last ?? video.frameCount - 1;
    const ticksPerMilli = video.timebase.denominator / video.timebase.numerator / 1000;
    const ticks = this.#anchor.ticks + (now - this.#anchor.millis) * playhead.rate * ticksPerMilli;
    const due = Math.min(last, Math.max(first, frameAtTicks(session.times, ticks)));
    const target = this.#readyTowards(playhead.frameIndex, due);
    if (playhead.rate === 1) this.#sound.follow((ticks - video.firstPts) / ticksPerMilli / 1000);
    else this.#sound.stop();
    if (target !== playhead.frameIndex) this.#move(target, playhead.rate);
    if (target === due && (playhead.rate > 0 ? due >= last : due <= first)) this.#turn(first, last);
  }

  /** At the end of the range: from the start again, or rest. */
  #turn(first: number, last: number): void {
    const { looping, playhead } = this.#desk.store.value;
    if (!looping || first === last) {
      this.pause();
      return;
    }
    const start = playhead.rate > 0 ? first : last;
    this.#move(start, playhead.rate);
    this.#setAnchor(start);
  }

  /**
   * The latest frame up to the due one whose picture is here, the very next one when none is; the due one itself when even that would be
   * late, so that pictures are loaded from there on and the clip keeps its time.
   */
  #readyTowards(from: number, due: number): number {
    const { pictures } = this.#desk.media() ?? {};
    const direction = Math.sign(due - from);
    if (direction === 0 || pictures === undefined) return from;
    let ready = due;
    while (ready !== from && !pictures.has(ready)) ready -= direction;
    if (ready === from) ready = from + direction;
    const late = MOST_LATE_FRAMES * Math.max(1, Math.abs(this.#desk.store.value.playhead.rate));
    return Math.abs(due - ready) > late ? due : ready;
  }

  #move(frameIndex: number, rate: number): void {
    this.#desk.store.patch({ playhead: { frameIndex, rate } });
  }

  #setAnchor(frameIndex: number, stalledSince: number | null = null): void {
    const { session } = this.#desk.store.value;
    this.#anchor = { ticks: session?.times.pts[frameIndex] ?? 0, millis: performance.now() };
    this.#stalledSince = stalledSince;
  }
}

/** Frame on screen at a time in ticks: the last one that has begun. */
export function frameAtTicks({ pts }: FrameTimes, ticks: number): number {
  let low = 0;
  let high = pts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (pts[middle] <= ticks) low = middle;
    else high = middle - 1;
  }
  return low;
}
