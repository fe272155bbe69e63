import { linearFromHex } from './cast.ts';
import { fractalNoise, hash2, mix, smoothstep } from './noise.ts';

export const width = 1280;
export const height = 720;

/** A plane of linear RGB floats [height, width, 3]. */
export type Canvas = Float32Array<ArrayBuffer>;

const wallTop = linearFromHex('#f4eee4');
const wallLow = linearFromHex('#e8ded0');
const floorFar = linearFromHex('#dfd3c2');
const floorNear = linearFromHex('#ece3d6');

/** A seamless paper sweep: wall, soft bend, floor; with fibres and grain. Made once. */
export function paperStage(): Canvas {
  const canvas = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const bend = smoothstep(415, 525, y);
    const wall = smoothstep(-80, 450, y);
    const floor = smoothstep(470, 740, y);
    for (let x = 0; x < width; x++) {
      const fibre = fractalNoise(x / 46, y / 7, 3, 3) + fractalNoise(x / 6, y / 40, 4, 3) - 1;
      const grain = fractalNoise(x / 2.4, y / 2.4, 5, 2) - 0.5;
      const mottle = fractalNoise(x / 210, y / 160, 6, 3) - 0.5;
      const fall = 1 - 0.16 * smoothstep(380, 900, Math.hypot((x - 560) * 0.9, y - 330));
      const shade = fall * (1 + 0.018 * fibre + 0.03 * grain + 0.05 * mottle);
      for (let channel = 0; channel < 3; channel++) {
        const upper = mix(wallTop[channel], wallLow[channel], wall);
        const lower = mix(floorFar[channel], floorNear[channel], floor);
        canvas[(y * width + x) * 3 + channel] = mix(upper, lower, bend) * shade;
      }
    }
  }
  return canvas;
}

/** Window light that wanders slowly over the wall, and leaves moving in front of the window: 0..1 on a coarse grid. */
export function windowLight(secs: number): (x: number, y: number) => number {
  const step = 16;
  const columns = width / step + 2;
  const rows = height / step + 2;
  const grid = new Float32Array(columns * rows);
  const drift = 70 * Math.sin(secs * 0.32 - 0.5);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      grid[row * columns + column] = paneLight(column * step - drift, row * step, secs);
    }
  }
  return (x, y) => {
    const column = Math.floor(x / step);
    const row = Math.floor(y / step);
    const u = x / step - column;
    const at = row * columns + column;
    const above = mix(grid[at], grid[at + 1], u);
    const below = mix(grid[at + columns], grid[at + columns + 1], u);
    return mix(above, below, y / step - row);
  };
}

function paneLight(x: number, y: number, secs: number): number {
  // The wall is lit at a slant; on the floor the same light runs flatter.
  const slanted = x - 250 + y * 0.42;
  const pane = (from: number, to: number, value: number, soft: number) =>
    smoothstep(from - soft, from + soft, value) * smoothstep(to + soft, to - soft, value);
  const across = pane(120, 330, slanted, 46) + pane(372, 582, slanted, 46) + 0.7 * pane(760, 900, slanted, 70);
  const down = pane(-200, 214, y, 40) + pane(262, 640, y, 52);
  const sway = 26 * Math.sin(secs * 0.9 + y * 0.006);
  const leaves = smoothstep(0.46, 0.66, fractalNoise((x + sway) / 92 + secs * 0.05, y / 80, 8, 2));
  return Math.min(1, across) * Math.min(1, down) * (1 - 0.5 * leaves);
}

/** Linear to 8-bit sRGB with a soft shoulder and a fixed dither against banding; `target` [height * width * 3]. */
export function develop(canvas: Canvas, target: Uint8Array): void {
  for (let at = 0; at < canvas.length; at++) {
    const light = canvas[at];
    const shoulder = light <= 0.82 ? light : 0.82 + 0.18 * (1 - Math.exp(-(light - 0.82) / 0.18));
    const dither = dithers[at % dithers.length] - 0.5;
    target[at] = Math.max(0, Math.min(255, Math.round(255 * shoulder ** (1 / 2.2) + dither * 0.9)));
  }
}

const dithers = Float32Array.from({ length: 65_521 }, (_, at) => hash2(at, 3, 99));
