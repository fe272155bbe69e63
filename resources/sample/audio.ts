import type { ThingName } from './cast.ts';
import { durationSecs, type Touch, touches } from './choreography.ts';
import { whiteNoise } from './noise.ts';

export const sampleRate = 48_000;
const length = sampleRate * durationSecs;

/** Stereo floats, about -1..1. */
interface Mix {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

const semitone = (steps: number) => 261.6256 * 2 ** (steps / 12);

/** Each thing walks through notes of its own; all lie in C major pentatonic, so any two sound well together. */
const notes: Partial<Record<ThingName, readonly number[]>> = {
  star: [16, 19, 24, 21, 19, 14, 16, 12],
  triangle: [9, 7, 4, 7],
  box: [-12, -5, -10, -12],
  ball: [0, 4, 7],
};

/** The sound of the clip as a 16-bit WAV file: plucks where things touch the floor, a soft chord beneath, a small room. */
export function soundtrack(): Uint8Array {
  const mix: Mix = { left: new Float32Array(length), right: new Float32Array(length) };
  const counts = new Map<ThingName, number>();
  for (const touch of touches()) {
    const turn = counts.get(touch.thing) ?? 0;
    counts.set(touch.thing, turn + 1);
    const walk = notes[touch.thing] ?? [0];
    strike(mix, touch, semitone(walk[turn % walk.length]));
  }
  addChords(mix);
  addRoom(mix);
  return wave(mix);
}

function strike(mix: Mix, touch: Touch, hertz: number): void {
  const pan = Math.min(1, Math.max(0, touch.x / 1280)) * 0.7 + 0.15;
  const gain = 0.3 + 0.3 * touch.strength;
  const start = Math.round(touch.atSecs * sampleRate);
  const tone = touch.thing === 'box' ? knock(hertz) : pluck(hertz, Math.round(touch.atSecs * 10));
  for (let at = 0; at < tone.length && start + at < length; at++) {
    mix.left[start + at] += tone[at] * gain * Math.cos((pan * Math.PI) / 2);
    mix.right[start + at] += tone[at] * gain * Math.sin((pan * Math.PI) / 2);
  }
}

/** A plucked string (Karplus and Strong): a burst of noise that runs round a delay line through a soft filter. */
function pluck(hertz: number, seed: number): Float32Array {
  const noise = whiteNoise(seed);
  const period = Math.round(sampleRate / hertz);
  const string = Float32Array.from({ length: period }, noise);
  // A plectrum of felt: the burst is smoothed before it starts.
  for (let pass = 0; pass < 3; pass++) {
    for (let at = 1; at < period; at++) string[at] = 0.5 * (string[at] + string[at - 1]);
  }
  const tone = new Float32Array(Math.round(sampleRate * 1.9));
  for (let at = 0; at < tone.length; at++) {
    const place = at % period;
    const now = string[place];
    tone[at] = now * 1.6 * Math.min(1, at / 60);
    string[place] = 0.9965 * (0.52 * now + 0.48 * string[(place + 1) % period]);
  }
  return tone;
}

/** A wooden bar: three partials that die at their own pace, with a soft thud before them. */
function knock(hertz: number): Float32Array {
  const noise = whiteNoise(5);
  const tone = new Float32Array(Math.round(sampleRate * 1.2));
  for (let at = 0; at < tone.length; at++) {
    const secs = at / sampleRate;
    const partial = (ratio: number, decay: number) =>
      Math.sin(2 * Math.PI * hertz * ratio * secs) * Math.exp(-decay * secs);
    const thud = noise() * Math.exp(-160 * secs) * 0.2;
    tone[at] =
      Math.min(1, at / 90) * (0.75 * partial(1, 5) + 0.22 * partial(3.93, 14) + 0.08 * partial(9.2, 30) + thud);
  }
  return tone;
}

/** Two slow chords, eight seconds in all, hardly there. */
function addChords(mix: Mix): void {
  const chords = [
    [-24, -12, -5, 2, 4],
    [-27, -15, -8, 0, 4],
    [-31, -19, -12, -3, 2],
    [-24, -12, -5, 0, 7],
  ];
  const each = durationSecs / chords.length;
  for (let at = 0; at < length; at++) {
    const secs = at / sampleRate;
    chords.forEach((chord, index) => {
      const since = secs - index * each + 0.35;
      if (since < 0 || since > each + 0.9) return;
      const swell = Math.sin((Math.PI * since) / (each + 0.9)) ** 2 * 0.021;
      chord.forEach((steps, voice) => {
        const hertz = semitone(steps);
        mix.left[at] += swell * Math.sin(2 * Math.PI * (hertz - 0.25) * secs + voice);
        mix.right[at] += swell * Math.sin(2 * Math.PI * (hertz + 0.25) * secs + voice * 1.3);
      });
    });
  }
}

/** Four damped echoes a side, mixed beneath the dry sound. */
function addRoom(mix: Mix): void {
  for (const [side, delays] of [
    [mix.left, [1687, 1931, 2269, 2503]],
    [mix.right, [1733, 1979, 2213, 2557]],
  ] as const) {
    const dry = Float32Array.from(side);
    for (const delay of delays) {
      const line = new Float32Array(delay);
      let dull = 0;
      for (let at = 0; at < length; at++) {
        const echo = line[at % delay];
        dull += 0.35 * (echo - dull);
        line[at % delay] = dry[at] + 0.8 * dull;
        side[at] += 0.075 * echo;
      }
    }
  }
}

function wave({ left, right }: Mix): Uint8Array {
  const bytes = Buffer.alloc(44 + length * 4);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + length * 4, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * 4, 28);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(length * 4, 40);
  const loudest = left.reduce((peak, value, at) => Math.max(peak, Math.abs(value), Math.abs(right[at])), 1e-6);
  for (let at = 0; at < length; at++) {
    // Faded at the very end, so that the loop does not click.
    const gain = (0.7 / loudest) * Math.min(1, (length - at) / (0.5 * sampleRate), at / 200);
    bytes.writeInt16LE(Math.round(left[at] * gain * 32_767), 44 + at * 4);
    bytes.writeInt16LE(Math.round(right[at] * gain * 32_767), 46 + at * 4);
  }
  return bytes;
}
