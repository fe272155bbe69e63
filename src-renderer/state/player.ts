import type { FrameTimes } from '../../src-shared/contract/results.ts';
import type { FramePictures, FrameWishes } from '../viewport/frame-pictures.ts';
import type { Desk } from './desk.ts';
import { framesAhead, jumpWhenLate } from './frames-ahead.ts';
import type { Sound } from './sound.ts';

/** Around a paused frame: the next ones first, since people mostly step forward. */
const AROUND_WHEN_PAUSED = [1, -1, 2, -2, 3, 4, 5, 10, -10];
/** A frame that is this near its key frame is decoded nearly as fast. */
const NEAR_FRAMES = 6;
const SHUTTLE_RATES = [1, 2, 4, 8, 16];
/** The clock starts when this share of the frames ahead is here, or after so long. */
const PREROLL_SHARE = 0.9;
const MOST_PREROLL_MILLIS = 1500;
/** Without any new picture for this long the clock waits instead of running away. */
const STALL_MILLIS = 3000;
/**
 * Pictures on their way that are this near to the due one stay wished, also late ones: on a busy machine each may take seconds, and giving
 * them up would leave nothing to show.
 */
const USEFUL_FRAMES = 250;

/** Moves the playhead. Playing follows the clip's own timestamps; frames that are not ready in time are left out, never shown wrong. */
export class Player {
  readonly #desk: Desk;
  readonly #sound: Sound;
  #timer = 0;
  /** Clip time and wall time at which the current stretch began. */
  #anchor = { ticks: 0, millis: 0 };
  /** Frames before it are too late to be loaded. */
  #from = 0;
  /** Since when the first picture that moves is waited for; null: the clip runs. */
  #waitingSince: number | null = null;
  /** What was last asked for while playing, and from which pictures. */
  #ahead: { readonly frames: readonly number[]; readonly source: FramePictures } | null = null;
  /** What was on screen, and since when. */
  #seen = { frameIndex: null as number | null, millis: 0 };

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

  /** Rests on the frame that the person sees: what is due may not be on screen. */
  pause(): void {
    this.#rest(this.#seenFrame());
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
    this.#holdFilm(true);
    this.#ahead = null;
    this.#move(start, rate);
    this.#setAnchor(start);
    this.#waitingSince = performance.now();
    cancelAnimationFrame(this.#timer);
    this.#timer = requestAnimationFrame((now) => this.#tick(now));
  }

  /** What to load for a frame: it and its key frame, which is here much sooner; then those around it, the nearest need first. */
  wishes(frameIndex: number, pictures: FramePictures): FrameWishes {
    const { session, playhead, looping } = this.#desk.store.value;
    if (session === null) return { urgent: [frameIndex], others: [] };
    const { frameCount, durationSecs } = session.state.video;
    const { rate } = playhead;
    if (rate === 0) {
      const around = AROUND_WHEN_PAUSED.map((offset) => frameIndex + offset);
      const others = around.filter((each) => each >= 0 && each < frameCount);
      return { urgent: [frameIndex, ...this.#keyFrameBefore(frameIndex, pictures)], others };
    }
    const framesPerSec = frameCount / Math.max(durationSecs, 1e-3);
    const { shownFrame } = this.#desk.store.value;
    const jump = jumpWhenLate({ due: frameIndex, shown: shownFrame, rate, from: this.#from, framesPerSec });
    if (jump !== null) this.#from = jump;
    const range = this.#range();
    const others = framesAhead({ due: frameIndex, shown: shownFrame, from: this.#from, rate, ...range, looping });
    this.#ahead = { frames: others, source: pictures };
    const wished = new Set(others);
    const late = USEFUL_FRAMES * Math.max(1, Math.abs(rate));
    const keeps = (each: number) => wished.has(each) || Math.abs(each - frameIndex) <= late;
    return { urgent: [], others, keeps };
  }

  /** Where it would be shown until the frame itself is here: none when the frame is, or something nearer, be it of the film. */
  #keyFrameBefore(frameIndex: number, pictures: FramePictures): number[] {
    const { session } = this.#desk.store.value;
    const key = session?.times.keyFrames.lastIndexOf(1, frameIndex) ?? -1;
    const distance = frameIndex - key;
    if (key < 0 || distance < NEAR_FRAMES) return [];
    const away = (nearest: number | null) =>
      nearest === null ? Number.POSITIVE_INFINITY : Math.abs(nearest - frameIndex);
    const film = this.#desk.media()?.thumbnails.nearest(frameIndex, () => true) ?? null;
    const isStandingIn = away(pictures.nearest(frameIndex, () => true)) <= distance || away(film) <= distance;
    return isStandingIn ? [] : [key];
  }

  /** The frames that are played. */
  #range(): { readonly first: number; readonly last: number } {
    const { session, marks } = this.#desk.store.value;
    return { first: marks.first ?? 0, last: marks.last ?? (session?.state.video.frameCount ?? 1) - 1 };
  }

  #tick(now: number): void {
    const { session, playhead } = this.#desk.store.value;
    if (session === null || this.#desk.media() === null || playhead.rate === 0) {
      this.#sound.stop();
      return;
    }
    this.#timer = requestAnimationFrame((next) => this.#tick(next));
    if (this.#isWaiting(now) || this.#isStalled(now)) {
      this.#sound.stop();
      this.#anchor = { ticks: session.times.pts[playhead.frameIndex], millis: now };
      return;
    }
    const { times, state } = session;
    const { video } = state;
    const { rate } = playhead;
    const { first, last } = this.#range();
    const ticksPerMilli = video.timebase.denominator / video.timebase.numerator / 1000;
    const ticks = this.#anchor.ticks + (now - this.#anchor.millis) * rate * ticksPerMilli;
    if (rate === 1) this.#sound.follow((ticks - video.firstPts) / ticksPerMilli / 1000);
    else this.#sound.stop();
    const due = Math.min(last, Math.max(first, frameAtTicks(times, ticks)));
    if (due !== playhead.frameIndex) this.#move(due, rate);
    if (rate > 0 ? ticks >= endOf(times, last) : ticks < times.pts[first]) this.#turn(first, last);
  }

  /** Whether the clip has just been started and too little of what comes is decoded: a decoder takes a moment to begin. */
  #isWaiting(now: number): boolean {
    if (this.#waitingSince === null) return false;
    const full = this.#desk.media()?.pictures;
    const { frames, source } = this.#ahead ?? { frames: [], source: null };
    const here = frames.filter((frame) => source?.has(frame) === true || full?.has(frame) === true);
    const isReady = source !== null && here.length >= frames.length * PREROLL_SHARE;
    if (!isReady && now - this.#waitingSince < MOST_PREROLL_MILLIS) return true;
    this.#waitingSince = null;
    return false;
  }

  /** Whether the screen has stood still for long because nothing comes. */
  #isStalled(now: number): boolean {
    const { playhead, shownFrame } = this.#desk.store.value;
    if (shownFrame !== this.#seen.frameIndex || shownFrame === playhead.frameIndex) {
      this.#seen = { frameIndex: shownFrame, millis: now };
    }
    return now - this.#seen.millis > STALL_MILLIS;
  }

  /** At the end of the range: from the start again, or rest. */
  #turn(first: number, last: number): void {
    const { looping, playhead } = this.#desk.store.value;
    if (!looping || first === last) {
      this.#rest(playhead.frameIndex);
      return;
    }
    const start = playhead.rate > 0 ? first : last;
    this.#move(start, playhead.rate);
    this.#setAnchor(start);
  }

  /** Pictures of the film wait while the clip plays: each is a decode of its own. */
  #holdFilm(isHeld: boolean): void {
    const media = this.#desk.media();
    if (media !== null) media.thumbnails.isHeld = isHeld;
  }

  #rest(frameIndex: number): void {
    cancelAnimationFrame(this.#timer);
    this.#holdFilm(false);
    this.#sound.stop();
    if (this.#desk.store.value.playhead.rate !== 0) this.#move(frameIndex, 0);
  }

  /** The frame on screen; the due one where what is on screen is from before the clip was started or moved. */
  #seenFrame(): number {
    const { session, playhead, shownFrame } = this.#desk.store.value;
    const { frameIndex, rate } = playhead;
    if (session === null || shownFrame === null) return frameIndex;
    const start = frameAtTicks(session.times, this.#anchor.ticks);
    const isBetween = (shownFrame - start) * rate >= 0 && (frameIndex - shownFrame) * rate >= 0;
    return isBetween ? shownFrame : frameIndex;
  }

  #move(frameIndex: number, rate: number): void {
    this.#desk.store.patch({ playhead: { frameIndex, rate } });
  }

  #setAnchor(frameIndex: number): void {
    const { session, shownFrame } = this.#desk.store.value;
    const millis = performance.now();
    this.#anchor = { ticks: session?.times.pts[frameIndex] ?? 0, millis };
    this.#from = frameIndex;
    this.#seen = { frameIndex: shownFrame, millis };
  }
}

/** When the next frame takes over from this one; after the last one, when it has stayed as long as the one before it. */
function endOf({ pts }: FrameTimes, frameIndex: number): number {
  return pts[frameIndex + 1] ?? pts[frameIndex] + (frameIndex > 0 ? pts[frameIndex] - pts[frameIndex - 1] : 0);
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
