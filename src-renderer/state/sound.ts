import type { Desk } from './desk.ts';

const RATE = 48_000;
/** Clip seconds in one piece. */
const PIECE_SECS = 8;
const MOST_PIECES = 8;
/** Sound that has drifted further from the picture than this is placed anew. */
const MOST_DRIFT_SECS = 0.08;

/**
 * The sound of the clip while it plays at its own speed, a slave of the frame clock: pieces are decoded by the engine, placed exactly on
 * the audio clock, and placed anew when the picture has waited or jumped.
 */
export class Sound implements Disposable {
  readonly #desk: Desk;
  readonly #pieces = new Map<number, Promise<AudioBuffer | null>>();
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #sources: AudioBufferSourceNode[] = [];
  /** Audio time at which the clip's first frame was, were it played from there; null: silent. */
  #zeroAt: number | null = null;
  #nextPiece = 0;
  #owner = '';

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Plays on from a clip time, or keeps playing when it already is there. Called for each frame of the picture. */
  follow(clipSecs: number): void {
    const { session, settings } = this.#desk.store.value;
    if (session === null || session.state.video.audio.length === 0) return;
    if (settings.muted || settings.volume === 0) {
      this.stop();
      return;
    }
    const context = this.#open(session.sessionId);
    if (this.#gain !== null) this.#gain.gain.value = settings.volume;
    const drift = this.#zeroAt === null ? Number.POSITIVE_INFINITY : context.currentTime - this.#zeroAt - clipSecs;
    if (Math.abs(drift) > MOST_DRIFT_SECS) {
      this.stop();
      this.#zeroAt = context.currentTime - clipSecs;
      this.#nextPiece = Math.floor(clipSecs / PIECE_SECS);
    }
    // One piece ahead of the one that plays.
    while (this.#nextPiece <= Math.floor(clipSecs / PIECE_SECS) + 1) this.#place(this.#nextPiece++);
  }

  stop(): void {
    for (const source of this.#sources) source.stop();
    this.#sources = [];
    this.#zeroAt = null;
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#pieces.clear();
    void this.#context?.close();
    this.#context = null;
  }

  #open(sessionId: string): AudioContext {
    if (sessionId !== this.#owner) {
      this.stop();
      this.#pieces.clear();
      this.#owner = sessionId;
    }
    if (this.#context === null) {
      this.#context = new AudioContext({ sampleRate: RATE });
      this.#gain = this.#context.createGain();
      this.#gain.connect(this.#context.destination);
    }
    if (this.#context.state === 'suspended') void this.#context.resume();
    return this.#context;
  }

  /** Starts a piece at its time on the audio clock; one that arrives late starts in its middle. */
  #place(number: number): void {
    const zeroAt = this.#zeroAt;
    void this.#piece(number).then((buffer) => {
      const context = this.#context;
      // The picture has jumped meanwhile: this piece was for before.
      if (buffer === null || context === null || this.#gain === null || zeroAt === null || this.#zeroAt !== zeroAt)
        return;
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(this.#gain);
      const at = zeroAt + number * PIECE_SECS;
      const late = Math.max(0, context.currentTime - at);
      if (late >= buffer.duration) return;
      source.start(Math.max(at, context.currentTime), late);
      source.onended = () => {
        this.#sources = this.#sources.filter((each) => each !== source);
      };
      this.#sources.push(source);
    });
  }

  #piece(number: number): Promise<AudioBuffer | null> {
    const held = this.#pieces.get(number);
    if (held !== undefined) return held;
    const piece = this.#load(number).catch(() => {
      // Playing goes on without sound; the next time it is asked for again.
      this.#pieces.delete(number);
      return null;
    });
    this.#pieces.set(number, piece);
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > MOST_PIECES) this.#pieces.delete(oldest);
    return piece;
  }

  async #load(number: number): Promise<AudioBuffer | null> {
    const { session } = this.#desk.store.value;
    if (session === null) return null;
    const count = PIECE_SECS * RATE;
    const { sessionId } = session;
    const { samples } = await this.#desk.client().sound({ sessionId, firstSample: number * count, count });
    if (samples.length === 0) return null;
    const buffer = new AudioBuffer({ length: count, numberOfChannels: 2, sampleRate: RATE });
    for (const channel of [0, 1]) {
      const out = buffer.getChannelData(channel);
      for (let at = 0; at < count; at++) out[at] = samples[2 * at + channel] / 32_768;
    }
    return buffer;
  }
}
