import type { Thing } from './cast.ts';
import { fractalNoise } from './noise.ts';

/** Half the side of a sprite, in units of the shape: room for the outline and the soft edge of its shadow. */
export const spriteReach = 1.5;
const side = 480;
const channels = 7;

/**
 * A thing baked once: signed distance, surface normal (x, y, z in its own frame) and colour (linear) on a square grid.
 * [side, side, 7].
 */
export interface Sprite {
  readonly thing: Thing;
  readonly texels: Float32Array;
}

export function bakeSprite(thing: Thing): Sprite {
  const { distance } = thing.shape;
  const texels = new Float32Array(side * side * channels);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const x = (column / (side - 1) - 0.5) * 2 * spriteReach;
      const y = (row / (side - 1) - 0.5) * 2 * spriteReach;
      const depth = distance(x, y);
      const [r, g, b] = thing.paint(x, y, depth);
      texels.set([depth, ...normalAt(thing, x, y, depth), r, g, b], (row * side + column) * channels);
    }
  }
  return { thing, texels };
}

/** The edge falls off like a quarter circle of the bevel's width; grain tilts it a little. */
function normalAt(thing: Thing, x: number, y: number, depth: number): readonly [number, number, number] {
  const { distance, bevel } = thing.shape;
  const step = 0.012;
  const gradientX = (distance(x + step, y) - distance(x - step, y)) / (2 * step);
  const gradientY = (distance(x, y + step) - distance(x, y - step)) / (2 * step);
  const slope = 1 - Math.min(1, Math.max(0, -depth / bevel));
  const grain = (seed: number) => 0.16 * (fractalNoise(x * 30, y * 30, seed, 2) - 0.5);
  const tiltX = gradientX * slope * 0.985 + grain(31);
  const tiltY = gradientY * slope * 0.985 + grain(32);
  const lift = Math.sqrt(Math.max(0.03, 1 - tiltX * tiltX - tiltY * tiltY));
  const length = Math.hypot(tiltX, tiltY, lift);
  return [tiltX / length, tiltY / length, lift / length];
}

/** Bilinear sample into `target` [7]; false outside the sprite. */
export function sampleSprite({ texels }: Sprite, x: number, y: number, target: Float32Array): boolean {
  const column = (x / (2 * spriteReach) + 0.5) * (side - 1);
  const row = (y / (2 * spriteReach) + 0.5) * (side - 1);
  if (column < 0 || row < 0 || column >= side - 1 || row >= side - 1) return false;
  const left = column | 0;
  const top = row | 0;
  const u = column - left;
  const v = row - top;
  const at = (top * side + left) * channels;
  const below = at + side * channels;
  for (let channel = 0; channel < channels; channel++) {
    const upper = texels[at + channel] * (1 - u) + texels[at + channels + channel] * u;
    const lower = texels[below + channel] * (1 - u) + texels[below + channels + channel] * u;
    target[channel] = upper * (1 - v) + lower * v;
  }
  return true;
}

/** The signed distance alone, in units of the shape; a large number outside the sprite. */
export function sampleDistance({ texels }: Sprite, x: number, y: number): number {
  const column = (x / (2 * spriteReach) + 0.5) * (side - 1);
  const row = (y / (2 * spriteReach) + 0.5) * (side - 1);
  if (column < 0 || row < 0 || column >= side - 1 || row >= side - 1) return 9;
  const left = column | 0;
  const top = row | 0;
  const u = column - left;
  const v = row - top;
  const at = (top * side + left) * channels;
  const below = at + side * channels;
  const upper = texels[at] * (1 - u) + texels[at + channels] * u;
  const lower = texels[below] * (1 - u) + texels[below + channels] * u;
  return upper * (1 - v) + lower * v;
}
